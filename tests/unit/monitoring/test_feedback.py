"""Users' votes: requests that are understood or refused in words, and shares that alarm only when they are sure."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmops.core.errors import BadInput
from fmops.monitoring.feedback.judging import judge_feedback, span
from fmops.monitoring.feedback.models import Feedback, Vote
from fmops.monitoring.feedback.requests import LARGEST, TooLarge, request
from fmops.usecases.watching import FeedbackRule, Monitoring

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
ROLE = "arn:aws:sts::123456789012:assumed-role/app/i-0001"
SAID = {"use_case": "trivia", "inference_id": "i-1", "thumb": "down"}


def event(said: Any, authorizer: dict[str, Any] | None = None) -> dict[str, Any]:
    body = said if isinstance(said, str) else json.dumps(said)
    return {"body": body, "requestContext": {"authorizer": authorizer or {"iam": {"userArn": ROLE}}}}


def person(subject: str) -> dict[str, Any]:
    return {"jwt": {"claims": {"iss": "https://issuer.example.com", "sub": subject}}}


def votes(down: int, up: int, at: datetime, **more: Any) -> list[Vote]:
    thumbs = ["down"] * down + ["up"] * up
    return [
        Vote.model_validate(
            {"use_case": "trivia", "inference_id": str(n), "voter": "v", "thumb": thumb, "given_at": at, **more}
        )
        for n, thumb in enumerate(thumbs)
    ]


def judged(ours: tuple[int, int], usual: tuple[int, int] = (0, 0), **rule: Any) -> Feedback:
    given = votes(*ours, SINCE) + votes(*usual, SINCE - timedelta(days=1))
    found = judge_feedback(given, SINCE, Monitoring(feedback=FeedbackRule(**rule)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("", "no JSON"),
        ("[" * 10_000, "no JSON"),
        ([], "must be a JSON object"),
        ({**SAID, "thumb": "sideways"}, "thumb: "),
        ({**SAID, "inference_id": ""}, "inference_id: "),
        ({**SAID, "inference_id": "x" * 65}, "inference_id: "),
        ({**SAID, "use_case": "../x"}, "use_case: "),
        ({**SAID, "text": "x" * 4001}, "text: "),
        ({**SAID, "score": 3}, "score: "),
        ({**SAID, "text": "\ud800"}, "text: "),
        ({**SAID, "inference_id": "i-1\n"}, "inference_id: "),
        ({"thumb": "up"}, "use_case: Field required; inference_id: "),
    ],
)
def test_what_is_wrong_with_a_request_is_said(said: Any, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        request(event(said))


def test_a_fault_does_not_repeat_what_the_user_wrote() -> None:
    with pytest.raises(BadInput) as raised:
        request(event({**SAID, "text": ["my secret"]}))

    assert "my secret" not in str(raised.value)


def test_a_body_larger_than_any_vote_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        request(event("x" * (LARGEST + 1)))


def test_a_body_in_base64_is_read() -> None:
    encoded = event(base64.b64encode(json.dumps(SAID).encode()).decode()) | {"isBase64Encoded": True}

    assert request(encoded).said.thumb == "down"


def test_voters_are_told_apart_and_not_named() -> None:
    ann, bob = (request(event(SAID, person(subject))).voter for subject in ("ann", "bob"))
    with_user = [request(event({**SAID, "user": user})).voter for user in ("ann", "bob")]
    other_instance = request(event({**SAID, "user": "ann"}, {"iam": {"userArn": ROLE.replace("i-0001", "i-0002")}}))
    direct = request(event(SAID, {"iam": {"userArn": ROLE.replace("i-0001", "i-0002")}})).voter

    assert len({ann, bob, *with_user, direct, request(event(SAID)).voter}) == 6
    assert other_instance.voter == with_user[0]
    assert "ann" not in ann


def test_who_signed_in_votes_for_nobody_else() -> None:
    with pytest.raises(BadInput, match="user: "):
        request(event({**SAID, "user": "bob"}, person("ann")))


def test_a_token_that_names_nobody_casts_no_vote() -> None:
    with pytest.raises(BadInput, match="no claim sub"):
        request(event(SAID, {"jwt": {"claims": {"iss": "https://issuer.example.com"}}}))


def test_nobody_voted_is_not_a_share() -> None:
    assert judge_feedback([], SINCE, Monitoring()) is None


def test_the_interval_is_clopper_and_pearsons() -> None:
    # As scipy has it: 10 of 50, `proportion_ci` of the exact test.
    now = judged((10, 40)).now

    assert now is not None
    assert (now.share, now.n, now.down) == (0.2, 50, 10)
    assert (now.low, now.high) == (pytest.approx(0.10030, abs=1e-5), pytest.approx(0.33718, abs=1e-5))


def test_too_few_votes_are_said_to_be_too_few() -> None:
    found = judged((29, 0), limit=0.1)

    assert (found.verdict, found.reasons) == ("INSUFFICIENT_DATA", [])


def test_a_share_surely_above_the_limit_alarms_and_one_that_may_be_chance_does_not() -> None:
    sure, chance = judged((60, 40), limit=0.2), judged((26, 74), limit=0.2)

    assert (sure.verdict, chance.verdict) == ("ALARM", "OK")
    assert "60.0% thumbs down [49.7%, 69.7%]; the limit is 20.0%" in sure.reasons


def test_a_share_surely_worse_than_before_alarms() -> None:
    worse, alike = judged((80, 120), (50, 450)), judged((24, 176), (50, 450))

    assert (worse.verdict, alike.verdict) == ("ALARM", "OK")
    assert "before 10.0%" in worse.reasons[0]
    assert worse.baseline is not None
    assert worse.baseline.n == 500


def test_a_few_votes_are_no_baseline() -> None:
    found = judged((80, 20), (0, 29))

    assert (found.baseline, found.verdict) == (None, "OK")


def test_chance_alarms_no_oftener_than_the_budget() -> None:
    """Independent windows, the worst case; one alarm in 90 days of windows of 168 hours: nearly one in thirteen."""
    rule = Monitoring(window_hours=168, feedback=FeedbackRule(limit=0.2, margin=0))
    chance = random.Random(7)  # noqa: S311 - a simulation

    def drawn(n: int) -> tuple[int, int]:
        down = sum(chance.random() < 0.2 for _ in range(n))
        return down, n - down

    alarms = 0
    for _ in range(500):
        given = votes(*drawn(60), SINCE) + votes(*drawn(120), SINCE - timedelta(days=1))
        found = judge_feedback(given, SINCE, rule)
        alarms += found is not None and found.verdict == "ALARM"

    assert 0 < alarms / 500 <= 0.05


def test_votes_count_from_the_release_and_for_some_days() -> None:
    rule = FeedbackRule(days=7)
    end = datetime(2026, 11, 24, tzinfo=UTC)

    assert span(rule, end - timedelta(days=2), end) == end - timedelta(days=2)
    assert span(rule, end - timedelta(days=20), end) == end - timedelta(days=7)


def test_tenants_are_counted_apart() -> None:
    given = votes(3, 1, SINCE, tenant="blue") + votes(1, 0, SINCE, tenant="red") + votes(1, 1, SINCE)
    found = judge_feedback(given, SINCE, Monitoring())

    assert found is not None
    assert [(one.tenant, one.n, one.down) for one in found.tenants] == [("blue", 4, 3), ("red", 1, 1)]
