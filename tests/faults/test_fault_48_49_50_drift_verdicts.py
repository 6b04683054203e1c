"""A negligible shift in very many records is no news, a material one is within two windows, and too little says so."""

import json
import random
from collections.abc import Iterator
from functools import cache

import pytest

from fmops.monitoring.baseline import profile
from fmops.monitoring.judge import Circumstances, judge
from fmops.monitoring.models import Judgement, ToxicShare
from fmops.monitoring.profile.model import Profile, empty
from fmops.monitoring.reading.records import Record
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring

RULE = Monitoring()
_SUBJECTS = (
    "river",
    "city",
    "king",
    "treaty",
    "planet",
    "engine",
    "poem",
    "virus",
    "island",
    "bridge",
    "theorem",
    "battle",
    "opera",
    "glacier",
    "orchid",
)
_ASKED = ["who", "what", "when", "where", "why", "how", "which"]
_TOXICITY = ToxicShare(share=0, low=0, high=0.02, n=200, limit=RULE.toxic_share_limit)


@cache
def lexicon() -> Lexicon:
    return Lexicon()


def traffic(records: int, seed: int, other: float = 0.0) -> Profile:
    """Questions of some length; a share of them is about something else, and longer."""
    chance = random.Random(seed)  # noqa: S311 - a simulation

    def rows() -> Iterator[Record]:
        for number in range(records):
            if chance.random() < other:
                prompt = (
                    "please write a very long and friendly letter of complaint to my landlord about the heating " * 2
                )
                answer = "Dear Sir or Madam, I am writing to you because the heating has been broken for weeks. " * 3
            else:
                words = chance.choices(_SUBJECTS, k=chance.randint(3, 9))
                prompt = f"{chance.choice(_ASKED)} is the {' '.join(words)}"
                answer = f"It is the {' '.join(chance.choices(_SUBJECTS, k=chance.randint(2, 12)))}."
            yield Record(f"{seed}-{number}", prompt, answer)

    return profile(rows(), lexicon())


@cache
def baseline() -> Profile:
    return traffic(300, 1)


def verdict(window: Profile, before: Judgement | None = None, name: str = "1") -> Judgement:
    known = Circumstances(window=name, before=before.drift if before else {})
    return judge(window, baseline(), _TOXICITY, RULE, known)


def many(window: Profile, times: int) -> Profile:
    """The same distribution with so many times the records."""
    arrays = {name: array if name.startswith("distinct") else array * times for name, array in window.arrays.items()}
    counters = {name: count * times for name, count in window.counters.items()}
    return Profile(rate=window.rate, counters=counters, arrays=arrays, tenants={}, events=window.events)


def test_fault_48_a_negligible_shift_in_a_million_records_is_silent() -> None:
    # One record in two hundred is of another kind: with a million records any test would call that significant.
    window = many(traffic(5_000, 2, other=0.005), 200)
    usual = many(traffic(5_000, 3), 200)

    known = Circumstances(window="1")
    found = judge(window, usual, _TOXICITY, RULE, known)

    assert window.records == 1_000_000
    assert found.drift["prompt_words"].size > 0
    assert found.verdict == "OK"


@pytest.mark.parametrize("seed", range(10, 16))
def test_fault_49_material_drift_alarms_within_two_windows(seed: int) -> None:
    first = verdict(traffic(200, seed, other=0.4), name="1")
    second = verdict(traffic(200, seed + 100, other=0.4), first, "2")

    assert (first.verdict, second.verdict) == ("WARNING", "ALARM")


def test_fault_49_a_window_without_drift_is_silent() -> None:
    assert {verdict(traffic(200, seed)).verdict for seed in range(20, 32)} == {"OK"}


@pytest.mark.parametrize("records", [0, 1, 29])
def test_fault_50_an_empty_or_tiny_window_is_insufficient_and_never_ok(records: int) -> None:
    window = traffic(records, 5, other=0.5) if records else empty()

    found = verdict(window)

    assert found.verdict == "INSUFFICIENT_DATA"
    assert json.loads(found.model_dump_json())["reasons"]
