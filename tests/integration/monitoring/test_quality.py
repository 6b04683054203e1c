"""Truths of an earlier window are joined with what was captured, and the window that is judged then tells."""

import json
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.monitoring.records import key
from fmops.usecases.store import check, save
from fmops_cli.__main__ import main
from fmops_cli.target import Target
from tests.integration.account import ARTIFACTS, DATASETS, TABLE, Account
from tests.integration.monitoring.test_window import TASK, USE_CASE, capture, judge, put_capture
from tests.integration.monitoring.test_window import watched as watched

LATER = {**TASK, "run_id": "watch-2", "window_start": "2026-11-24T07:00:00.000Z", "execution_arn": "arn:watch-2"}


def truth(event_id: str, text: str) -> str:
    return json.dumps(
        {
            "groundTruthData": {"data": text, "encoding": "CSV"},
            "eventMetadata": {"eventId": event_id},
            "eventVersion": "0",
        }
    )


def put_truths(account: Account, hour: str, lines: list[str]) -> None:
    key = f"truth/trivia/2026/11/24/{hour}/labels.jsonl"
    account.s3.put_object(Bucket=DATASETS, Key=key, Body="\n".join(lines).encode())


@pytest.fixture
def earlier(watched: Account) -> Account:
    """A window of sixty answers, half of them wrong, of a release that was right in its evaluation."""
    document = {**USE_CASE, "monitoring": {"lateness_minutes": 5, "truth": {"hours": 2}}}
    save(wiring.ledger(), check(document), clock.now())
    rows = [json.dumps({"id": str(n), "f1": 1.0}) for n in range(100)]
    watched.s3.put_object(Bucket=ARTIFACTS, Key="runs/r/scores.jsonl", Body="\n".join(rows).encode())
    lines = [capture(str(n), f"what is river number {n % 7}", "the nile") for n in range(60)]
    put_capture(watched, "05", [*lines, *lines[:3]])
    judge(watched, [0.01] * 60)
    watched.events()
    return watched


def measured(account: Account) -> Any:
    account.handler("monitoring/plan_window")(LATER, None)
    return account.handler("monitoring/measure_quality")({"task": LATER}, None)


def test_truths_are_joined_scored_and_compared(earlier: Account) -> None:
    put_truths(earlier, "05", [truth(str(n), "the amazon") for n in range(50)])
    # Late ones, among them corrections, rubbish, and one of another window.
    put_truths(earlier, "07", [*(truth(str(n), "nile") for n in range(10)), "rubbish", truth("elsewhere", "the nile")])
    # Too late.
    put_truths(earlier, "08", [truth(str(n), "the nile") for n in range(60)])

    quality = measured(earlier)

    counts = [quality[name] for name in ("window", "captured", "matched", "truths", "corrected", "unreadable")]
    assert counts == ["2026-11-24T05:00Z", 60, 50, 51, 10, 1]
    assert (quality["verdict"], quality["metrics"]["f1"]["now"]["value"]) == ("ALARM", 0.2)
    refused = earlier.s3.get_object(Bucket=ARTIFACTS, Key="monitoring/trivia/quarantine/2026-11-24T0700Z/truths.txt")
    assert refused["Body"].read() == b"rubbish\n"


def test_window_tells_the_quality_of_the_earlier_one(
    earlier: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_truths(earlier, "06", [truth(str(n), "the amazon") for n in range(60)])

    event = {"task": LATER, "failed": 0, "due": False, "scored": False, "quality": measured(earlier)}
    answer = earlier.handler("monitoring/judge_window")(event, None)

    completed = dict(earlier.events())["MonitoringCompleted"]
    assert answer["verdict"] == "INSUFFICIENT_DATA"
    assert completed["holds"] == ["quality"]
    assert any(reason.startswith("answers of 2026-11-24T05:00Z: f1 0.000 [") for reason in completed["reasons"])
    assert wiring.ledger().require(key("trivia", "2026-11-24T07:00Z"))["quality"]["matched"] == 60
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert any(one.get("AnswerQuality") == [0.0] and one["Metric"] == "f1" for one in metrics)
    assert any(one.get("TruthCoverage") == [1.0] for one in metrics)
    monkeypatch.setattr(
        "fmops_cli.monitoring.find", lambda _: Target("fmops", {"LedgerName": TABLE}, boto3.client, False)
    )
    assert main(["monitoring", "windows", "trivia"]) == 0
    assert "f1 0.00 of 60" in capsys.readouterr().out


def test_window_without_truths_or_before_the_release_is_no_verdict(earlier: Account) -> None:
    none = measured(earlier)
    earlier_still = {**LATER, "window_start": "2026-11-24T06:00:00.000Z"}

    assert (none["verdict"], none["matched"], none["metrics"]["f1"]["now"]) == ("INSUFFICIENT_DATA", 0, None)
    assert earlier.handler("monitoring/measure_quality")({"task": earlier_still}, None) is None
