"""How often the gate errs where nothing is better, and how often it finds what is. Seeds are in the tests."""

import numpy as np
import pytest
from scipy.stats import binom, ttest_ind

from fmops.selection import ranking
from fmops.selection.findings import find
from fmops.selection.gate import Bout, guards, improvements, settle
from fmops.selection.models import Against, CandidateResult, Check, GateCheck
from fmops.selection.scores import Floats, Table, utilities
from fmops.statistics import choosing
from fmops.statistics.estimates import TAIL
from fmops.usecases.models import MetricRule

RULES = [MetricRule(name="f1", weight=2), MetricRule(name="exact_match", weight=1, margin=0.05)]


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chance within one run is small beside that of hundreds of runs."""
    monkeypatch.setattr(choosing, "_MOST_RESAMPLES", 1000)
    monkeypatch.setattr(ranking, "_RESAMPLES", 50)


def answers(random: np.random.Generator, rows: int, models: int, better: float = 0.0) -> Floats:
    """(rows, models) how good answers are: half of it is the question's, half the model's own; the last is better."""
    shared, own = random.normal(size=(rows, 1)), random.normal(size=(rows, models))
    found: Floats = 0.7 * shared + 0.714 * own
    found[:, -1] += better
    return found


def table(good: Floats) -> Table:
    """Half of the answers are exact, the others more or less near. The first model is the champion."""
    return Table(
        [str(row) for row in range(len(good))],
        {
            str(i): {"f1": np.clip(0.5 + good[:, i] / 3, 0, 1), "exact_match": (good[:, i] > 0).astype(float)}
            for i in range(good.shape[1])
        },
    )


def judge(scores: Table) -> list[GateCheck]:
    """The gate's checks of the best challenger against the champion: a guard for each metric, then the improvement."""
    challengers = [name for name in scores.columns if name != "0"]
    found = find(scores, challengers, dict.fromkeys(challengers, "0"), RULES)
    leader = max(challengers, key=lambda name: utilities(scores, name, RULES).mean())
    # The rules ask for nothing of a candidate but its name.
    one, other = (CandidateResult.model_construct(id=name) for name in (leader, "0"))  # type: ignore[call-arg]
    bout = Bout(one, other, Against.CHAMPION, found.levels[leader], found.differences[leader], len(challengers))
    return settle([*guards(bout, RULES), *improvements(bout)])


def is_better(scores: Table) -> bool:
    return judge(scores)[-1].check is Check.PASSED


@pytest.mark.slow
def test_equal_candidates_are_promoted_at_most_as_often_as_asked_however_many_there_are() -> None:
    runs, promoted = 400, {}
    for candidates in (1, 2, 5, 10):
        random = np.random.default_rng(20_241_124 + candidates)
        found = [judge(table(answers(random, 100, candidates + 1))) for _ in range(runs)]
        promoted[candidates] = sum(all(check.check is Check.PASSED for check in checks) for checks in found)

    # The level is kept as it is said, no stricter, so each count has a chance of its own (16,500 runs: 2.3 %).
    assert sum(promoted.values()) <= TAIL * runs * len(promoted)
    assert max(promoted.values()) <= binom.ppf(0.99, runs, TAIL)


def test_picking_the_best_of_ten_without_paying_for_it_errs_five_times_as_often() -> None:
    """What the tail over all candidates is for."""
    random = np.random.default_rng(3)
    wrong = 0
    for _ in range(400):
        gaps = answers(random, 100, 11)
        gaps = gaps[:, 1:] - gaps[:, :1]
        best = gaps[:, gaps.mean(axis=0).argmax()]
        wrong += best.mean() / best.std() * 10 > 1.96

    assert wrong / 400 > 4 * TAIL


def test_the_best_over_all_rows_is_found_more_often_than_one_picked_on_a_half_and_confirmed_on_the_other() -> None:
    """One of five is better in truth. Both ways err as often where none is; so the one that finds more is used."""
    random = np.random.default_rng(7)
    whole = halves = 0
    for _ in range(150):
        scores = table(answers(random, 150, 6, better=0.35))
        whole += is_better(scores)
        halves += confirmed_on_the_other_half(scores)

    assert whole > halves * 1.15


def confirmed_on_the_other_half(scores: Table) -> bool:
    first, second = ({name: {m: v[i::2] for m, v in c.items()} for name, c in scores.columns.items()} for i in (0, 1))
    one, other = Table(scores.rows[0::2], first), Table(scores.rows[1::2], second)
    best = max((name for name in first if name != "0"), key=lambda name: utilities(one, name, RULES).mean())
    return is_better(Table(other.rows, {name: other.columns[name] for name in ("0", best)}))


def test_paired_test_finds_at_least_what_an_unpaired_one_does() -> None:
    random = np.random.default_rng(9)
    paired = unpaired = 0
    for _ in range(300):
        scores = table(answers(random, 150, 2, better=0.25))
        paired += is_better(scores)
        ours, theirs = (utilities(scores, name, RULES) for name in ("1", "0"))
        unpaired += ttest_ind(ours, theirs, alternative="greater").pvalue <= TAIL

    assert paired >= unpaired
    assert paired > 100
