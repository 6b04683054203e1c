"""Drift warns when it is sure and alarms in two windows in a row; too little data is a verdict of its own."""

import random

import pytest

from fmops.monitoring.baseline import profile
from fmops.monitoring.judge import Circumstances, judge
from fmops.monitoring.models import Coverage, Judgement, Latency, ToxicGap, ToxicShare
from fmops.monitoring.profile.model import Profile
from fmops.monitoring.reading.records import Record
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring

RULE = Monitoring(min_records=30, toxic_share_limit=0.05)
_LEXICON = Lexicon()
_CALM = ["what", "is", "the", "name", "of", "a", "river", "city", "country", "number"]
_OTHER = ["poem", "write", "me", "angry", "rant", "about", "neighbours", "noise", "dogs", "long"]


def traffic(records: int, words: list[str], length: int, seed: int, answer: str = "") -> Profile:
    chance = random.Random(seed)  # noqa: S311 - a simulation

    def text(around: int) -> str:
        return " ".join(chance.choice(words) for _ in range(max(1, round(chance.gauss(around, around / 4)))))

    return profile((Record(f"{seed}-{n}", text(length), answer or text(4)) for n in range(records)), _LEXICON)


def toxic(share: float, low: float, high: float, gaps: list[ToxicGap] | None = None) -> ToxicShare:
    return ToxicShare(share=share, low=low, high=high, n=100, limit=RULE.toxic_share_limit, gaps=gaps or [])


def clean() -> ToxicShare:
    return toxic(0, 0, 0.03)


def after(found: Judgement, window: str = "2") -> Circumstances:
    """What is known in the window after this one."""
    return Circumstances(window=window, before=found.drift)


BASELINE = traffic(120, _CALM, 10, 1)


def test_traffic_like_the_baseline_is_quiet() -> None:
    verdicts = [judge(traffic(100, _CALM, 10, seed), BASELINE, clean(), RULE).verdict for seed in range(2, 42)]

    assert verdicts == ["OK"] * 40


def test_other_words_and_lengths_warn_and_in_the_next_window_they_alarm() -> None:
    first = judge(traffic(100, _OTHER, 30, 2), BASELINE, clean(), RULE, Circumstances(window="1"))
    second = judge(traffic(100, _OTHER, 30, 3), BASELINE, clean(), RULE, after(first))

    assert (first.verdict, second.verdict) == ("WARNING", "ALARM")
    assert any(reason.startswith("prompt words moved") for reason in second.reasons)
    assert any(reason.startswith("prompt vocabulary moved") for reason in second.reasons)
    words = second.drift["prompt_words"]
    assert (words.direction, words.since) == ("up", "1")
    assert words.window is not None
    assert words.baseline is not None
    assert words.window > 20 > words.baseline


def test_what_moves_in_every_other_window_only_warns() -> None:
    first = judge(traffic(100, _OTHER, 30, 2), BASELINE, clean(), RULE, Circumstances(window="1"))
    calm = judge(traffic(100, _CALM, 10, 3), BASELINE, clean(), RULE, after(first))
    again = judge(traffic(100, _OTHER, 30, 4), BASELINE, clean(), RULE, after(calm, "3"))

    assert [found.verdict for found in (first, calm, again)] == ["WARNING", "OK", "WARNING"]


def test_refusals_are_a_share_with_a_direction() -> None:
    refusing = traffic(100, _CALM, 10, 2, "I'm sorry, but I can't help with that.")

    found = judge(refusing, BASELINE, clean(), RULE).drift["refusals"]

    assert (found.unit, found.direction, found.window, found.baseline) == ("share", "up", 1.0, 0.0)
    assert found.low > 0.9


@pytest.mark.parametrize("records", [0, 1, 29])
def test_too_few_records_are_never_good(records: int) -> None:
    found = judge(traffic(records, _CALM, 10, 2), BASELINE, clean(), RULE)

    assert found.verdict == "INSUFFICIENT_DATA"


def test_a_window_whose_capture_is_incomplete_is_not_judged() -> None:
    window = traffic(100, _CALM, 10, 2)

    def verdict(invocations: float) -> str:
        coverage = Coverage(invocations=invocations, sampled=0.5, records=100, least=0.8)
        return judge(window, BASELINE, clean(), RULE, Circumstances(coverage=coverage)).verdict

    assert (verdict(200), verdict(240), verdict(260)) == ("OK", "OK", "INSUFFICIENT_DATA")


def test_slow_answers_warn_and_then_alarm() -> None:
    window, slow = traffic(100, _CALM, 10, 2), Latency(p50=200, p95=300, usual=100, limit=0.5)

    first = judge(window, BASELINE, clean(), RULE, Circumstances(latency=slow))
    second = judge(window, BASELINE, clean(), RULE, Circumstances(latency=slow, slow_before=True))

    assert (first.verdict, second.verdict) == ("WARNING", "ALARM")
    assert "usually 100 ms" in second.reasons[0]


def test_batches_that_could_not_be_read_are_told() -> None:
    found = judge(traffic(100, _CALM, 10, 2), BASELINE, clean(), RULE, Circumstances(failed=2))

    assert found.reasons == ["2 batches of the window could not be read"]


def test_unknown_toxicity_is_never_good() -> None:
    found = judge(traffic(100, _CALM, 10, 2), BASELINE, None, RULE)

    assert found.verdict == "INSUFFICIENT_DATA"


def test_lasting_drift_is_told_even_where_toxicity_is_unknown() -> None:
    first = judge(traffic(100, _OTHER, 30, 2), BASELINE, None, RULE, Circumstances(window="1"))
    second = judge(traffic(100, _OTHER, 30, 3), BASELINE, None, RULE, after(first))

    assert (first.verdict, second.verdict) == ("INSUFFICIENT_DATA", "ALARM")
    assert any("moved by" in reason for reason in first.reasons)


@pytest.mark.parametrize(
    "share,low,verdict",
    [(0, 0, "OK"), (0.04, 0.01, "OK"), (0.06, 0.03, "WARNING"), (0.3, 0.2, "ALARM")],
)
def test_a_toxic_share_alarms_at_once_when_it_is_surely_above_the_limit(share: float, low: float, verdict: str) -> None:
    found = judge(traffic(100, _CALM, 10, 2), BASELINE, toxic(share, low, 0.5), RULE)

    assert found.verdict == verdict


def test_a_group_whose_prompts_are_surely_answered_worse_warns() -> None:
    def verdict(low: float) -> Judgement:
        gap = ToxicGap(group="women", gap=low + 0.1, low=low, high=low + 0.2, n=40, answers=900)
        return judge(traffic(100, _CALM, 10, 2), BASELINE, toxic(0.01, 0, 0.03, [gap]), RULE)

    assert (verdict(0.04).verdict, verdict(0.06).verdict) == ("OK", "WARNING")
    assert "women, by 40 scored of 900" in verdict(0.06).reasons[0]


def test_a_window_says_that_quality_could_not_be_measured() -> None:
    found = judge(traffic(100, _CALM, 10, 2), BASELINE, clean(), RULE, Circumstances(unmeasured="WindowUnusable"))

    assert (found.verdict, found.reasons) == ("OK", ["quality could not be measured: WindowUnusable"])
