"""A vote goes through the function into ledger and bucket, and its window's judgement counts it."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.monitoring.feedback import votes
from fmops.monitoring.feedback.models import Vote
from fmops.monitoring.records import key
from fmops.usecases.store import check, save
from fmops_cli.__main__ import main
from fmops_cli.target import Target
from tests.integration.account import CAPTURE, TABLE, Account
from tests.integration.monitoring.test_window import USE_CASE, capture, judge, put_capture
from tests.integration.monitoring.test_window import watched as watched

END = clock.parse("2026-11-24T06:00:00Z")


def vote(account: Account, thumb: str, **more: Any) -> tuple[int, dict[str, Any]]:
    said = {"use_case": "trivia", "inference_id": "i-1", "thumb": thumb, **more}
    authorizer = {"iam": {"userArn": "arn:aws:iam::123456789012:user/app"}}
    event = {"body": json.dumps(said), "requestContext": {"authorizer": authorizer}}
    answer = account.handler("monitoring/take_feedback")(event, None)
    return answer["statusCode"], json.loads(answer["body"])


def texts() -> list[Any]:
    s3 = boto3.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=CAPTURE, Prefix="feedback/").get("Contents", [])]
    return [json.loads(s3.get_object(Bucket=CAPTURE, Key=key)["Body"].read()) for key in keys]


def many(down: int, up: int, hours_before: float) -> None:
    for n in range(down + up):
        at = END - timedelta(hours=hours_before)
        one = Vote(
            use_case="trivia",
            inference_id=f"{hours_before}-{n}",
            voter="v",
            thumb="down" if n < down else "up",
            given_at=at,
        )
        votes.put(wiring.ledger(), one)


def test_second_vote_replaces_the_first_and_its_words(watched: Account, capsys: pytest.CaptureFixture[str]) -> None:
    first = vote(watched, "down", text="it named the wrong river", user="ann")
    (words,) = texts()
    again = vote(watched, "up", user="ann")
    same = vote(watched, "up", user="ann")
    other = vote(watched, "up", user="bob")

    outcomes = [document["outcome"] for _, document in (first, again, same, other)]
    assert outcomes == ["recorded", "replaced", "unchanged", "recorded"]
    assert (words["text"], texts()[0]["text"]) == ("it named the wrong river", "")
    assert "ann" not in json.dumps(words)
    assert len(watched.records("FEEDBACK#trivia#i-1")) == 2
    assert "wrong river" not in str(watched.records("FEEDBACK#trivia#i-1")) + capsys.readouterr().out


def test_vote_on_an_unknown_use_case_or_without_sense_is_refused(watched: Account) -> None:
    assert vote(watched, "down", use_case="other") == (404, {"message": "there is no use case other"})
    assert vote(watched, "sideways")[0] == 400
    assert vote(watched, "up", text="x" * 20_000)[0] == 413


def test_window_counts_votes_until_its_end_and_alarms_when_users_dislike_the_answers(
    watched: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(wiring.ledger(), check({**USE_CASE, "monitoring": {"lateness_minutes": 5}}), clock.now())
    put_capture(watched, "05", [capture(str(n), f"what is river number {n % 7}", "the nile") for n in range(60)])
    many(60, 40, hours_before=0.5)
    many(50, 0, hours_before=-1)
    many(10, 190, hours_before=30)

    answer, events = judge(watched, [0.01] * 60)

    window = wiring.ledger().require(key("trivia", "2026-11-24T05:00Z"))
    completed = dict(events)["MonitoringCompleted"]
    assert (answer["verdict"], completed["holds"], completed["unknown"]) == ("ALARM", ["feedback"], ["quality"])
    assert (window["feedback"]["votes"], window["feedback"]["down"]) == (100, 60)
    assert window["feedback"]["baseline"]["n"] == 200
    assert completed["reasons"][0].startswith("users: 60.0% thumbs down [")
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert any(one.get("ThumbsDownShare") == [0.6] and one.get("FeedbackVotes") == [100.0] for one in metrics)
    monkeypatch.setattr(
        "fmops_cli.monitoring.find", lambda _: Target("fmops", {"LedgerName": TABLE}, boto3.client, False)
    )
    assert main(["monitoring", "windows", "trivia"]) == 0
    assert "60 of 100" in capsys.readouterr().out


def test_window_without_votes_says_that_nothing_is_known_of_them(watched: Account) -> None:
    put_capture(watched, "05", [capture(str(n), f"what is river number {n % 7}", "the nile") for n in range(60)])

    answer, events = judge(watched, [0.01] * 60)

    assert answer["verdict"] == "OK"
    assert dict(events)["MonitoringCompleted"]["unknown"] == ["feedback", "quality"]
