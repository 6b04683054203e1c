"""The front of all AWS APIs: who calls, what, may they, and which part answers."""

import gzip
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote

from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from local.http_front import HttpFront, Request
from local.moto_state import HOSTS, MotoState, ObjectEvent
from local.protocol import REGION, AwsError, Caller, NotImplementedByEmbeddedAws, Service
from local.wire import request as requests
from local.wire import response as responses
from local.wire import xml
from local.wire.models import match, service_model, service_of
from local.wire.response import Response
from local.wire.validation import validate

logger = logging.getLogger(__name__)

_SCOPE = re.compile(r"Credential=([^/,&\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


class Scope(NamedTuple):
    """What a signature says about itself."""

    access_key: str
    region: str
    signing_name: str


class Gatekeeper(Protocol):
    """Says who an access key is, and refuses what their policies do not allow."""

    def caller(self, access_key: str) -> Caller:
        """Whose key it is; keys that nobody issued belong to the person who runs this machine."""

    def check(self, access_key: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        """Raise AwsError where the caller may not."""

    def may_list(self, access_key: str, bucket: str) -> bool:
        """Whether S3 may tell this caller that an object is missing."""

    def changed(self) -> None:
        """Policies may have changed."""


class Server:
    """One port for all APIs. `happened` is told what changed in S3, after the fact and outside of locks."""

    def __init__(
        self,
        services: Mapping[str, Service],
        state: MotoState,
        gate: Gatekeeper,
        happened: Callable[[ObjectEvent], None],
        port: int = 0,
    ) -> None:
        self._services = services
        self._state = state
        self._gate = gate
        self._happened = happened
        self._front = HttpFront(self.answer, port, "the AWS APIs")
        self.url = f"http://127.0.0.1:{self._front.port}"

    def start(self) -> None:
        self._front.start()

    def stop(self) -> None:
        self._front.stop()

    def answer(self, request: Request) -> Response:
        """Answer one request; whatever goes wrong becomes an error in the service's own form."""
        scope = _scope(request)
        if scope is None:
            return xml.fail("s3", AwsError("AccessDenied", "the request is not signed", 403))
        target = request.header("x-amz-target")
        path = request.target.partition("?")[0]
        service = service_of(scope.signing_name, target, path)
        try:
            if service in self._services:
                return self._own(self._services[service], service, request, scope, target, path)
            if service in HOSTS:
                return self._moto(service, request, scope)
            raise NotImplementedByEmbeddedAws(f"the service {service}")
        except NotImplementedByEmbeddedAws as error:
            logger.warning("%s (%s %s)", error.message, request.method, request.target)
            return _failed(service, error)
        except AwsError as error:
            return _failed(service, error)
        except Exception:
            logger.exception("%s %s failed (target %r)", service, request.target, target)
            return _failed(service, AwsError("InternalFailure", "the embedded AWS failed; its log says why", 500))

    def _own(self, part: Service, service: str, request: Request, scope: Scope, target: str, path: str) -> Response:
        found = match(service, request.method, path, target)
        if found is None:
            raise AwsError("UnknownOperationException", f"{service} knows no {target or path}", 404)
        operation = found.operation
        method = getattr(part, xform_name(operation.name), None)
        if method is None:
            raise NotImplementedByEmbeddedAws(f"{service}:{operation.name}")
        query = request.target.partition("?")[2]
        # botocore compresses large calls of PutMetricData.
        compressed = request.header("content-encoding") == "gzip"
        body = gzip.decompress(request.body) if compressed else request.body
        params = requests.parse(operation, found.uri, query, request.headers, body)
        validate(operation, params)
        self._gate.check(scope.access_key, service, operation.name, params)
        answer = method(params, self._gate.caller(scope.access_key))
        return responses.serialise(operation, answer)

    def _moto(self, service: str, request: Request, scope: Scope) -> Response:
        asked = self._state.request(service, request.method, request.target, request.headers, request.body)
        operation = ""
        params: dict[str, Any] = {}
        if not self._gate.caller(scope.access_key).is_root:
            operation, params = self._state.read(service, asked)
            self._gate.check(scope.access_key, service, operation, params)
        if service == "sqs" and request.header("x-amz-target").endswith(".ReceiveMessage"):
            return self._receive(request)
        response, events = self._state.call(service, asked)
        if (
            response.status == 404
            and operation in ("GetObject", "HeadObject")
            and not self._gate.may_list(scope.access_key, params["Bucket"])
        ):
            raise AwsError("AccessDenied", "Access Denied", 403)
        if service == "iam":
            self._gate.changed()
        for event in events:
            self._happened(event)
        return response

    def _receive(self, request: Request) -> Response:
        """A long poll is many short ones: a waiting receiver must not keep senders out."""
        asked = json.loads(request.body)
        until = time.monotonic() + float(asked.get("WaitTimeSeconds") or self._state.receive_wait(asked["QueueUrl"]))
        body = json.dumps({**asked, "WaitTimeSeconds": 0}).encode()
        while True:
            once = self._state.request("sqs", request.method, request.target, request.headers, body)
            response, _ = self._state.call("sqs", once)
            if response.status != 200 or b'"Messages"' in response.body or time.monotonic() >= until:
                return response
            time.sleep(0.05)


def _scope(request: Request) -> Scope | None:
    # A presigned URL carries it in the query; the old kind, for S3 only, carries nothing but the key.
    found = _SCOPE.search(request.header("authorization")) or _SCOPE.search(unquote(request.target))
    if found:
        return Scope(*found.groups())
    old = re.search(r"[?&]AWSAccessKeyId=([^&]+)", request.target)
    return Scope(unquote(old[1]), REGION, "s3") if old else None


def _failed(service: str, error: AwsError) -> Response:
    try:
        model = service_model(service)
    except UnknownServiceError:
        return xml.fail(service, error)
    if model.resolved_protocol in ("json", "rest-json"):
        return responses.fail(model, error)
    return xml.fail(service, error)
