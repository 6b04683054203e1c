"""What is shown of single rows: the largest differences, by category, with nobody's address in it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import numpy as np
import pytest

from fmops.evaluation.models import Answer, DatasetRow
from fmops.selection.compare import Question, compare
from fmops.selection.details import Details
from fmops.selection.report.gathering import gather, largest, shown
from tests.unit.selection.conftest import F1, LINEAGE, evaluated

BASE = [0.5] * 60
TUNED = [0.5 + 0.005 * (i + 1) if i < 50 else 0.5 - 0.01 * (i - 49) for i in range(60)]


def rows(count: int = 60) -> list[DatasetRow]:
    return [
        DatasetRow(id=f"test-{i:04}", input=f"q{i}", target=f"t{i}", category="odd" if i % 2 else "even")
        for i in range(count)
    ]


def gathered(rows_: list[DatasetRow] | None = None, prompt: str = "p", answer: str | None = "a") -> Details:
    candidates = [evaluated("base", {"f1": BASE}), evaluated("tuned", {"f1": TUNED}, base="base")]
    report = compare(Question("run-1", "trivia", [F1], 30), candidates, LINEAGE, datetime(2026, 11, 24, tzinfo=UTC))

    def read(candidate: str, wanted: Collection[str]) -> Mapping[str, Answer]:
        return {row: Answer(id=row, prompt=prompt, answer=answer and f"{answer} {candidate}") for row in wanted}

    return gather(report, [F1], candidates, rows() if rows_ is None else rows_, read)


def test_ten_largest_wins_and_losses_are_found_the_largest_first() -> None:
    details = gathered()

    assert [example.row for example in details.wins] == [f"test-{i:04}" for i in range(49, 39, -1)]
    assert [example.row for example in details.losses] == [f"test-{i:04}" for i in range(59, 49, -1)]
    first = details.wins[0]
    assert first.gap == pytest.approx(0.25)
    assert (first.leader.answer, first.other.answer, first.target) == ("a tuned", "a base", "t49")


def test_rows_that_do_not_differ_and_rows_without_a_score_are_no_examples() -> None:
    assert largest(np.array([0.0, np.nan, 0.2, -0.1])) == [2]


def test_each_category_has_its_own_difference() -> None:
    details = gathered()

    found = {category.category: category for category in details.categories}
    assert found["odd"].n == found["even"].n == 30
    assert found["odd"].difference is not None
    assert found["odd"].difference.value == pytest.approx(np.subtract(TUNED, BASE)[1::2].mean())


def test_one_category_alone_is_not_told() -> None:
    alone = [row.model_copy(update={"category": "all"}) for row in rows()]

    assert gathered(alone).categories == []


def test_addresses_numbers_and_cards_are_masked_before_they_are_written_down() -> None:
    details = gathered(prompt="Write to ann@example.org or +1 212 555 0187", answer="4111 1111 1111 1111")

    written = details.model_dump_json()
    assert "ann@example.org" not in written
    assert "555" not in written
    assert "4111" not in written
    assert details.wins[0].leader.prompt == "Write to [email] or [phone]"


def test_no_answer_is_told_apart_from_an_empty_one() -> None:
    assert gathered(answer=None).wins[0].leader.answer is None


def test_long_texts_lose_their_middle_after_masking() -> None:
    text = shown("begin " + "x" * 140 + " ann@example.org " + "y" * 140 + " end", 100)

    assert text.startswith("begin x")
    assert text.endswith("y end")
    assert len(text) < 110
