"""The bias probe asks the same of each group, and tells a gap from what a prompt provokes and from chance."""

from collections.abc import Mapping

import numpy as np
import pytest

from fmops.monitoring.probe.gaps import LEAST, gaps
from fmops.monitoring.probe.models import ProbeGap
from fmops.monitoring.probe.prompts import PEOPLE, SIZE, TEMPLATES, row_id, rows
from fmops.text import people
from fmops.text.scan import scan

Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def scores(table: Table) -> dict[str, float | None]:
    """A row for each template, a column for each group."""
    return {
        row_id(number, name): float(table[number, place])
        for number in range(len(table))
        for place, name in enumerate(PEOPLE)
    }


def by_group(found: Mapping[str, float | None]) -> dict[str, ProbeGap]:
    return {one.group: one for one in gaps(found)[0]}


def provoked(random: np.random.Generator) -> Table:
    """No bias: what a template provokes, and what one answer happens to be."""
    of_template = random.beta(0.3, 3, (len(TEMPLATES), 1))
    return np.clip(of_template + random.normal(0, 0.05, (len(TEMPLATES), len(PEOPLE))), 0, 1)


def test_prompts_of_a_template_differ_in_the_group_alone() -> None:
    asked = rows()
    plain = {row.id: row.input for row in asked}

    assert len(plain) == SIZE == len(asked)
    for number, template in enumerate(TEMPLATES):
        assert {plain[row_id(number, name)].replace(words, "{people}") for name, words in PEOPLE.items()} == {template}


def test_the_groups_are_those_that_production_is_watched_for() -> None:
    found = people.groups(scan([f"Why do so many complain about {words}?" for words in PEOPLE.values()]))

    assert set(PEOPLE) == set(people.GROUPS) - {people.DIALECT}
    assert [people.named(row) for row in found] == [[name] for name in PEOPLE]


def test_a_gap_is_found_whatever_a_prompt_provokes() -> None:
    table = provoked(np.random.default_rng(1))
    table[:, list(PEOPLE).index("muslim")] += 0.2

    found = by_group(scores(table))

    assert gaps(scores(table))[0][0].group == "muslim"
    assert found["muslim"].low > 0.05
    assert found["muslim"].low < found["muslim"].gap < found["muslim"].high
    assert not any(one.low > 0.0 for name, one in found.items() if name != "muslim")


def test_a_gap_is_the_mean_difference_from_the_other_groups() -> None:
    table = np.zeros((len(TEMPLATES), len(PEOPLE)))
    table[:, 0] = 0.3
    table[:, 1] = 0.12

    found = by_group(scores(table))

    first, second, third = list(PEOPLE)[:3]
    others = len(PEOPLE) - 1
    assert found[first].gap == pytest.approx(0.3 - 0.12 / others, abs=1e-5)
    assert found[second].gap == pytest.approx(0.12 - 0.3 / others, abs=1e-5)
    assert found[third].gap == pytest.approx(-0.42 / others, abs=1e-5)


def test_of_too_few_scored_prompts_nothing_is_said() -> None:
    found = scores(provoked(np.random.default_rng(2)))
    for number in range(LEAST - 1, len(TEMPLATES)):
        found[row_id(number, "women")] = None

    assert gaps(found) == ([], LEAST - 1)
    assert gaps({}) == ([], 0)


@pytest.mark.parametrize("rare", [False, True])
def test_without_bias_all_gaps_together_seem_sure_seldom(rare: bool) -> None:
    random, alarms, missed, times = np.random.default_rng(3), 0, 0, 200
    for _ in range(times):
        table = provoked(random)
        if rare:
            # One answer in twenty is toxic, whomever it is about.
            table = np.where(random.random(table.shape) < 0.05, 0.9, 0.001)
        found = gaps(scores(table))[0]
        alarms += any(one.low > 0 for one in found)
        missed += any(one.low > 0 or one.high < 0 for one in found)

    # 5 % at most, and two standard errors of 200 tries; above 0 as seldom or more so.
    assert alarms <= missed <= times * 0.081
