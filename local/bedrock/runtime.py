"""Bedrock Runtime: Converse, in front of models that run on this machine."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol

from local import protocol
from local.bedrock.catalogue import FoundationModel
from local.bedrock.control import Bedrock
from local.bedrock.conversation import Conversation, read
from local.bedrock.guardrails import Guardrail
from local.bedrock.invocation_logs import Call
from local.bedrock.serving import NotServing, Reply, Served
from local.protocol import Aws, AwsError, Caller, NotImplementedByEmbeddedAws, Service
from local.sagemaker.background import Repeating
from local.sagemaker.metrics import Metrics
from local.sagemaker.processes import Processes
from local.sagemaker.settings import JobSettings

_INTERVENED = "guardrail_intervened"
_NAMESPACE = "AWS/Bedrock"


class AwsWithBedrock(Aws, Protocol):
    """The embedded AWS once it has its Bedrock."""

    @property
    def bedrock(self) -> Bedrock: ...


class BedrockRuntime(Service):
    """Answers conversations."""

    name: ClassVar[str] = "bedrock-runtime"

    def __init__(self, aws: AwsWithBedrock, settings: protocol.JobSettings) -> None:
        self.most_at_once: int | None = None
        """The quota: what is asked beyond it is throttled. None: there is none."""
        self._aws = aws
        self._settings = JobSettings.of(settings)
        self._processes = Processes()
        self._metrics = Metrics(aws)
        self._writing = Repeating(self.flush, self._settings.sync_interval, "bedrock logs and metrics")
        self._served: dict[str, Served] = {}
        self._under_way = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        self._writing.start()

    def stop(self) -> None:
        self._writing.stop()
        self._processes.stop()

    def flush(self) -> None:
        """Write logs and metrics of the calls since the last time."""
        self._aws.bedrock.logs.flush()
        self._metrics.flush()

    def converse(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        model = self._aws.bedrock.catalogue.find(request["modelId"])
        if model is None:
            raise AwsError("ValidationException", "The provided model identifier is invalid.")
        response, error = None, None
        try:
            response = self._converse(model, request)
        except AwsError as failure:
            error = failure.code
            raise
        finally:
            name = model.called(request["modelId"])
            self._aws.bedrock.logs.add(Call(name, caller.principal_arn, request, response, error))
            self._count(name, response, error)
        return response

    def _count(self, model_id: str, response: dict[str, Any] | None, error: str | None) -> None:
        def record(name: str, value: float, unit: str = "Count") -> None:
            self._metrics.record(_NAMESPACE, name, value, unit, {"ModelId": model_id.rpartition("/")[2]})

        if response is None:
            record("InvocationThrottles" if error == "ThrottlingException" else "InvocationClientErrors", 1)
            return
        record("Invocations", 1)
        record("InvocationLatency", response["metrics"]["latencyMs"], "Milliseconds")
        record("InputTokenCount", response["usage"]["inputTokens"])
        record("OutputTokenCount", response["usage"]["outputTokens"])

    def _converse(self, model: FoundationModel, request: dict[str, Any]) -> dict[str, Any]:
        conversation, rail = read(request), self._guardrail(request)
        begun = time.perf_counter()
        if rail and rail.blocks([conversation.last]):
            return _answer(rail.blocked_input, _INTERVENED, 0, 0, begun)
        with self._place():
            reply = self._ask(model, conversation)
        said = reply.document
        tokens = said["input_tokens"], said["output_tokens"]
        if rail and rail.blocks([said["text"]]):
            return _answer(rail.blocked_output, _INTERVENED, *tokens, begun)
        return _answer(said["text"], said["stop_reason"], *tokens, begun)

    def _guardrail(self, request: dict[str, Any]) -> Guardrail | None:
        wanted = request.get("guardrailConfig")
        if wanted is None:
            return None
        try:
            return self._aws.bedrock.guardrails.find(wanted["guardrailIdentifier"], wanted["guardrailVersion"])
        except AwsError as error:
            # So Converse says it.
            raise AwsError("ValidationException", error.message) from error

    @contextmanager
    def _place(self) -> Iterator[None]:
        with self._lock:
            if self.most_at_once is not None and self._under_way >= self.most_at_once:
                message = "Too many requests, please wait before trying again."
                raise AwsError("ThrottlingException", message, 429)
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1

    def _ask(self, model: FoundationModel, conversation: Conversation) -> Reply:
        if not self._settings.converse:
            raise NotImplementedByEmbeddedAws("Converse without a command that serves models (JobSettings.converse)")
        with self._lock:
            served = self._served.get(model.model_id)
            if served is None:
                served = Served(self._aws, self._settings, self._processes, model)
                self._served[model.model_id] = served
        try:
            reply = served.ask(conversation.body())
        except NotServing as error:
            raise AwsError("ModelNotReadyException", str(error), 429) from error
        match reply.status:
            case 200:
                return reply
            case 0:
                raise AwsError("ModelTimeoutException", "The model did not answer in time.", 408)
            case 400:
                raise AwsError("ValidationException", str(reply.document.get("error")))
            case _:
                raise AwsError("ModelErrorException", str(reply.document.get("error")), 424)


def _answer(text: str, reason: str, tokens_in: int, tokens_out: int, begun: float) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}] if text else []}},
        "stopReason": reason,
        "usage": {"inputTokens": tokens_in, "outputTokens": tokens_out, "totalTokens": tokens_in + tokens_out},
        "metrics": {"latencyMs": round((time.perf_counter() - begun) * 1000)},
    }
