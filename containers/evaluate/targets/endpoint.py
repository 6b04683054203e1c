"""Asks a SageMaker endpoint that speaks the Hugging Face text-generation format."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

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
        marked = {"InferenceId": self.target.inference_id} if self.target.inference_id else {}
        try:
            response = self.client.invoke_endpoint(
                EndpointName=self.target.endpoint_name,
                ContentType="application/json",
                Accept="application/json",
                Body=json.dumps({"inputs": prompt, "parameters": self.parameters}),
                **marked,
            )
            text = generated_text(response["Body"].read())
        except ClientError as error:
            raise _not_answered(error) from error
        except BotoCoreError as error:
            raise NotAnswered(f"{type(error).__name__}: {error}", Trouble.BROKEN) from error
        count: Callable[[str], int | None] = self.tokenizer.count if self.tokenizer else lambda _: None
        return Reply(text, count(prompt), count(text))


def generated_text(body: bytes) -> str:
    """The text in an endpoint's response. NotAnswered where the response has another form."""
    try:
        document = json.loads(body)
        text = (document[0] if isinstance(document, list) else document)["generated_text"]
    except (ValueError, LookupError, TypeError) as error:
        raise NotAnswered("the response is not in the Hugging Face text-generation format", Trouble.REFUSED) from error
    if not isinstance(text, str):
        raise NotAnswered("generated_text is no text", Trouble.REFUSED)
    return text


def _not_answered(error: ClientError) -> NotAnswered:
    # ModelError carries what the model's own server answered.
    status = error.response.get("OriginalStatusCode")
    if status is None:
        return of_client_error(error, _CODES)
    message = error.response.get("Error", {}).get("Message", "")
    trouble = of_status(int(status))
    # A model's server says 404 or 403 of a prompt if of anything: SageMaker found the endpoint.
    return NotAnswered(f"ModelError {status}: {message}", Trouble.REFUSED if trouble is Trouble.FORBIDDEN else trouble)
