"""An alarm is sure of itself, a warning is not, and too little data is a verdict of its own."""

import random

import pytest

from fmops.monitoring.judge import judge, toxic_share
from fmops.monitoring.models import Exchange, ToxicShare
from fmops.monitoring.profile import Profile, profile
from fmops.usecases.models import Monitoring

RULE = Monitoring(min_records=30, toxic_share_limit=0.05)
_CALM = ["what", "is", "the", "name", "of", "a", "river", "city", "country", "number"]
_OTHER = ["poem", "write", "me", "angry", "rant", "about", "neighbours", "noise", "dogs", "long"]


def traffic(records: int, words: list[str], length: int, seed: int) -> Profile:
    chance = random.Random(seed)  # noqa: S311 - a simulation

    def text(around: int) -> str:
        return " ".join(chance.choice(words) for _ in range(max(1, round(chance.gauss(around, around / 4)))))

    return profile(Exchange(f"{seed}-{n}", text(length), text(4)) for n in range(records))


def clean(n: int = 100) -> ToxicShare | None:
    return toxic_share([0.01] * n, RULE)


def test_traffic_like_the_baseline_is_quiet() -> None:
    baseline = traffic(120, _CALM, 10, 1)

    verdicts = [judge(traffic(100, _CALM, 10, seed), baseline, clean(), RULE).verdict for seed in range(2, 42)]

    assert verdicts.count("OK") >= 39


def test_other_words_and_lengths_alarm_and_the_reasons_name_them() -> None:
    found = judge(traffic(100, _OTHER, 30, 2), traffic(120, _CALM, 10, 1), clean(), RULE)

    assert found.verdict == "ALARM"
    assert any(reason.startswith("prompt_words moved") for reason in found.reasons)
    assert any(reason.startswith("prompt_vocabulary moved") for reason in found.reasons)


@pytest.mark.parametrize("records", [0, 1, 29])
def test_too_few_records_are_never_good(records: int) -> None:
    found = judge(traffic(records, _CALM, 10, 2), traffic(120, _CALM, 10, 1), clean(), RULE)

    assert found.verdict == "INSUFFICIENT_DATA"


def test_unknown_toxicity_is_never_good() -> None:
    found = judge(traffic(100, _CALM, 10, 2), traffic(120, _CALM, 10, 1), None, RULE)

    assert found.verdict == "INSUFFICIENT_DATA"


def test_drift_is_told_even_where_toxicity_is_unknown() -> None:
    found = judge(traffic(100, _OTHER, 30, 2), traffic(120, _CALM, 10, 1), None, RULE)

    assert found.verdict == "ALARM"


@pytest.mark.parametrize(
    "toxic,verdict",
    [(0, "OK"), (4, "OK"), (6, "WARNING"), (30, "ALARM")],
)
def test_a_toxic_share_alarms_when_it_is_surely_above_the_limit(toxic: int, verdict: str) -> None:
    scores = [0.9] * toxic + [0.01] * (100 - toxic)

    found = judge(traffic(100, _CALM, 10, 2), traffic(120, _CALM, 10, 1), toxic_share(scores, RULE), RULE)

    assert found.verdict == verdict


def test_answers_that_could_not_be_scored_leave_the_denominator() -> None:
    found = toxic_share([0.9, None, 0.1, None], RULE)

    assert found is not None
    assert (found.n, found.share) == (2, 0.5)
    assert toxic_share([None], RULE) is None
