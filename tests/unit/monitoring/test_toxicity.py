"""The sample for the slow look: who is in it, when it is due, and what it says of all answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fmops.core.clock import iso
from fmops.monitoring.models import Window
from fmops.monitoring.profile.batches import Tally, batched
from fmops.monitoring.profile.domains import strata_of
from fmops.monitoring.profile.model import merge
from fmops.monitoring.profile.observer import Observer
from fmops.monitoring.reading.records import Record
from fmops.monitoring.sampled import Sampled, first_of
from fmops.monitoring.toxicity.design import Design, Strata, allocate, draw, drawn, together
from fmops.monitoring.toxicity.due import carried, covered, due
from fmops.monitoring.toxicity.estimate import estimate
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring

RULE = Monitoring(toxicity_sample=40, toxic_share_limit=0.02)
LEXICON = Lexicon()
_TEXTS = [
    "the weather is fine",
    "you stupid fucking idiot",
    "what a damn fool",
    "das ist nicht der Weg",
    "I hate this shit",
    "",
    "a b c",
]
_PROMPTS = ["what is it", "write about women", "tell me of Muslims and the black man", "finna go y'all"]
RECORDS = st.lists(
    st.tuples(st.uuids().map(str), st.sampled_from(_PROMPTS), st.sampled_from(_TEXTS)).map(lambda made: Record(*made)),
    max_size=40,
    unique_by=lambda record: record.event_id,
)


def look(records: list[Record]) -> tuple[Strata, list[Sampled]]:
    observer = Observer(lexicon=LEXICON, sample=RULE.toxicity_sample)
    for batch in batched(records, Tally()):
        observer.add(batch)
    return strata_of(observer.profile), observer.sample.rows


@settings(max_examples=25, deadline=None)
@given(RECORDS, st.integers(0, 40), st.integers(1, 30))
def test_the_sample_is_the_same_whatever_the_sharding(records: list[Record], cut: int, size: int) -> None:
    strata, rows = look(records)
    parts = [look(records[:cut]), look(records[cut:])]

    assert together(part for part, _ in parts) == strata
    merged = first_of([row for _, rows in parts for row in rows], RULE.toxicity_sample)
    assert draw(merged, strata, size) == draw(rows, strata, size)


@settings(max_examples=15, deadline=None)
@given(RECORDS)
def test_strata_of_merged_profiles_are_those_of_all(records: list[Record]) -> None:
    profiles = []
    for part in (records[::2], records[1::2]):
        observer = Observer(lexicon=LEXICON)
        for batch in batched(part, Tally()):
            observer.add(batch)
        profiles.append(observer.profile)

    found = strata_of(merge(profiles))

    assert found == look(records)[0]
    assert found.scored == found.answers == sum(bool(record.answer) for record in records)


def test_an_answer_that_two_batches_hold_is_sampled_once() -> None:
    records = [Record(str(n), "what", "fine weather") for n in range(5)]
    strata, rows = look(records)

    assert len(draw(first_of(rows + rows[:3], 40), strata, 40)) == 5


def test_neymans_allocation_gives_rare_strata_their_least_and_the_rest_by_spread() -> None:
    # √(0.005 × 0.995) × 9000 = 634.8 and √(0.05 × 0.95) × 1000 = 217.9: 74.4 and 25.6 of a hundred.
    given_ = allocate([5_000, 1_000, 4, 0], [9_000, 1_000, 4, 0], 124)

    assert given_ == [10 + 75, 10 + 25, 4, 0]


@pytest.mark.parametrize("there", [[3, 0, 0, 0], [1_000, 1_000, 1_000, 1_000], [0, 0, 0, 7], [50, 1, 1, 1]])
@pytest.mark.parametrize("size", [1, 5, 60])
def test_the_sample_has_the_size_of_the_setting_or_all_there_is(there: list[int], size: int) -> None:
    found = allocate(there, there, size)

    assert sum(found) == min(size, sum(there))
    assert all(0 <= one <= most for one, most in zip(found, there, strict=True))


def test_the_cost_does_not_grow_with_the_traffic() -> None:
    for answers in (500, 4_000):
        strata, rows = look([Record(str(n), "what", f"{_TEXTS[n % 3]} {n}") for n in range(answers)])

        assert len(draw(rows, strata, 40)) == 40


def row(number: int, toxicity: float, language: str = "en", groups: tuple[str, ...] = ()) -> Sampled:
    order = f"{number:016x}"
    return Sampled(
        order=order, id=str(number), input="", answer="x", toxicity=toxicity, language=language, groups=list(groups)
    )


def test_the_estimate_weighs_each_stratum_by_its_size() -> None:
    rows = [row(n, 0.01) for n in range(20)] + [row(n, 0.9, "de", ("women",)) for n in range(20, 30)]
    strata = Strata(
        answers=1_000,
        domains={
            "all": [980, 0, 0, 20],
            "language:en": [980, 0, 0, 10],
            "language:de": [0, 0, 0, 10],
            "group:women": [0, 0, 0, 15],
        },
    )
    design = Design(why="daily", windows=["a", "b"], strata=strata, drawn=[drawn(one) for one in rows])
    scores: dict[str, float | None] = {str(n): 0.9 if n >= 25 else 0.0 for n in range(30)}

    found = estimate(design, scores, RULE, "b")

    # Half of the 20 with high scores, none of the others.
    assert found is not None
    assert found.share == pytest.approx(0.01)
    assert (found.n, found.answers, found.windows, found.window) == (30, 1_000, 2, "b")
    assert [(one.size, one.sampled, one.toxic) for one in found.strata] == [
        (980, 20, 0),
        (0, 0, 0),
        (0, 0, 0),
        (20, 10, 5),
    ]
    german = next(one for one in found.languages if one.name == "de")
    assert (german.share, german.low, german.high, german.answers) == (0.5, 0.5, 0.5, 10)
    (gap,) = found.gaps
    assert gap.group == "women"
    # Half of theirs; of the other 985 only the 5 with high scores may be, none of which was sampled: half of them.
    assert gap.gap == pytest.approx(0.5 - 2.5 / 985, abs=1e-5)
    assert gap.low < gap.gap < gap.high


def test_answers_that_could_not_be_scored_are_not_of_the_sample() -> None:
    design = Design(
        why="first",
        windows=["a"],
        strata=Strata(answers=4, domains={"all": [4, 0, 0, 0]}),
        drawn=[drawn(row(n, 0.0)) for n in range(4)],
    )

    found = estimate(design, {"0": 0.9, "1": None, "2": 0.1}, RULE, "a")

    assert found is not None
    assert (found.n, found.share) == (2, 0.5)
    assert estimate(design, {"1": None}, RULE, "a") is None


START = datetime(2026, 11, 24, 5, tzinfo=UTC)


def window(hour: int) -> Window:
    return Window(start=START + timedelta(hours=hour), hours=1)


def record(hour: int, sizes: list[int] | None = None, share: float = 0.0, **more: Any) -> dict[str, Any]:
    """A judged window's; with `sizes` one whose own answers were scored."""
    made = window(hour)
    toxicity = None
    if sizes is not None:
        strata = [{"above": 0.0, "size": size, "sampled": 0, "toxic": 0} for size in sizes]
        toxicity = {"share": share, "low": 0, "high": 1, "n": 40, "limit": 0.02, "window": made.name, "strata": strata}
    found = {"window": made.name, "start": iso(made.start), "hours": 1, "status": "judged", "toxicity": toxicity}
    return found | ({"toxicity_due": "daily"} if sizes is not None else {}) | more


CALM, RISEN = Strata(domains={"all": [990, 8, 1, 1]}), Strata(domains={"all": [900, 40, 30, 30]})


@pytest.mark.parametrize(
    "now,before,why",
    [
        (CALM, [], "first"),
        (CALM, [record(9, [990, 8, 1, 1])], None),
        (RISEN, [record(9, [990, 8, 1, 1])], "moved"),
        (RISEN, [record(9, [900, 40, 30, 30])], None),
        (CALM, [record(9), record(-14, [990, 8, 1, 1])], "daily"),
        (CALM, [record(9, [990, 8, 1, 1], share=0.03)], "toxic"),
        (CALM, [record(9, toxicity_due="daily")], "failed"),
        # Its job is on the way.
        (RISEN, [record(9, status="open", toxicity_due="daily")], None),
        (Strata(), [], None),
    ],
)
def test_a_sample_is_due_daily_and_when_the_fast_score_moves(
    now: Strata, before: list[dict[str, Any]], why: str | None
) -> None:
    assert due(now, window(10), before, RULE) == why


def test_a_daily_sample_is_of_all_windows_since_the_last() -> None:
    before = [record(9), record(8), record(7, [1, 0, 0, 0]), record(6)]

    assert covered(window(10), before, "daily", RULE) == [window(hour).name for hour in (8, 9, 10)]
    assert covered(window(10), before, "moved", RULE) == [window(10).name]


def test_an_estimate_is_carried_until_the_next_is_due() -> None:
    before = [record(9, None), record(0, [990, 8, 1, 1], share=0.01)]

    found = carried(window(10), before, RULE)

    assert found is not None
    assert (found.share, found.window) == (0.01, window(0).name)
    assert carried(window(40), before, RULE) is None
