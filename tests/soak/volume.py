"""Many events at once in a deployed stack: datasets, executions, and the registry's events."""

import json
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.journeys.life import Life, life
from tests.soak.table import Result

DATASETS, EXECUTIONS, REGISTRY_EVENTS = 1000, 500, 10_000
_PACKAGES = 10
_PATIENCE = 3600
_MOST_GROWTH_MB = 500
ROOT = Path(__file__).resolve().parents[2]


def datasets(_seed: int, scale: float) -> list[Result]:
    return _in_a_stack(_datasets, DATASETS * scale)


def executions(_seed: int, scale: float) -> list[Result]:
    return _in_a_stack(_executions, EXECUTIONS * scale)


def registry(_seed: int, scale: float) -> list[Result]:
    return _in_a_stack(_registry, REGISTRY_EVENTS * scale)


def _in_a_stack(part: Callable[[Life, int], Result], count: float) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, life(Path(folder), ROOT) as stack:
        return [part(stack, max(1, int(count)))]


def _datasets(stack: Life, count: int) -> Result:
    """Each file becomes one dataset, however many come in the same minute; no use case wants them."""
    rows = [{"id": f"r{n}", "input": f"question {n * 7919} of {n}", "target": str(n)} for n in range(40)]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    began, before = time.monotonic(), _memory_mb()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: stack.put(f"inbox/soak-{n}/rows.jsonl", content), range(count)))
    dropped = time.monotonic() - began
    found = _wait("datasets", count, lambda: _sort_keys(stack, "DATASET#soak-", "VERSION#"))
    took = time.monotonic() - began
    _must_be_quiet(stack)
    assert Counter(found.values()) == {1: count}, "a dataset was lost, or registered twice"
    return Result(
        f"dataset files dropped within {dropped:.0f} s",
        count,
        f"each registered once, after {took:.0f} s; {_grown(before)}",
    )


def _executions(stack: Life, count: int) -> Result:
    """Executions that wait at the same time."""
    steps, machine = stack.target.client("stepfunctions"), stack.outputs["EvaluationMachineArn"]
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
    definition = json.dumps({**wait, "QueryLanguage": "JSONata"})
    role = steps.describe_state_machine(stateMachineArn=machine)["roleArn"]
    made = steps.create_state_machine(name="fmops-soak", definition=definition, roleArn=role)["stateMachineArn"]
    began, before = time.monotonic(), _memory_mb()
    arns = [steps.start_execution(stateMachineArn=made, name=f"soak-{n}")["executionArn"] for n in range(count)]
    running = {one["executionArn"] for one in _all(stack, made, "RUNNING")}
    assert running == set(arns), "not all run at once"
    stack.aws.clock.advance(86_401)
    _wait("executions", count, lambda: {one["executionArn"]: 1 for one in _all(stack, made, "SUCCEEDED")})
    return Result(
        "executions at the same time",
        count,
        f"all waited side by side and ended once each, in {time.monotonic() - began:.0f} s; {_grown(before)}",
    )


def _registry(stack: Life, count: int) -> Result:
    """The registry tells again and again of packages that belong to nobody: there is one alert of each."""
    client = stack.target.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName="fmops-others")
    specification = {
        "Containers": [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/other:1"}],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    began, before = time.monotonic(), _memory_mb()
    arns = [
        client.create_model_package(
            ModelPackageGroupName="fmops-others",
            InferenceSpecification=specification,
            ModelApprovalStatus="PendingManualApproval",
        )["ModelPackageArn"]
        for _ in range(_PACKAGES)
    ]
    detail = {"ModelPackageGroupName": "fmops-others", "ModelApprovalStatus": "PendingManualApproval"}
    for number in range(count):
        told = {**detail, "ModelPackageArn": arns[number % _PACKAGES]}
        stack.aws.emit("aws.sagemaker", "SageMaker Model Package State Change", told)
    _wait("packages' alerts", _PACKAGES, lambda: _alerts(stack, arns))
    assert stack.aws.events.drain(_PATIENCE), "events were left undelivered"
    _must_be_quiet(stack)
    assert set(_alerts(stack, arns).values()) == {1}, "there are two alerts of one package"
    return Result(
        f"registry events of {_PACKAGES} packages of others",
        count,
        f"all taken in {time.monotonic() - began:.0f} s, one alert for each package, nothing started; {_grown(before)}",
    )


def _wait(what: str, count: int, look: Callable[[], dict[str, int]]) -> dict[str, int]:
    end, said = time.monotonic() + _PATIENCE, 0.0
    while len(found := look()) < count:
        assert time.monotonic() < end, f"only {len(found)} of {count} {what}"
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print(f"   {len(found)} of {count} {what}", flush=True)
        time.sleep(1)
    return found


def _sort_keys(stack: Life, pk: str, sk: str) -> dict[str, int]:
    pages = (
        stack.target.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.outputs["LedgerName"], ProjectionExpression="pk, sk")
    )
    keys = [(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]]
    return dict(Counter(first for first, second in keys if first.startswith(pk) and second.startswith(sk)))


def _alerts(stack: Life, causes: list[str]) -> dict[str, int]:
    """How many alerts name each of these."""
    told = [str(alert) for alert in stack.reader.alerts()]
    counts = {cause: sum(f"{cause}." in text for text in told) for cause in causes}
    return {cause: count for cause, count in counts.items() if count}


def _all(stack: Life, machine: str, status: str) -> list[Any]:
    pages = (
        stack.target.client("stepfunctions")
        .get_paginator("list_executions")
        .paginate(stateMachineArn=machine, statusFilter=status)
    )
    return [one for page in pages for one in page["executions"]]


def _must_be_quiet(stack: Life) -> None:
    """No dead letters, and no journey that runs."""
    sqs = stack.target.client("sqs")
    told = sqs.get_queue_attributes(
        QueueUrl=stack.outputs["DeadLettersUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert told["Attributes"]["ApproximateNumberOfMessages"] == "0", "there are dead letters"
    stack.quiet()


def _memory_mb() -> float:
    """Resident memory of the embedded AWS' process; its functions have limits of their own."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _grown(before: float) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    grown = _memory_mb() - before
    assert grown < _MOST_GROWTH_MB, f"memory grew by {grown:.0f} MB"
    return f"the embedded AWS' resident memory grew by {grown:.0f} MB (peak {peak:.0f} MB)"
