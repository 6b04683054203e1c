"""A window of a model that a route names: its calls among all that Bedrock logs of the account."""

import gzip
import json
from datetime import datetime
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.usecases.store import check, save
from tests.fakes.champions import champion, crown, evaluated
from tests.integration.account import ACCOUNT, CAPTURE, REGION, Account
from tests.integration.monitoring.test_window import USE_CASE, judge

MODEL = "us.amazon.nova-lite-v1:0"
PROFILE = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{MODEL}"
LOGS = f"bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}"


def call(number: int, prompt: str, answer: str, model: str = PROFILE, **metadata: str) -> str:
    """A call as Bedrock logs it."""
    said = {"output": {"message": {"role": "assistant", "content": [{"text": answer}]}}}
    return json.dumps(
        {
            "schemaType": "ModelInvocationLog",
            "requestId": str(number),
            "operation": "Converse",
            "modelId": model,
            "requestMetadata": metadata,
            "input": {
                "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": prompt}]}]},
                "inputTokenCount": 1000,
            },
            "output": {"outputBodyJson": said, "outputTokenCount": 500},
        }
    )


def serve(**release: Any) -> None:
    """The use case's champion is a model of Bedrock since twenty past four."""
    model = {"kind": "bedrock", "id": "nova", "model_id": MODEL, "price": {"input": 1, "output": 4}}
    document = {
        **USE_CASE,
        "candidates": [*USE_CASE["candidates"], model],
        "release": {"kind": "route", "route_name": "trivia", **release},
    }
    save(wiring.ledger(), check(document), clock.now())
    target = champion(candidate="nova", endpoint="", model_id=MODEL, capture_uri=f"s3://{CAPTURE}/{LOGS}")
    evaluated(target)
    crown(target)


def log(account: Account, calls: list[str], name: str = "calls") -> None:
    body = gzip.compress("\n".join(calls).encode())
    account.s3.put_object(Bucket=CAPTURE, Key=f"{LOGS}/2026/11/24/05/{name}.json.gz", Body=body)
    account.s3.put_object(Bucket=CAPTURE, Key=f"{LOGS}/amazon-bedrock-logs-permission-check", Body=b"x")


def counted(invocations: int) -> None:
    """What CloudWatch knows of the model, whoever called it."""
    boto3.client("cloudwatch").put_metric_data(
        Namespace="AWS/Bedrock",
        MetricData=[
            {
                "MetricName": "Invocations",
                "Dimensions": [{"Name": "ModelId", "Value": MODEL}],
                "Timestamp": datetime.fromisoformat("2026-11-24T05:20:00+00:00"),
                "Value": invocations,
            }
        ],
    )


def usual(number: int, **more: Any) -> str:
    return call(number, f"what is river number {number % 7}", "the nile", **more)


def test_only_the_models_calls_are_judged_and_our_own_are_told_apart(account: Account) -> None:
    serve()
    others = [call(100 + n, "write me a poem about my dog", "woof", model="amazon.titan-text-v1") for n in range(50)]
    log(account, [usual(n) for n in range(60)] + others + [usual(200 + n, fmops="evaluation") for n in range(5)])
    counted(65)

    answer, events = judge(account, [0.01] * 60)

    window = account.records("USECASE#trivia")[-1]
    assert answer == {"verdict": "OK", "records": 60, "probe_due": False}
    assert [kind for kind, _ in events] == ["MonitoringCompleted"]
    assert (window["coverage"]["invocations"], window["coverage"]["records"]) == (65, 65)
    # 60 calls of 1,000 and 500 tokens, at 1 and 4 dollars a million.
    assert window["usage"]["cost_usd"] == pytest.approx(60 * (1000 * 1 + 500 * 4) / 1e6)


def test_drift_of_a_route_names_the_model(account: Account) -> None:
    serve()
    log(account, [call(n, f"write a long letter about my neighbour {n}", "you fool " * 9) for n in range(60)])

    _, events = judge(account, [0.9] * 20 + [0.01] * 40)

    found = dict(events)
    assert (found["DriftDetected"]["endpoint"], found["DriftDetected"]["model_id"]) == ("", MODEL)
    assert found["ToxicityDetected"]["model_id"] == MODEL


def test_calls_that_are_not_logged_leave_the_window_unjudged(account: Account) -> None:
    serve()
    log(account, [usual(n) for n in range(60)])
    counted(400)

    answer, _ = judge(account, [0.01] * 60)

    assert answer["verdict"] == "INSUFFICIENT_DATA"


def test_metadata_tells_use_cases_of_one_model_apart(account: Account) -> None:
    serve(request_metadata={"app": "trivia"})
    log(account, [usual(n, app="trivia") for n in range(40)] + [usual(50 + n, app="shop") for n in range(40)])
    # CloudWatch counts the other's, too: nothing can be said of coverage.
    counted(400)

    answer, _ = judge(account, [0.01] * 40)

    assert answer == {"verdict": "OK", "records": 40, "probe_due": False}
    assert account.records("USECASE#trivia")[-1]["coverage"] is None
