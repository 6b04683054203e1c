"""Rows are read one by one, and every fault says where it is and what to do."""

import pytest

from fmops.core.events import Problem
from fmops.datasets.models import Columns, Manifest
from fmops.datasets.rows import MOST_PROBLEMS, RowReader, guess_columns, side

COLUMNS = {"id": "id", "input": "text", "target": "correct_answer"}


def reader(columns: dict[str, str] | None = None, **members: object) -> RowReader:
    return RowReader(
        Manifest.model_validate(
            {
                "name": "trivia",
                "version": "v1",
                "task": "question_answering",
                "columns": columns or COLUMNS,
                "files": [{"path": "a.jsonl", "sha256": "0" * 64}],
                **members,
            }
        )
    )


def read(*lines: bytes, of: RowReader | None = None) -> tuple[list[str], list[Problem]]:
    problems: list[Problem] = []
    found = [row.id for row in (of or reader()).read(lines, "a.jsonl", problems)]
    return found, problems


def test_a_good_row_is_normalised() -> None:
    problems: list[Problem] = []

    rows = list(reader().read([b'{"id": 1, "text": " Why? ", "correct_answer": 42}'], "a.jsonl", problems))

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
        (b'{"id": 1, "text": "a", "correct_answer": NaN}', "NaN is no JSON value"),
        (b'{"id": 1, "text": "a", "correct_answer": %s}' % (b"9" * 5_000), "no JSON"),
        (b'{"id": 1, "text": "a \\ud800", "correct_answer": "b"}', "half a character"),
        (b'{"id": "%s", "text": "a", "correct_answer": "b"}' % (b"x" * 300), "longer than 256 characters"),
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
    found, _ = read(b'{"text": "a", "correct_answer": "b"}', of=reader({"input": "text", "target": "correct_answer"}))

    assert found == ["a.jsonl:1"]


def test_a_row_has_its_group_and_its_context() -> None:
    columns = {"input": "q", "target": "a", "group": "doc", "context": "passage"}
    problems: list[Problem] = []
    lines = [b'{"q": "Who?", "a": "Ann", "doc": 7, "passage": " Ann came. "}', b'{"q": "Why?", "a": "So", "doc": null}']

    first, second = reader(columns).read(lines, "a.jsonl", problems)

    assert (first.group, first.context, first.question) == ("7", "Ann came.", "Ann came.\n\nWho?")
    assert (second.group, second.context, second.question) == (None, None, "Why?")
    assert problems == []


def test_an_open_ended_row_needs_no_target() -> None:
    for columns in ({"input": "text"}, {"input": "text", "target": "reference"}):
        found, problems = read(b'{"text": "Tell me a story."}', of=reader(columns, task="open_ended"))

        assert (len(found), problems) == (1, [])


def test_a_target_must_be_one_of_the_labels() -> None:
    of = reader(task="classification", labels=["good", "bad"])

    found, problems = read(
        b'{"id": 1, "text": "a", "correct_answer": "good"}', b'{"id": 2, "text": "a", "correct_answer": "ugly"}', of=of
    )

    assert found == ["1"]
    assert problems[0].problem == "the target 'ugly' is none of the labels"


def test_a_column_that_no_row_has_is_named() -> None:
    of = reader({**COLUMNS, "group": "document", "category": "topic"})

    read(b'{"id": 1, "text": "a", "correct_answer": "b", "topic": null}', of=of)

    assert [problem.problem for problem in of.unseen()] == ["no row has the column 'document' (group)"]


def test_reading_ends_where_everything_is_wrong() -> None:
    found, problems = read(*[b"{"] * (MOST_PROBLEMS + 50))

    assert found == []
    assert len(problems) == MOST_PROBLEMS + 1
    assert "the rest of the file was not read" in problems[-1].problem


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
