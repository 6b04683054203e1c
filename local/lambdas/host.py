"""The functions of the embedded AWS and everything that runs them; the API and the other parts stand on it."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from local.iam.evaluator import conditions_hold
from local.lambdas.answers import configuration
from local.lambdas.asynchronous import AsyncInvoker
from local.lambdas.functions import ARN, AsyncSettings, Entry, Function, not_found, split_name
from local.lambdas.logs import LogSink
from local.lambdas.pool import Pool
from local.lambdas.worker import MOST_BYTES, Outcome
from local.protocol import ACCOUNT, Aws, AwsError, InvocationType, InvokeResult

_MOST_EVENT_BYTES = 1024 * 1024
_REAP_SECONDS = 30.0

Answer = dict[str, Any]


class Roles(Protocol):
    """What Lambda asks about the role of a function."""

    def may_assume(self, role_arn: str, service: str) -> bool: ...

    def credentials(self, role_arn: str, session_name: str) -> dict[str, str]: ...


class Metrics(NamedTuple):
    """Where metrics go."""

    ingest: Callable[[str], None]
    """Takes an output line in CloudWatch's embedded metric format."""
    record: Callable[[str, str, float, str, dict[str, str]], None]
    """Takes a metric of AWS' own: namespace, name, value, unit, dimensions."""


class Host:
    """Functions in processes of their own, called from inside this process."""

    def __init__(self, aws: Aws, roles: Roles, sink: LogSink, metrics: Metrics) -> None:
        self._aws = aws
        self._roles = roles
        self.guard = threading.RLock()
        self.entries: dict[str, Entry] = {}
        self.layers: dict[str, list[tuple[Path, Answer]]] = {}
        self.pool = Pool(self._credentials, lambda: aws.url, aws.root, sink, metrics.ingest)
        self._metrics = metrics
        self._events = AsyncInvoker(aws, self._run, lambda arn, payload: self.invoke(arn, payload, "Event"))
        self._stopped = threading.Event()
        self._reaper = threading.Thread(target=self._reap, name="lambda reaper", daemon=True)

    def start(self) -> None:
        self._events.start()
        self._reaper.start()

    def stop(self) -> None:
        self._stopped.set()
        self.pool.stop()
        self._events.stop()
        if self._reaper.ident is not None:
            self._reaper.join()

    def deploy(self, request: dict[str, Any], folder: Path) -> Answer:
        """Create a function whose code is a folder of this machine; members as in CreateFunction, without Code."""
        if not folder.is_dir():
            raise AwsError("InvalidParameterValueException", f"the code folder {folder} does not exist")
        return self.create(request, folder)

    def deploy_layer(self, request: dict[str, Any], folder: Path) -> Answer:
        """Publish a layer that is a folder: its `python` subfolder, where it has one, or the folder itself."""
        if not folder.is_dir():
            raise AwsError("InvalidParameterValueException", f"the layer folder {folder} does not exist")
        return self.publish_layer(request, folder)

    def invoke(
        self,
        function: str,
        payload: bytes,
        invocation_type: InvocationType = "RequestResponse",
        principal: str | None = None,
        source_arn: str = "",
    ) -> InvokeResult:
        """Call a function. With a `principal` such as `events.amazonaws.com`, its resource policy decides."""
        name, qualifier = split_name(function)
        with self.guard:
            entry = self.entry(name)
        if principal is not None and not self.permits(function, principal, source_arn):
            raise _no_policy(principal, entry.latest.arn)
        return self.call(name, qualifier, payload, invocation_type)[0]

    def permits(self, function: str, principal: str, source_arn: str = "") -> bool:
        """Whether the resource policy of the function (or of its alias or version) lets an AWS service call it."""
        name, qualifier = split_name(function)
        context = {"aws:sourcearn": source_arn or None, "aws:sourceaccount": ACCOUNT}
        with self.guard:
            return any(
                statement["Principal"].get("Service") == principal and conditions_hold(statement, context)
                for statement in self.entry(name).policies.get(qualifier or "", {}).values()
            )

    def call(
        self, function: str, qualifier: str | None, payload: bytes, kind: str
    ) -> tuple[InvokeResult, Function, str]:
        """Invoke by name; also gives the configuration that ran and the last of its log."""
        with self.guard:
            entry = self.entry(function)
            found = entry.resolve(qualifier)
            settings = entry.asynchronous.get(qualifier or "$LATEST", AsyncSettings())
        arn = f"{found.arn}:{qualifier}" if qualifier else found.arn
        result, tail = self._invoke(found, payload, kind, arn, settings)
        return result, found, tail

    def _invoke(
        self, function: Function, payload: bytes, kind: str, arn: str, settings: AsyncSettings
    ) -> tuple[InvokeResult, str]:
        most = MOST_BYTES if kind != "Event" else _MOST_EVENT_BYTES
        if len(payload) > most:
            message = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
            raise AwsError("RequestTooLargeException", message, 413, {"Type": "User"})
        try:
            json.loads(payload or b"{}")
        except ValueError as error:
            message = f"Could not parse request body into json: {error}"
            raise AwsError("InvalidRequestContentException", message, 400, {"Type": "User"}) from error
        match kind:
            case "DryRun":
                return InvokeResult(204, None, b""), ""
            case "Event":
                self._events.put(function, arn, payload or b"{}", settings)
                return InvokeResult(202, None, b""), ""
        _, outcome = self._run(function, payload or b"{}", arn)
        return InvokeResult(200, outcome.error, outcome.payload), outcome.log_tail

    def _run(self, function: Function, payload: bytes, arn: str) -> tuple[str, Outcome]:
        with self.guard:
            entry = self.entries.get(function.name)
        begun = time.monotonic()
        try:
            ran = self.pool.run(function, payload, arn, entry.reserved_concurrency if entry else None)
        except AwsError as error:
            if error.status == 429:
                self._record(function, "Throttles", 1.0)
            raise
        self._record(function, "Invocations", 1.0)
        self._record(function, "Errors", 0.0 if ran[1].error is None else 1.0)
        self._record(function, "Duration", (time.monotonic() - begun) * 1000, "Milliseconds")
        return ran

    def _record(self, function: Function, name: str, value: float, unit: str = "Count") -> None:
        self._metrics.record("AWS/Lambda", name, value, unit, {"FunctionName": function.name})

    def _credentials(self, function: Function) -> dict[str, str]:
        return self._roles.credentials(function.role, function.name)

    def _reap(self) -> None:
        while not self._stopped.wait(_REAP_SECONDS):
            self.pool.reap()

    def entry(self, name: str) -> Entry:
        with self.guard:
            if name not in self.entries:
                raise not_found(f"{ARN}:function:{name}")
            return self.entries[name]

    def find(self, request: dict[str, Any]) -> tuple[Entry, Function]:
        name, qualifier = split_name(request["FunctionName"], request.get("Qualifier"))
        entry = self.entry(name)
        return entry, entry.resolve(qualifier)

    def create(self, request: dict[str, Any], folder: Path) -> Answer:
        made = self.function(request, folder)
        with self.guard:
            if made.name in self.entries:
                raise AwsError("ResourceConflictException", f"Function already exist: {made.name}", 409)
            self.entries[made.name] = Entry(made)
        return configuration(made)

    def change(self, entry: Entry, changed: Function) -> Answer:
        with self.guard:
            entry.latest = changed
        self.pool.retire(changed.name)
        return configuration(changed)

    def function(self, request: dict[str, Any], folder: Path) -> Function:
        if request.get("PackageType", "Zip") != "Zip":
            raise AwsError(
                "InvalidParameterValueException", "the embedded AWS runs functions from code, not from images"
            )
        runtime = request.get("Runtime", "")
        if not runtime.startswith("python3."):
            message = f"the embedded AWS runs Python functions only, not {runtime or 'an unnamed runtime'}"
            raise AwsError("InvalidParameterValueException", message)
        if not self._roles.may_assume(request["Role"], "lambda.amazonaws.com"):
            message = "The role defined for the function cannot be assumed by Lambda."
            raise AwsError("InvalidParameterValueException", message, 400, {"Type": "User"})
        name = split_name(request["FunctionName"])[0]
        variables = request.get("Environment", {}).get("Variables", {})
        if sum(len(key) + len(value) for key, value in variables.items()) > 4096:
            message = "Lambda was unable to configure your environment variables because they exceed the 4KB limit."
            raise AwsError("InvalidParameterValueException", message, 400, {"Type": "User"})
        return Function(
            name=name,
            role=request["Role"],
            handler=request["Handler"],
            folder=folder,
            runtime=runtime,
            timeout=request.get("Timeout", 3),
            memory_mb=request.get("MemorySize", 128),
            environment=dict(variables),
            layers=tuple(self.layer(arn)[0] for arn in request.get("Layers", [])),
            log_group=request.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}"),
            modified=self._aws.clock.now(),
            request=request,
            code_size=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        )

    def publish_layer(self, request: dict[str, Any], folder: Path) -> Answer:
        name = request["LayerName"]
        with self.guard:
            versions = self.layers.setdefault(name, [])
            arn = f"{ARN}:layer:{name}"
            answer: Answer = {
                "LayerArn": arn,
                "LayerVersionArn": f"{arn}:{len(versions) + 1}",
                "Version": len(versions) + 1,
                "Description": request.get("Description", ""),
                "CreatedDate": datetime.fromtimestamp(self._aws.clock.now(), UTC).isoformat(),
                "CompatibleRuntimes": request.get("CompatibleRuntimes", []),
                "CompatibleArchitectures": request.get("CompatibleArchitectures", []),
            }
            inner = folder / "python"
            versions.append((inner if inner.is_dir() else folder, answer))
        return answer

    def layer(self, arn: str) -> tuple[Path, Answer]:
        name, _, version = arn.rpartition(":layer:")[2].rpartition(":")
        versions = self.layers.get(name, [])
        if not version.isdigit() or not 0 < int(version) <= len(versions):
            raise AwsError("InvalidParameterValueException", f"Layer version {arn} does not exist.")
        return versions[int(version) - 1]


def _no_policy(principal: str, arn: str) -> AwsError:
    message = (
        f"User: {principal} is not authorized to perform: lambda:InvokeFunction on resource: {arn} "
        "because no resource-based policy allows the lambda:InvokeFunction action"
    )
    return AwsError("AccessDeniedException", message, 403)
