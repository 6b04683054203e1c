"""An alert goes through the functions, from open to recovered, muted and acknowledged; with the clock moved."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from fmops.alerts import records
from fmops.alerts.raising import Desk
from fmops.alerts.topic import recipient_id
from fmops.alerts.wiring import desk
from fmops.core import clock, wiring
from fmops.core.errors import BadInput, NotFound
from fmops.core.events import DriftDetected, Event, MonitoringCompleted
from fmops.usecases.store import check, save
from tests.integration.account import Account
from tests.integration.monitoring.test_window import USE_CASE

SECOND = "second@example.com"
ALERTING = {"escalate_to": [SECOND], "escalate_after_minutes": 30, "calm_windows": 1, "cool_down_hours": 6}


def drift(hour: int, severity: Any = "WARNING") -> DriftDetected:
    return DriftDetected(
        run_id="watch-1",
        use_case="trivia",
        window=f"2026-11-24T{hour:02}:00Z",
        endpoint="ab12cd34-trivia",
        severity=severity,
        features=["prompt_words", "prompt_vocabulary"],
        findings=["prompt words moved by 0.3 bits [0.2, 0.4]", "prompt vocabulary moved by 0.5 bits [0.4, 0.6]"],
        records=4321,
    )


def judged(hour: int, verdict: Any = "OK", *holds: Any) -> MonitoringCompleted:
    window = f"2026-11-24T{hour:02}:00Z"
    return MonitoringCompleted(
        run_id="w", use_case="trivia", window=window, records=60, verdict=verdict, holds=list(holds)
    )


class Post:
    """The functions, the clock and the mails."""

    def __init__(self, account: Account, move: Callable[[str], None]) -> None:
        self.account, self._move = account, move
        self._sqs = boto3.client("sqs")
        self._queue = self._sqs.create_queue(QueueName="mails")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        account.sns.subscribe(TopicArn=account.alerts_topic, Protocol="sqs", Endpoint=arn)
        self._raise, self._follow, self._tend = (
            account.handler(f"operations/{name}") for name in ("raise_alert", "follow_up_alerts", "tend_alerts")
        )

    def at(self, time: str, event: Event | None = None) -> list[dict[str, Any]]:
        """Deliver an event at a time of the day, or let the schedule fire; the mails."""
        self._move(f"2026-11-24T{time}:00Z")
        if event is None:
            self._follow({}, None)
        else:
            self._raise({"detail-type": event.kind, "detail": event.model_dump(mode="json")}, None)
        return self.mails()

    def tend(self, time: str, **wanted: Any) -> dict[str, Any]:
        self._move(f"2026-11-24T{time}:00Z")
        answer: dict[str, Any] = self._tend(wanted, None)
        return answer

    def mails(self) -> list[dict[str, Any]]:
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]


@pytest.fixture
def post(account: Account, monkeypatch: pytest.MonkeyPatch) -> Post:
    save(wiring.ledger(), check({**USE_CASE, "alerting": ALERTING}), clock.now())
    return Post(account, lambda time: monkeypatch.setattr(clock, "_source", lambda: clock.parse(time)))


def subjects(mails: list[dict[str, Any]]) -> list[str]:
    return [mail["Subject"] for mail in mails]


def alert_id() -> str:
    (record,) = wiring.ledger().of_kind("alert_open")
    return str(record["alert_id"])


def test_the_mail_says_what_where_how_much_since_when_and_what_to_do(post: Post) -> None:
    (mail,) = post.at("06:10", drift(5))

    assert mail["Subject"] == "trivia: drift in prompt_words, prompt_vocabulary"
    for part in (
        "endpoint ab12cd34-trivia in the window 2026-11-24T05:00Z",
        "4321 records",
        "- prompt words moved by 0.3 bits [0.2, 0.4]",
        "Since:     the window 2026-11-24T05:00Z; seen in 1 window",
        "Dashboard: https://console.example.com/dashboard",
        "Next: look at",
        f"fmops alerts acknowledge {alert_id()}",
    ):
        assert part in mail["Message"]


def test_a_life_of_a_drift_from_its_first_window_to_its_recovery(post: Post) -> None:
    name = "trivia: drift in prompt_words, prompt_vocabulary"

    assert subjects(post.at("06:10", drift(5))) == [name]
    assert post.at("06:11", judged(5, "WARNING", "drift")) == []
    assert subjects(post.at("07:10", drift(6, "ALARM"))) == [f"ALARM {name}"]
    assert post.at("07:35") == []
    (escalated,) = post.at("07:40")
    assert escalated["Subject"] == f"ALARM Nobody answers: {name}"
    assert recipient_id(SECOND) in escalated["MessageAttributes"]["recipient"]["Value"]
    assert post.at("08:10", drift(7, "ALARM")) == []
    assert subjects(post.at("13:41", drift(12, "ALARM"))) == [f"ALARM Still: {name}"]
    (over,) = post.at("14:11", judged(13))
    assert over["Subject"] == f"Recovered: {name}"
    assert "seen in 4 windows, and in the last 1 not" in over["Message"]
    assert wiring.ledger().of_kind("alert_open") == []
    raised = [detail["notice"] for kind, detail in post.account.events() if kind == "AlertRaised"]
    assert raised == ["opened", "worse", "escalated", "repeated", "recovered"]


def test_a_window_that_could_not_be_judged_recovers_nothing(post: Post) -> None:
    post.at("06:10", drift(5))

    (mail,) = post.at("07:10", judged(6, "INSUFFICIENT_DATA"))

    assert mail["Subject"] == "trivia: a window could not be judged"
    assert subjects(post.at("08:10", judged(7))) == [
        "Recovered: trivia: drift in prompt_words, prompt_vocabulary",
        "Recovered: trivia: a window could not be judged",
    ]


def test_calm_windows_without_a_cause_are_nothing(post: Post) -> None:
    assert post.at("06:10", judged(5)) == []
    assert wiring.ledger().of_kind("alert") == []


def test_slow_answers_are_told_though_no_event_of_their_own_says_so(post: Post) -> None:
    event = judged(5, "WARNING", "latency").model_copy(
        update={"reasons": ["the median latency is 900 ms, usually 300"]}
    )

    (mail,) = post.at("06:10", event)

    assert mail["Subject"] == "trivia: slower answers"
    assert "- the median latency is 900 ms, usually 300" in mail["Message"]


def test_whoever_acknowledges_is_not_reminded_and_the_second_list_sleeps(post: Post) -> None:
    post.at("06:10", drift(5, "ALARM"))

    answer = post.tend("06:20", do="acknowledge", alert_id=alert_id(), by="ann")

    assert answer["status"] == "acknowledged"
    assert post.at("09:00") == []
    assert post.at("19:10", drift(18, "ALARM")) == []


def test_a_mute_holds_mails_back_and_its_end_tells_what_is_still_so(post: Post) -> None:
    post.tend("06:00", do="mute", use_case="trivia", hours=2, reason="load test", by="ann")

    assert post.at("06:10", drift(5, "ALARM")) == []
    assert post.at("07:55") == []
    assert subjects(post.at("08:00")) == ["ALARM trivia: drift in prompt_words, prompt_vocabulary"]


def test_unmuting_tells_at_once_what_was_held_back(post: Post) -> None:
    post.tend("06:00", do="mute", use_case="trivia", hours=48, reason="load test", by="ann")
    post.at("06:10", drift(5))
    post.tend("06:20", do="mute", use_case="trivia", hours=0, reason="unmuted", by="ann")

    assert len(post.at("06:25")) == 1


@pytest.mark.parametrize(
    "wanted, error, said",
    [
        ({"do": "mute", "use_case": "trivia", "hours": 999, "reason": "x", "by": "ann"}, BadInput, "hours"),
        ({"do": "mute", "use_case": "../x", "hours": 1, "reason": "x", "by": "ann"}, BadInput, "use_case"),
        ({"do": "sing"}, BadInput, "acknowledge"),
        ({"do": "acknowledge", "alert_id": "alert-0123456789ab", "by": "ann"}, NotFound, "fmops alerts list"),
    ],
)
def test_what_can_not_be_done_says_why(post: Post, wanted: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        post.tend("06:00", **wanted)


def test_two_at_once_tell_once(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"detail-type": "DriftDetected", "detail": drift(5).model_dump(mode="json")}
    other = post.account.handler("operations/raise_alert")
    real, raced = records.load, list[bool]()

    def late(*arguments: Any) -> Any:
        """Between this one's look and its write the other does all of its work."""
        found = real(*arguments)
        if not raced:
            raced.append(True)
            other(event, None)
        return found

    monkeypatch.setattr("fmops.alerts.records.load", late)

    assert len(post.at("06:10", drift(5))) == 1


def test_a_mail_of_somebody_who_died_is_sent_by_the_schedule_when_the_lease_is_over(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(Desk, "_send", lambda *_: None)
        assert post.at("06:10", drift(5)) == []

    assert post.at("06:10", drift(5)) == []
    assert len(post.at("06:12")) == 1
    assert post.at("06:20") == []


def test_a_sign_that_comes_while_a_mail_is_under_way_takes_no_mail_and_sends_none_twice(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, other = Desk._send, desk

    def slow(self: Desk, *arguments: Any) -> None:
        monkeypatch.setattr(Desk, "_send", send)
        post.at("06:10", judged(6, "WARNING", "drift"))
        other().follow_up(clock.now())
        send(self, *arguments)

    monkeypatch.setattr(Desk, "_send", slow)

    assert len(post.at("06:10", drift(5))) == 1
    assert post.at("06:30") == []


def test_no_text_of_a_prompt_that_an_error_quotes_gets_into_a_mail(post: Post, repo: Any) -> None:
    canary = "canary-4711 my card is 4111 1111 1111 1111"
    message = f"1 validation error for Row\\nprompt\\n  bad [type=x, input_value='{canary}', input_type=str]"
    cause = json.dumps({"errorMessage": message, "errorType": "ValidationError", "stackTrace": [canary]})
    event = json.loads((repo / "events/execution-failed.json").read_text())

    post.account.handler("operations/raise_alert")(
        {"detail-type": event["detail-type"], "detail": {**event["detail"], "cause": cause}}, None
    )

    (mail,) = post.mails()
    assert "canary" not in mail["Message"]
    assert "4111" not in mail["Message"]
    assert "validation error for Row" in mail["Message"]


def test_what_lasts_is_counted_by_severity_and_none_is_counted_too(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    def counted(time: str) -> dict[str, float]:
        capsys.readouterr()
        post.at(time)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        return {line["Severity"]: line["OpenAlerts"][0] for line in lines if line["Stack"] == "fmops"}

    assert counted("05:00") == {"INFO": 0, "WARNING": 0, "ALARM": 0}
    post.at("06:10", drift(5))
    assert counted("06:15") == {"INFO": 0, "WARNING": 1, "ALARM": 0}
    post.at("07:10", drift(6, "ALARM"))
    assert counted("07:15") == {"INFO": 0, "WARNING": 0, "ALARM": 1}
    post.at("08:10", judged(7))
    assert counted("08:15") == {"INFO": 0, "WARNING": 0, "ALARM": 0}
