"""How the demo's data set is cut: nothing that is tested or sent was trained on."""

import json
from pathlib import Path

import pytest

from tools import assets_data
from tools.assets_data import Row, split


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Forty passages with two questions each, and sizes that fit."""
    for name in ("TRAIN_ROWS", "TEST_ROWS", "TRAFFIC_ROWS"):
        monkeypatch.setattr(assets_data, name, 15)
    return [
        Row(f"{passage}-{question}", f"passage {passage}", f"passage {passage} question {question}", "1", "other")
        for passage in range(40)
        for question in range(2)
    ]


def test_no_passage_is_in_two_parts(small: list[Row]) -> None:
    parts = split(small)

    passages = [{row.passage for row in part} for part in parts]
    assert [len(part) for part in parts] == [15, 15, 15]
    assert not passages[0] & passages[1]
    assert not passages[0] & passages[2]
    assert not passages[1] & passages[2]


def test_long_passages_and_repeated_problems_are_left_out(tmp_path: Path) -> None:
    short = {"passage": "Tom has 2 pears.", "question": "How many pears?", "answer": "2 pears"}
    file = tmp_path / "test.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (short, short, short | {"passage": "x" * 111})))

    (row,) = assets_data.word_problems(file)

    assert row.document() == {
        "id": "asdiv-1",
        "input": "Tom has 2 pears.\nQuestion: How many pears?",
        "target": "2 pears",
        "category": "how many",
    }


def test_drifted_prompts_are_short_and_on_one_line(tmp_path: Path) -> None:
    file = tmp_path / "test.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in ("one\n two", "y" * 201)))

    assert assets_data.drifted(file) == [{"id": "drifted-1", "prompt": "one two"}]
