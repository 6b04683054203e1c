"""Asks a model or an inference profile of Bedrock by Converse, with a guardrail where the candidate has one."""

from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from containers.evaluate.targets.asking import NotAnswered, Reply, Trouble, of_client_error, patient
from fmops.core.ids import OUR_METADATA
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import BedrockTarget

_CODES = {
    "AccessDeniedException": Trouble.FORBIDDEN,
    "ResourceNotFoundException": Trouble.FORBIDDEN,
    "ThrottlingException": Trouble.THROTTLED,
    "ServiceQuotaExceededException": Trouble.THROTTLED,
    "ModelNotReadyException": Trouble.BROKEN,
    "ModelTimeoutException": Trouble.BROKEN,
    "ModelErrorException": Trouble.BROKEN,
}
_INTERVENED = "guardrail_intervened"


class Bedrock(NamedTuple):
    """One model and how it is asked."""

    client: Any
    request: dict[str, Any]
    """All of a Converse request but its messages."""

    @classmethod
    def of(cls, target: BedrockTarget, decoding: Decoding, connections: int) -> "Bedrock":
        client = boto3.client("bedrock-runtime", region_name=target.region, config=patient(connections))
        return cls(client, request_of(target, decoding))

    def ask(self, prompt: str) -> Reply:
        """The answer to one prompt. NotAnswered where there is none."""
        messages = [{"role": "user", "content": [{"text": prompt}]}]
        try:
            response = self.client.converse(messages=messages, **self.request)
        except ClientError as error:
            raise of_client_error(error, _CODES) from error
        except BotoCoreError as error:
            raise NotAnswered(f"{type(error).__name__}: {error}", Trouble.BROKEN) from error
        return reply_of(response)


def request_of(target: BedrockTarget, decoding: Decoding) -> dict[str, Any]:
    """The members of a Converse request that are the same for every prompt."""
    inference: dict[str, Any] = {
        "maxTokens": decoding.max_new_tokens,
        # Left out, the model's own default would sample.
        "temperature": decoding.temperature if decoding.do_sample and decoding.temperature else 0.0,
    }
    if decoding.top_p is not None:
        inference["topP"] = decoding.top_p
    if decoding.stop:
        inference["stopSequences"] = list(decoding.stop)
    request: dict[str, Any] = {
        "modelId": target.model_id,
        "inferenceConfig": inference,
        "requestMetadata": OUR_METADATA,
    }
    if target.system:
        request["system"] = [{"text": target.system}]
    if target.guardrail:
        request["guardrailConfig"] = {
            "guardrailIdentifier": target.guardrail.id,
            "guardrailVersion": target.guardrail.version,
        }
    return request


def reply_of(response: dict[str, Any]) -> Reply:
    """The text of a Converse response: what a person would see. Reasoning is left out."""
    content = response.get("output", {}).get("message", {}).get("content", [])
    usage = response.get("usage", {})
    return Reply(
        "".join(block["text"] for block in content if "text" in block),
        usage.get("inputTokens"),
        usage.get("outputTokens"),
        intervened=response.get("stopReason") == _INTERVENED,
    )
