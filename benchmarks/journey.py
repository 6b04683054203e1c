"""How soon a dropped file has its job launched, and what Step Functions and Lambda would ask for a whole run.

On the embedded AWS with the template deployed, and tiny jobs: from S3's event over intake, the bus, and the journey's
first states to the training job. By the clock, for that is what people wait.
"""

import json
import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, Figure
from fmops.evaluation.runs import GOING_ON, RunStatus
from tests.journeys.life import SUMS, Life, life, use_case

_DROPS = 7
# AWS' list prices for us-east-1: https://aws.amazon.com/step-functions/pricing and https://aws.amazon.com/lambda/pricing
_USD_A_TRANSITION = 0.000025
_USD_A_REQUEST = 0.0000002
_USD_A_GB_SECOND_ARM = 0.0000133334
_REPORT = re.compile(r"Billed Duration: (\d+) ms\s+Memory Size: (\d+) MB")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, life(Path(folder), ROOT) as stack:
        stack.save(use_case("sums"))
        # The first run starts the functions' processes, as production's are warm.
        took = [_launched(stack, number) for number in range(_DROPS + 1)][1:]
        run = _whole(stack)
        transitions = _transitions(stack, run["execution_arn"])
        requests, gb_seconds = _lambda_use(stack)
        runs = _DROPS + 1
    usd = transitions * _USD_A_TRANSITION + (requests * _USD_A_REQUEST + gb_seconds * _USD_A_GB_SECOND_ARM) / runs
    figures = {
        "event_to_job_s": Figure(
            value=round(statistics.median(took), 2),
            unit="s",
            note=f"from a file in S3 to the training job it leads to, by the clock: median of {_DROPS}; at most 1",
        ),
        "control_plane_usd": Figure(
            value=round(usd, 5),
            unit="USD",
            note=f"of one evaluation: {transitions} state transitions, {requests / runs:.0f} calls of functions, by "
            "AWS' list prices of Step Functions and Lambda; below 0.01",
        ),
    }
    print(json.dumps(figures))


def _launched(stack: Life, number: int) -> float:
    """Seconds from the drop to the training job of its run."""
    client = stack.target.client("sagemaker")
    known = _jobs(client)
    rows = [{**row, "input": f"in case {number}: {row['input']}"} for row in SUMS]
    began = time.monotonic()
    stack.drop(f"inbox/sums/drop-{number}.jsonl", rows)
    while _jobs(client) <= known:
        time.sleep(0.005)
    took = time.monotonic() - began
    # What is measured next must not compete with it, nor with the older run that it supersedes.
    stack.until(lambda: _at_rest([run["status"] for run in stack.reader.runs()]), 300)
    return took


def _jobs(client: Any) -> set[str]:
    pages = client.get_paginator("list_training_jobs").paginate()
    return {job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]}


def _at_rest(statuses: list[str]) -> bool:
    """Whether one run waits for people and all others have ended."""
    going = [status for status in statuses if status in GOING_ON]
    return going == [RunStatus.AWAITING_APPROVAL]


def _whole(stack: Life) -> dict[str, Any]:
    """The run that waits for people: three states come after their decision."""
    found: dict[str, Any] = next(run for run in stack.reader.runs() if run["status"] == RunStatus.AWAITING_APPROVAL)
    return found


def _transitions(stack: Life, arn: str) -> int:
    pages = stack.target.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return sum("stateEnteredEventDetails" in event for page in pages for event in page["events"])


def _lambda_use(stack: Life) -> tuple[int, float]:
    """Calls of all functions so far, and their GB seconds as billed."""
    pages = (
        stack.target.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=_log_group(stack), filterPattern="REPORT")
    )
    found = [m for page in pages for event in page["events"] if (m := _REPORT.search(event["message"]))]
    return len(found), sum(int(m[1]) / 1000 * int(m[2]) / 1024 for m in found)


def _log_group(stack: Life) -> str:
    groups = stack.target.client("logs").describe_log_groups()["logGroups"]
    return next(str(group["logGroupName"]) for group in groups if "unction" in group["logGroupName"])


if __name__ == "__main__":
    main()
