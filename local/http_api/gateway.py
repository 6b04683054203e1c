"""API Gateway's HTTP APIs on one local port, with the functions of the embedded AWS behind them."""

import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from local.events.targets import DeliveryError, refuse_lambda_unless_allowed
from local.http_api import access_log, payload
from local.http_api.authorizers import Callers, Denied
from local.http_api.routes import Match, Routes
from local.http_api.throttle import Throttle
from local.http_front import HttpFront, Request
from local.lambdas.logs import LogSink
from local.protocol import (
    ACCOUNT,
    PARTITION,
    REGION,
    Aws,
    AwsError,
    InvokeResult,
    LocalError,
    NotImplementedByEmbeddedAws,
)
from local.wire.response import Response

logger = logging.getLogger(__name__)

DEFAULT_STAGE: Final = "$default"
_LARGEST_BODY: Final = 10 * 1024 * 1024
_STAGE_MEMBERS: Final = frozenset(
    {
        "AccessLogSettings",
        "ApiId",
        "StageName",
        "AutoDeploy",
        "DefaultRouteSettings",
        "RouteSettings",
        "StageVariables",
        "Tags",
        "Description",
    }
)
_ROUTE_SETTINGS: Final = frozenset({"ThrottlingBurstLimit", "ThrottlingRateLimit"})

Pages = Callable[[str, str], tuple[int, str] | None]
"""Serves local pages by path and query; None for paths that are not its own."""


@dataclass(frozen=True)
class Api:
    """A registered API with its one stage."""

    api_id: str
    routes: Routes
    stage: Mapping[str, Any]
    throttle: Throttle = field(default_factory=Throttle)

    @property
    def stage_name(self) -> str:
        return str(self.stage.get("StageName", DEFAULT_STAGE))

    @property
    def prefix(self) -> str:
        """What paths begin with: nothing for $default."""
        return "" if self.stage_name == DEFAULT_STAGE else f"/{self.stage_name}"

    def limits(self, route_key: str) -> tuple[float, float] | None:
        """Burst and rate of a route; None when it is not throttled."""
        settings = {
            **self.stage.get("DefaultRouteSettings", {}),
            **self.stage.get("RouteSettings", {}).get(route_key, {}),
        }
        if "ThrottlingRateLimit" not in settings and "ThrottlingBurstLimit" not in settings:
            return None
        rate = float(settings.get("ThrottlingRateLimit", 10000))
        return float(settings.get("ThrottlingBurstLimit", 5000)), rate


class HttpApi:
    """The first API registered answers at the root of the port, every one at `<api id>.localhost`."""

    def __init__(
        self,
        aws: Aws,
        port: int = 0,
        pages: Pages | None = None,
        logs: LogSink | None = None,
        callers: Callers | None = None,
    ) -> None:
        """`callers` tells who signed a request; without it no API with authorizers can be served."""
        self._aws = aws
        self._logs = logs
        self._callers = callers
        self._wanted_port = port
        self._pages = pages
        self._lock = threading.Lock()
        self._apis: dict[str, Api] = {}
        self._front: HttpFront | None = None
        # As many as may wait for a function at once; each has a connection's thread waiting for it.
        self._pool = ThreadPoolExecutor(64, thread_name_prefix="http-api")

    def start(self) -> None:
        """Listen. LocalError when the port is in use."""
        self._front = HttpFront(self.answer, self._wanted_port, "the HTTP API")
        self._front.start()

    def stop(self) -> None:
        if self._front is not None:
            self._front.stop()
            self._front = None
        # A call that still runs ends with its function's process, which is stopped next.
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def port(self) -> int:
        """Where it listens. LocalError before the start."""
        if self._front is None:
            raise LocalError("the HTTP API is not started")
        return self._front.port

    # ---------------------------------------------------------------- for the deployment

    def register(self, api_id: str, body: Mapping[str, Any], stage: Mapping[str, Any] | None = None) -> str:
        """Serve an API by its OpenAPI body and its stage's properties; where it answers.

        Registering again replaces it. NotImplementedByEmbeddedAws for what would be ignored otherwise.
        """
        settings = dict(stage or {})
        if unknown := set(settings) - _STAGE_MEMBERS:
            raise NotImplementedByEmbeddedAws(f"HTTP API stages with {', '.join(sorted(unknown))}")
        for each in [settings.get("DefaultRouteSettings", {}), *settings.get("RouteSettings", {}).values()]:
            if unknown := set(each) - _ROUTE_SETTINGS:
                raise NotImplementedByEmbeddedAws(f"route settings {', '.join(sorted(unknown))}")
        if logged := settings.get("AccessLogSettings"):
            access_log.check(logged)
        routes = Routes(body)
        if routes.guarded and self._callers is None:
            raise NotImplementedByEmbeddedAws("authorizers where nobody knows the callers")
        with self._lock:
            self._apis[api_id] = Api(api_id, routes, settings)
        return self.endpoint(api_id)

    def unregister(self, api_id: str) -> None:
        """Serve it no longer."""
        with self._lock:
            self._apis.pop(api_id, None)

    def endpoint(self, api_id: str) -> str:
        """The API's URL, without the stage."""
        with self._lock:
            first = next(iter(self._apis), api_id)
        host = "127.0.0.1" if first == api_id else f"{api_id}.localhost"
        return f"http://{host}:{self.port}"

    # ---------------------------------------------------------------- requests

    def answer(self, request: Request) -> Response:
        """Answer one HTTP request."""
        path, _, query = request.target.partition("?")
        if self._pages is not None and request.method == "GET":
            page = self._pages(path, query)
            if page is not None:
                return Response(page[0], {"content-type": "text/html; charset=utf-8"}, page[1].encode())
        api = self._api(request.header("host"))
        if api is None or not (f"{path}/").startswith(f"{api.prefix}/"):
            return _message(404, "Not Found")
        match = api.routes.match(request.method, path.removeprefix(api.prefix) or "/")
        if match is None:
            return _message(404, "Not Found")
        began = self._aws.clock.now()
        response = self._routed(api, match, request)
        self._note(api, match, request, response, began)
        return response

    def _routed(self, api: Api, match: Match, request: Request) -> Response:
        if len(request.body) > _LARGEST_BODY:
            return _message(413, "Request Entity Too Large")
        limits = api.limits(match.route.key)
        if limits is not None and not api.throttle.allows(match.route.key, *limits, self._aws.clock.now()):
            return _message(429, "Too Many Requests")
        try:
            identity = self._identity(api, match, request)
        except Denied as denied:
            logger.info("%s: refused: %s", match.route.key, denied)
            challenge = {"www-authenticate": "Bearer"} if denied.status == 401 else {}
            return _message(denied.status, denied.message, challenge)
        return self._integrate(api, match, request, identity)

    def _identity(self, api: Api, match: Match, request: Request) -> dict[str, Any] | None:
        """Who comes, as the event says it; None where the route does not ask. Denied for whom it keeps out."""
        authorizer = match.route.authorizer
        if authorizer is None or self._callers is None:
            return None
        return authorizer.authorize(request, self._callers, _arn(api, request.method, match.route.path))

    def _note(self, api: Api, match: Match, request: Request, response: Response, began: float) -> None:
        settings = api.stage.get("AccessLogSettings")
        if settings is None or self._logs is None:
            return
        values = {
            "requestTime": datetime.fromtimestamp(began, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestId": uuid.uuid4().hex,
            "routeKey": match.route.key,
            "status": str(response.status),
            "responseLatency": str(round((self._aws.clock.now() - began) * 1000)),
            "identity.sourceIp": "127.0.0.1",
            "identity.userAgent": request.header("user-agent"),
        }
        self._logs.put(access_log.group(settings), api.api_id, access_log.line(settings, values))

    def _api(self, host: str) -> Api | None:
        with self._lock:
            named = self._apis.get(host.partition(".")[0])
            return named or next(iter(self._apis.values()), None)

    def _integrate(self, api: Api, match: Match, request: Request, identity: dict[str, Any] | None) -> Response:
        stage = payload.Stage(api.api_id, api.stage_name, api.stage.get("StageVariables", {}))
        event = payload.event(request, match, stage, self._aws.clock.now())
        if identity is not None:
            event["requestContext"]["authorizer"] = identity
        where = f"{request.method} {event['rawPath']} ({match.route.key})"
        future = self._pool.submit(self._invoke, api, match, request.method, json.dumps(event).encode())
        try:
            result = future.result(match.route.timeout)
            if result.function_error is not None or result.status >= 300:
                logger.error("%s: the function failed: %s", where, result.payload[:1000])
                return _message(500, "Internal Server Error")
            return payload.answer(result.payload)
        except TimeoutError:
            logger.error("%s: the function took longer than %s s", where, match.route.timeout)  # noqa: TRY400
            return _message(503, "Service Unavailable")
        except (AwsError, ClientError, DeliveryError, payload.AnswerError) as error:
            logger.error("%s: %s", where, error)  # noqa: TRY400 - the message says it all
            return _message(500, "Internal Server Error")

    def _invoke(self, api: Api, match: Match, method: str, event: bytes) -> InvokeResult:
        route = match.route
        source = _arn(api, method, route.path)
        refuse_lambda_unless_allowed(self._aws, "apigateway.amazonaws.com", source, route.function_arn)
        return self._aws.lambdas.invoke(route.function_arn, event)


def _arn(api: Api, method: str, path: str) -> str:
    """A route as policies name it."""
    base = f"arn:{PARTITION}:execute-api:{REGION}:{ACCOUNT}:{api.api_id}/{api.stage_name}"
    # $default has no method and path of its own.
    return f"{base}/{method}{path}" if path else f"{base}/$default"


def _message(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        status, {"content-type": "application/json", **(headers or {})}, json.dumps({"message": text}).encode()
    )
