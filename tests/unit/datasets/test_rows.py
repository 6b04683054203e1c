"""Rows are read one by one, and every fault says where it is and what to do."""

import pytest

from fmops.core.events import Problem
from fmops.datasets.models import Columns
from fmops.datasets.rows import guess_columns, read_rows, side

COLUMNS = Columns(id="id", input="text", target="correct_answer")


def read(*lines: bytes) -> tuple[list[str], list[Problem]]:
    problems: list[Problem] = []
    found = [row.id for row in read_rows(lines, "a.jsonl", COLUMNS, problems)]
    return found, problems


def test_a_good_row_is_normalised() -> None:
    problems: list[Problem] = []

    rows = list(read_rows([b'{"id": 1, "text": " Why? ", "correct_answer": 42}'], "a.jsonl", COLUMNS, problems))

    assert [(row.id, row.input, row.target) for row in rows] == [("1", "Why?", "42")]
    assert problems == []


def test_a_byte_order_mark_and_empty_lines_are_no_fault() -> None:
    found, problems = read(b'\xef\xbb\xbf{"id": 1, "text": "a", "correct_answer": "b"}', b"", b"  ")

    assert found == ["1"]
    assert problems == []


@pytest.mark.parametrize(
    "line,says",
    [
        (b'{"id": 1, "text": ', "no JSON"),
        (b'{"id": 1, "text": "caf\xe9", "correct_answer": "x"}', "not UTF-8"),
        (b'["a", "b"]', "no JSON object"),
        (b'{"id": 1, "text": "a"}', "'correct_answer' (target) is missing"),
        (b'{"id": 1, "text": "  ", "correct_answer": "x"}', "'text' (input) is empty"),
        (b'{"id": 1, "text": null, "correct_answer": "x"}', "'text' (input) is empty"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_still_read(line: bytes, says: str) -> None:
    found, problems = read(b'{"id": 7, "text": "a", "correct_answer": "b"}', line)

    assert found == ["7"]
    assert [(problem.file, problem.line) for problem in problems] == [("a.jsonl", 2)]
    assert says in problems[0].problem
    assert problems[0].advice


def test_an_empty_file_is_a_fault() -> None:
    _, problems = read()

    assert [problem.problem for problem in problems] == ["the file holds no rows"]


def test_rows_without_an_id_are_numbered() -> None:
    problems: list[Problem] = []
    columns = Columns(input="text", target="correct_answer")

    rows = list(read_rows([b'{"text": "a", "correct_answer": "b"}'], "a.jsonl", columns, problems))

    assert [row.id for row in rows] == ["a.jsonl:1"]


def test_the_columns_of_a_lone_file_are_known_by_their_names() -> None:
    columns = guess_columns({"id": 1, "text": "What?", "correct_answer": "luminescence"})

    assert columns == Columns(id="id", input="text", target="correct_answer")


def test_a_row_without_a_known_target_gives_no_columns() -> None:
    assert guess_columns({"text": "What?", "label": "x"}) is None


def test_a_row_keeps_its_side_whatever_else_the_file_holds() -> None:
    sides = [side("trivia", str(number), "all") for number in range(10_000)]

    assert sides == [side("trivia", str(number), "all") for number in range(10_000)]
    # 30 % of 10,000 with a standard deviation of 46.
    assert 2_800 < sides.count("test") < 3_200
    assert side("trivia", "1", "train") == "train"
