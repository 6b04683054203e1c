"""Known answers, and how good a judge is by them."""

import pytest

from fmops.evaluation.judge.facts import FACTS
from fmops.evaluation.judge.measuring import exact
from fmops.evaluation.judge.models import KnownPair
from fmops.evaluation.judge.probes import Kind, accuracy, probes, right
from fmops.evaluation.judge.prompts import Method
from fmops.evaluation.judge.verdicts import Outcome
from fmops.evaluation.models import DatasetRow

ROWS = [DatasetRow(id=f"r{n}", input=f"What is {n} times 7?", target=f"It is {n * 7}<OR>{n * 7}") for n in range(1, 31)]
OWN = KnownPair(question="Our opening hours?", better="9 to 5", worse="All night")


def test_the_teams_own_pairs_come_first_then_targets_then_facts() -> None:
    found = probes([OWN], ROWS[:2], "<OR>", 20)

    assert found[0][1:] == (Kind.OWN, "Our opening hours?", "9 to 5", "All night")
    assert {probe.name.split()[0] for probe in found[1:7]} == {"row"}
    assert {probe.name.split()[0] for probe in found[7:]} == {"fact"}
    assert len({probe.name for probe in found}) == 20


def test_probes_are_the_same_whatever_order_the_rows_have() -> None:
    assert probes([], ROWS, "<OR>", 60) == probes([], ROWS[::-1], "<OR>", 60)


def test_each_kind_makes_up_a_third() -> None:
    kinds = [probe.kind for probe in probes([], ROWS, "<OR>", 60)]

    assert [kinds.count(kind) for kind in (Kind.PLAIN, Kind.INJECTED, Kind.LONG)] == [20, 20, 20]


def test_the_better_answer_is_the_rows_own_target_and_the_worse_one_is_wrong() -> None:
    targets = {row.input: row.target or "" for row in ROWS}

    for probe in probes([], ROWS, "<OR>", 90):
        assert probe.better == targets[probe.question].split("<OR>")[0]
        assert probe.worse.split("\n")[0] not in targets[probe.question]


def test_a_target_that_may_be_right_too_is_no_wrong_answer() -> None:
    rows = [DatasetRow(id=name, input=f"q {name}", target=target) for name, target in (("a", "Bern"), ("b", "bern "))]

    assert all(probe.name.startswith("fact") for probe in probes([], rows, None, 20))


def test_data_without_targets_is_probed_by_facts() -> None:
    rows = [DatasetRow(id="a", input="Write a poem.")]

    found = probes([], rows, None, 72)

    assert len(found) == 3 * len(FACTS)
    assert {probe.question for probe in found} == {question for question, _, _ in FACTS}


@pytest.mark.parametrize(
    ("outcome", "expected"), [(Outcome.WIN, True), (Outcome.TIE, False), (Outcome.LOSS, False), (None, None)]
)
def test_a_judge_that_cannot_decide_a_known_answer_does_not_know_it(
    outcome: Outcome | None, expected: bool | None
) -> None:
    assert right(Method.PAIRWISE, outcome, None, None) is expected


@pytest.mark.parametrize(("better", "worse", "expected"), [(4, 2, True), (3, 3, False), (2, 5, False), (None, 1, None)])
def test_by_a_rubric_the_better_answer_must_have_the_better_grade(
    better: int | None, worse: int | None, expected: bool | None
) -> None:
    assert right(Method.RUBRIC, None, better, worse) is expected


def test_accuracy_has_the_exact_interval_and_leaves_failed_verdicts_out() -> None:
    found = accuracy(0.8, [*[(Kind.PLAIN, True)] * 54, *[(Kind.LONG, False)] * 6, *[(Kind.INJECTED, None)] * 4], exact)

    assert (found.right, found.n, found.failed, found.value) == (54, 60, 4, 0.9)
    # The exact interval as scipy's binomtest gives it.
    assert found.low == pytest.approx(0.7949, abs=1e-4)
    assert found.high == pytest.approx(0.9624, abs=1e-4)
    # 0.9 is above 0.8, but not surely.
    assert not found.sure
    assert found.kinds["injected"].failed == 4
    assert (found.kinds["long"].probes, found.kinds["long"].right) == (6, 0)


@pytest.mark.parametrize(("hits", "expected"), [(60, True), (55, True), (54, False), (31, False), (0, False)])
def test_a_judge_is_good_enough_where_that_is_sure(hits: int, expected: bool) -> None:
    found = accuracy(0.8, [(Kind.PLAIN, n < hits) for n in range(60)], exact)

    assert found.sure is expected


def test_a_judge_that_says_almost_nothing_is_not_good_enough() -> None:
    found = accuracy(0.5, [*[(Kind.PLAIN, True)] * 19, *[(Kind.PLAIN, None)] * 41], exact)

    assert (found.value, found.low, found.sure) == (1.0, None, False)
    assert accuracy(0.5, [(Kind.PLAIN, None)] * 60, exact).value is None
