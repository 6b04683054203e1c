"""Events that wait for their function: retries after one minute and after two, then a destination or a dead letter."""

import functools
import heapq
import itertools
import json
import logging
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from local.lambdas.functions import AsyncSettings, Function
from local.lambdas.worker import Outcome
from local.protocol import Aws, AwsError, InvokeResult

logger = logging.getLogger(__name__)

_DELAYS = (60.0, 120.0)
_WORKERS = 8
_FOREVER = 100 * 365 * 86_400.0


class Runner(Protocol):
    """Runs a function once; gives the request id and the outcome."""

    def __call__(self, function: Function, payload: bytes, arn: str) -> tuple[str, Outcome]: ...


@dataclass
class _Item:
    function: Function
    arn: str
    payload: bytes
    settings: AsyncSettings
    put_at: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempts: int = 0


class AsyncInvoker:
    """Lambda's internal queue."""

    def __init__(self, aws: Aws, run: Runner, invoke: Callable[[str, bytes], InvokeResult]) -> None:
        """`invoke` puts an event to another function, for destinations that are functions."""
        self._aws = aws
        self._run = run
        self._invoke = invoke
        self._ready: queue.Queue[_Item | None] = queue.Queue()
        self._later: list[tuple[float, int, _Item]] = []
        self._guard = threading.Lock()
        self._count = itertools.count()
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._work, name=f"lambda events {number}", daemon=True)
            for number in range(_WORKERS)
        ]
        self._threads.append(threading.Thread(target=self._wait, name="lambda retries", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; events that still wait are lost, as everything is when the embedded AWS stops."""
        self._stopped = True
        for _ in range(_WORKERS):
            self._ready.put(None)
        self._aws.clock.notify()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout=5)

    def put(self, function: Function, arn: str, payload: bytes, settings: AsyncSettings) -> None:
        """Take an event; the function is called in another thread."""
        self._ready.put(_Item(function, arn, payload, settings, self._aws.clock.now()))

    def _work(self) -> None:
        while (item := self._ready.get()) is not None:
            if self._stopped:
                return
            try:
                self._attempt(item)
            except Exception:
                logger.exception("an event of %s is lost", item.function.name)

    def _attempt(self, item: _Item) -> None:
        item.attempts += 1
        try:
            _, outcome = self._run(item.function, item.payload, item.arn)
        except AwsError as error:
            if error.code != "TooManyRequestsException":
                raise
            # Throttled events wait without using up an attempt.
            item.attempts -= 1
            self._postpone(item, 1.0)
            return
        if outcome.error is None:
            if item.settings.on_success:
                self._send(item.settings.on_success, self._record(item, "Success", outcome))
            return
        age = self._aws.clock.now() - item.put_at
        if item.attempts <= item.settings.retries and age < item.settings.max_age_seconds:
            self._postpone(item, _DELAYS[min(item.attempts, len(_DELAYS)) - 1])
            return
        logger.warning("%s failed %d times: %s", item.function.name, item.attempts, outcome.payload[:500].decode())
        self._give_up(item, outcome)

    def _give_up(self, item: _Item, outcome: Outcome) -> None:
        if item.settings.on_failure:
            self._send(item.settings.on_failure, self._record(item, "RetriesExhausted", outcome))
        dead_letters = item.function.request.get("DeadLetterConfig", {}).get("TargetArn")
        if dead_letters:
            message = _error_message(outcome)
            attributes = {"RequestID": item.request_id, "ErrorCode": "200", "ErrorMessage": message[:1024]}
            self._send(dead_letters, item.payload.decode(), attributes)

    def _record(self, item: _Item, condition: str, outcome: Outcome) -> str:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": item.function.version}
        if outcome.error:
            context["functionError"] = outcome.error
        return json.dumps(
            {
                "version": "1.0",
                "timestamp": self._aws.clock.iso(),
                "requestContext": {
                    "requestId": item.request_id,
                    "functionArn": f"{item.function.arn}:{item.function.version}",
                    "condition": condition,
                    "approximateInvokeCount": item.attempts,
                },
                "requestPayload": json.loads(item.payload or b"null"),
                "responseContext": context,
                "responsePayload": json.loads(outcome.payload or b"null"),
            }
        )

    def _send(self, arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
        service = arn.split(":")[2]
        told = {name: {"DataType": "String", "StringValue": value or " "} for name, value in (attributes or {}).items()}
        try:
            match service:
                case "sqs":
                    sqs = self._aws.client("sqs")
                    url = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
                    sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=told)
                case "sns":
                    self._aws.client("sns").publish(TopicArn=arn, Message=body, MessageAttributes=told)
                case "lambda":
                    self._invoke(arn, body.encode())
                case _:
                    logger.error("%s is no destination that the embedded AWS knows", arn)
        except (ClientError, BotoCoreError, AwsError) as error:
            logger.exception("nothing could be sent to %s", arn, exc_info=error)

    def _postpone(self, item: _Item, seconds: float) -> None:
        with self._guard:
            heapq.heappush(self._later, (self._aws.clock.now() + seconds, next(self._count), item))
        self._aws.clock.notify()

    def _sooner(self, than: float) -> bool:
        return self._stopped or (bool(self._later) and self._later[0][0] < than)

    def _wait(self) -> None:
        clock = self._aws.clock
        while not self._stopped:
            with self._guard:
                due = self._later[0][0] if self._later else clock.now() + _FOREVER
            clock.wait(due, functools.partial(self._sooner, due))
            with self._guard:
                while self._later and self._later[0][0] <= clock.now():
                    self._ready.put(heapq.heappop(self._later)[2])


def _error_message(outcome: Outcome) -> str:
    try:
        return str(json.loads(outcome.payload)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return outcome.payload.decode(errors="replace")
