"""Asks a SageMaker endpoint that speaks the Hugging Face text-generation format."""

import json
import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from containers.evaluate.chat import Tokenizer
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.targets.asking import NotAnswered, Reply, Trouble, of_client_error, of_status, patient
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import EndpointTarget

_CODES = {
    # So SageMaker says that it has no endpoint of the name.
    "ValidationError": Trouble.FORBIDDEN,
    "ValidationException": Trouble.FORBIDDEN,
    "AccessDeniedException": Trouble.FORBIDDEN,
    "ThrottlingException": Trouble.THROTTLED,
    "ModelNotReadyException": Trouble.BROKEN,
}


LIKELIHOOD: Final[dict[str, Any]] = {
    # The least that an endpoint writes.
    "max_new_tokens": 1,
    "do_sample": False,
    "return_full_text": False,
    "details": True,
    "decoder_input_details": True,
}
"""Asks text-generation-inference how likely each token of the prompt was."""


class Endpoint(NamedTuple):
    """One endpoint and how it is asked."""

    client: Any
    target: EndpointTarget
    parameters: dict[str, Any]
    tokenizer: Tokenizer | None = None

    @classmethod
    def of(
        cls, target: EndpointTarget, decoding: Decoding, connections: int, tokenizer: Tokenizer | None
    ) -> "Endpoint":
        if target.endpoint_name is None:
            raise EvaluationFailed(
                "Every answer was to be known, and some are not: start the run again, and the candidate is hosted."
            )
        client = boto3.client("sagemaker-runtime", region_name=target.region, config=patient(connections))
        return cls(client, target, decoding.parameters(), tokenizer)

    def ask(self, prompt: str) -> Reply:
        """The answer to one prompt. NotAnswered where there is none."""
        text = generated_text(self.invoke(prompt, self.parameters))
        count: Callable[[str], int | None] = self.tokenizer.count if self.tokenizer else lambda _: None
        return Reply(text, count(prompt), count(text))

    def invoke(self, prompt: str, parameters: dict[str, Any]) -> bytes:
        """What the endpoint says. NotAnswered where it says nothing."""
        marked = {"InferenceId": self.target.inference_id} if self.target.inference_id else {}
        try:
            response = self.client.invoke_endpoint(
                EndpointName=self.target.endpoint_name,
                ContentType="application/json",
                Accept="application/json",
                Body=json.dumps({"inputs": prompt, "parameters": parameters}),
                **marked,
            )
            body: bytes = response["Body"].read()
        except ClientError as error:
            raise _not_answered(error) from error
        except BotoCoreError as error:
            raise NotAnswered(f"{type(error).__name__}: {error}", Trouble.BROKEN) from error
        return body


class Likelihood(NamedTuple):
    """The same endpoint, asked how likely it finds a prompt; the answer is the number as a text."""

    endpoint: Endpoint

    def ask(self, prompt: str) -> Reply:
        """The prompt's log-probability. NotAnswered where the endpoint tells none."""
        return Reply(repr(log_probability(self.endpoint.invoke(prompt, LIKELIHOOD))))


def log_probability(body: bytes) -> float:
    """The sum over a prompt's tokens but the first, which nothing stands before. NotAnswered where there are none."""
    try:
        tokens = _first(body)["details"]["prefill"]
        told = [token["logprob"] for token in tokens if token["logprob"] is not None]
        total = math.fsum(told)
    except (ValueError, LookupError, TypeError) as error:
        raise NotAnswered("the response has no details.prefill with log-probabilities", Trouble.REFUSED) from error
    if not told:
        raise NotAnswered("details.prefill of the response is empty", Trouble.REFUSED)
    return total


def generated_text(body: bytes) -> str:
    """The text in an endpoint's response. NotAnswered where the response has another form."""
    try:
        text = _first(body)["generated_text"]
    except (ValueError, LookupError, TypeError) as error:
        raise NotAnswered("the response is not in the Hugging Face text-generation format", Trouble.REFUSED) from error
    if not isinstance(text, str):
        raise NotAnswered("generated_text is no text", Trouble.REFUSED)
    return text


def _first(body: bytes) -> Any:
    document = json.loads(body)
    return document[0] if isinstance(document, list) else document


def _not_answered(error: ClientError) -> NotAnswered:
    # ModelError carries what the model's own server answered.
    status = error.response.get("OriginalStatusCode")
    if status is None:
        return of_client_error(error, _CODES)
    message = error.response.get("Error", {}).get("Message", "")
    trouble = of_status(int(status))
    # A model's server says 404 or 403 of a prompt if of anything: SageMaker found the endpoint.
    return NotAnswered(f"ModelError {status}: {message}", Trouble.REFUSED if trouble is Trouble.FORBIDDEN else trouble)
