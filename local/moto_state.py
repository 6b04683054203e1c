"""The services whose state moto keeps, called in this process: no Flask between, and one lock for each service."""

import functools
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import moto.backends
import moto.core.config
import moto.core.responses
import moto.core.utils
import moto.s3.models
import moto.s3.notifications
from botocore.awsrequest import HeadersDict
from moto.core.base_backend import BackendDict
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.iam.access_control import PermissionResult
from moto.s3.notifications import S3NotificationEvent
from werkzeug.exceptions import HTTPException

from local.clock import Clock
from local.protocol import ACCOUNT, REGION, LocalError, NotImplementedByEmbeddedAws
from local.wire.response import Response

HOSTS: Final[Mapping[str, str]] = {
    "s3": "s3.amazonaws.com",
    "dynamodb": f"dynamodb.{REGION}.amazonaws.com",
    "sqs": f"sqs.{REGION}.amazonaws.com",
    "sns": f"sns.{REGION}.amazonaws.com",
    "ssm": f"ssm.{REGION}.amazonaws.com",
    "ec2": f"ec2.{REGION}.amazonaws.com",
    "ecr": f"api.ecr.{REGION}.amazonaws.com",
    "kms": f"kms.{REGION}.amazonaws.com",
    "logs": f"logs.{REGION}.amazonaws.com",
    "iam": "iam.amazonaws.com",
    "sts": f"sts.{REGION}.amazonaws.com",
    "ses": f"email.{REGION}.amazonaws.com",
    "sesv2": f"email.{REGION}.amazonaws.com",
    "secretsmanager": f"secretsmanager.{REGION}.amazonaws.com",
}
"""The services that moto answers for, and the host by which it knows them."""

# SNS writes into SQS inside one call: they share a lock.
_LOCK_OF = {"sns": "sqs", "sesv2": "ses"}

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/\d+")

Handler = Callable[[Any, str, Any], tuple[int, dict[str, Any], Any]]


class ObjectEvent(NamedTuple):
    """What happened to an S3 object of a bucket that tells EventBridge."""

    kind: S3NotificationEvent
    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None


class MotoState:
    """moto's backends, emptied and put on one clock. One at a time in a process: moto's state is global."""

    _active: "MotoState | None" = None

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._locks = {name: threading.RLock() for name in HOSTS}
        self._happened = threading.local()
        self._changes = dict.fromkeys(HOSTS, 0)
        self._undo: list[Callable[[], None]] = []

    def open(self) -> None:
        """Take over moto. LocalError when another embedded AWS of this process has it."""
        if MotoState._active is not None:
            raise LocalError("another embedded AWS runs in this process already; stop it first")
        MotoState._active = self
        # Roles attach AWS' own policies. Given back on closing: making them takes moto half a second, on every reset.
        self._put(moto.core.config.default_user_config, "iam", {"load_aws_managed_policies": True})
        for service in HOSTS:
            _backends(service).reset()
        self._replace_time()
        # It looks through a whole class on every call.
        self._set(
            moto.core.responses, "method_names_from_class", functools.cache(moto.core.utils.method_names_from_class)
        )
        self._set(moto.s3.notifications, "send_event", self._note)
        # moto reads bucket policies without their conditions, and would refuse everybody; the gate reads them.
        self._set(moto.s3.models.FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)

    def close(self) -> None:
        """Give moto back, empty."""
        if MotoState._active is not self:
            return
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        for service in HOSTS:
            _backends(service).reset()
        MotoState._active = None

    def backend(self, service: str) -> Any:
        """moto's backend of the account, for what no API tells. Hold `locked(service)` meanwhile."""
        backends = _backends(service)
        return backends[ACCOUNT]["aws" if service in ("s3", "iam", "sts") else REGION]

    @contextmanager
    def locked(self, service: str) -> Any:
        """Keep others out of a service."""
        with self._locks[_LOCK_OF.get(service, service)]:
            yield

    def read(self, service: str, request: MotoRequest) -> tuple[str, dict[str, Any]]:
        """The operation and its parameters, for deciding whether the caller may. NotImplemented when unknown."""
        model = get_service_model(service)
        try:
            operation, path = get_service_router(service).match(request)
        except HTTPException as error:
            raise NotImplementedByEmbeddedAws(f"{service} {request.method} {request.path}") from error
        protocol = determine_request_protocol(model, request.content_type)
        parsed = PROTOCOL_PARSERS[protocol](operation).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.get_data(),
                "url_path": request.path,
                "url_params": path,
            }
        )
        return operation.name, {key: value for key, value in parsed.items() if value is not None}

    def request(self, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes) -> MotoRequest:
        """A request as moto takes it. `target` is path and query as they came."""
        url = f"http://{HOSTS[service]}{target}"
        return MotoRequest.from_primitives(method, url, _moto_headers(headers), body)

    def call(self, service: str, request: MotoRequest) -> tuple[Response, list[ObjectEvent]]:
        """Let moto answer; with it, what happened to objects that EventBridge wants to know."""
        handler = _handler(service, f"http://{HOSTS[service]}{request.raw_path}")
        if handler is None:
            raise NotImplementedByEmbeddedAws(f"{service} {request.method} {request.path}")
        self._happened.events = []
        with self.locked(service):
            self._changes[service] += not _only_reads(service, request)
            try:
                answer = (self._taken(request, handler) or self._part(request, handler)) if service == "s3" else None
                status, headers, body = answer or handler(request, request.raw_url, request.headers)
            except HTTPException as error:
                status, headers, body = error.code or 500, dict(error.get_headers()), error.get_body()
            except NotImplementedError as error:
                raise NotImplementedByEmbeddedAws(f"{service}: {error}") from error
        return Response(status, _sent(headers), body.encode() if isinstance(body, str) else body), _final(
            self._happened.events
        )

    def changes(self, service: str) -> int:
        """How many calls came that may have changed the service's state."""
        return self._changes[service]

    def receive_wait(self, queue_url: str) -> float:
        """The seconds that a queue lets receivers wait when they do not say."""
        with self.locked("sqs"):
            queue = self.backend("sqs").queues.get(queue_url.rsplit("/", 1)[-1])
            return float(queue.receive_message_wait_time_seconds or 0) if queue else 0.0

    def _taken(self, request: MotoRequest, handler: Handler) -> tuple[int, dict[str, Any], bytes] | None:
        """`If-None-Match: *` on a put, which moto passes over: refused where the object is there."""
        if request.method != "PUT" or request.args or request.headers.get("if-none-match") != "*":
            return None
        head = self.request("s3", "HEAD", request.raw_path, {}, b"")
        status, _, _ = handler(head, head.raw_url, head.headers)
        if status != 200:
            return None
        body = (
            "<Error><Code>PreconditionFailed</Code>"
            "<Message>At least one of the pre-conditions you specified did not hold</Message>"
            "<Condition>If-None-Match</Condition></Error>"
        )
        return 412, {"content-type": "application/xml"}, body.encode()

    def _part(self, request: MotoRequest, handler: Handler) -> tuple[int, dict[str, Any], bytes] | None:
        """A range of an object, read from where it lies: moto would read all of a large object for each part."""
        if request.method != "GET" or not request.headers.get("range"):
            return None
        head = self.request(
            "s3", "HEAD", f"{request.raw_path}?{request.query_string.decode()}", dict(request.headers), b""
        )
        status, headers, _ = handler(head, head.raw_url, head.headers)
        found = _CONTENT_RANGE.fullmatch(str(headers.get("content-range", "")))
        if status != 206 or found is None:
            return None
        bucket, _, name = unquote(request.raw_path).lstrip("/").partition("/")
        key = self.backend("s3").get_object(bucket, name, version_id=request.args.get("versionId"))
        first, last = int(found[1]), int(found[2])
        with key.lock:
            key._value_buffer.seek(first)
            return status, headers, key._value_buffer.read(last - first + 1)

    def _note(self, _account: str, event_name: S3NotificationEvent, bucket: Any, key: Any) -> None:
        configuration = bucket.notification_configuration
        if configuration is None or configuration.event_bridge is None:
            return
        version = None if key.version_id in (None, "null") else key.version_id
        event = ObjectEvent(event_name, bucket.name, key.name, key.size, key.etag.strip('"'), version)
        self._happened.events.append(event)

    def _replace_time(self) -> None:
        real = moto.core.utils.utcnow
        for module in [module for name, module in sys.modules.items() if name.startswith("moto.")]:
            if getattr(module, "utcnow", None) is real:
                self._set(module, "utcnow", self._utcnow)

    def _utcnow(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC).replace(tzinfo=None)

    def _put(self, config: Any, name: str, value: Any) -> None:
        before = config[name]
        config[name] = value
        self._undo.append(lambda: config.update({name: before}))

    def _set(self, owner: Any, name: str, value: Any) -> None:
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._undo.append(lambda: setattr(owner, name, before))


def _only_reads(service: str, request: MotoRequest) -> bool:
    """Whether a call surely changes nothing; said for the services that are read much."""
    if service == "s3":
        return request.method in ("GET", "HEAD")
    target = request.headers.get("x-amz-target", "")
    return service == "dynamodb" and target.endswith((".GetItem", ".Query", ".Scan", ".BatchGetItem"))


def _final(events: list[ObjectEvent]) -> list[ObjectEvent]:
    """One event for each object: moto also reports the put inside a copy or a completed upload, and first."""
    last: dict[tuple[str, str, bool], ObjectEvent] = {}
    for event in events:
        kind = str(event.kind.value)
        if ":ObjectCreated:" in kind or ":ObjectRemoved:" in kind:
            last[event.bucket, event.key, ":ObjectCreated:" in kind] = event
    return list(last.values())


@functools.cache
def _backends(service: str) -> BackendDict[Any]:
    return moto.backends.get_backend(service)  # type: ignore[call-overload,no-any-return]


@functools.cache
def _patterns(service: str) -> tuple[tuple[re.Pattern[str], Handler], ...]:
    backends = _backends(service)[ACCOUNT]
    backend = backends["aws"] if service in ("s3", "iam", "sts") else backends[REGION]
    return tuple((re.compile(url), handler) for url, handler in backend.urls.items())


def _handler(service: str, url: str) -> Handler | None:
    return next((handler for pattern, handler in _patterns(service) if pattern.match(url)), None)


def _moto_headers(headers: Mapping[str, str]) -> HeadersDict:
    # The account is ours to say: moto would look it up by the access key.
    return HeadersDict({**headers, "x-moto-account-id": ACCOUNT})


def _sent(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in headers.items() if name.lower() not in ("status", "connection")}
