"""Asks a SageMaker endpoint that speaks the Hugging Face text-generation format."""

import json
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from fmops.evaluation.models import Decoding, EndpointTarget

_READ_TIMEOUT = 190  # SageMaker itself gives up after 60; endpoints on small machines take longer.
_LONGEST_REASON = 300
# Refused for good: the same request would be refused again.
_FINAL = frozenset({"ValidationError", "ValidationException", "AccessDeniedException"})


class NotAnswered(Exception):
    """The endpoint gave no answer to one prompt."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason[:_LONGEST_REASON])
        self.final = final


class Endpoint(NamedTuple):
    """One endpoint and how it is asked."""

    client: Any
    name: str
    parameters: dict[str, Any]

    @classmethod
    def of(cls, target: EndpointTarget, decoding: Decoding, concurrency: int) -> "Endpoint":
        """The endpoint of a request. botocore retries what was throttled or failed on the way."""
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 4},
            connect_timeout=10,
            read_timeout=_READ_TIMEOUT,
            max_pool_connections=concurrency,
        )
        client = boto3.client("sagemaker-runtime", region_name=target.region, config=config)
        return cls(client, target.endpoint_name, decoding.parameters())

    def ask(self, prompt: str) -> str:
        """The answer to one prompt. NotAnswered where there is none."""
        body = json.dumps({"inputs": prompt, "parameters": self.parameters})
        try:
            response = self.client.invoke_endpoint(
                EndpointName=self.name, ContentType="application/json", Accept="application/json", Body=body
            )
            return generated_text(response["Body"].read())
        except ClientError as error:
            raise _not_answered(error) from error
        except BotoCoreError as error:
            raise NotAnswered(f"{type(error).__name__}: {error}", final=False) from error


def generated_text(body: bytes) -> str:
    """The text in an endpoint's response. NotAnswered where the response has another form."""
    try:
        document = json.loads(body)
        text = (document[0] if isinstance(document, list) else document)["generated_text"]
    except (ValueError, LookupError, TypeError) as error:
        raise NotAnswered("the response is not in the Hugging Face text-generation format", final=True) from error
    if not isinstance(text, str):
        raise NotAnswered("generated_text is no text", final=True)
    return text


def _not_answered(error: ClientError) -> NotAnswered:
    details = error.response.get("Error", {})
    code = details.get("Code", "Unknown")
    # ModelError carries what the model's own server answered.
    status = error.response.get("OriginalStatusCode")
    refused = status is not None and int(status) < 500
    reason = f"{code}{f' {status}' if status else ''}: {details.get('Message', '')}"
    return NotAnswered(reason, final=refused or code in _FINAL)
