"""Rows are rendered for each trainer as the golden files show, and each teaches the prompt that is asked later."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from fmops.datasets.models import Row
from fmops.datasets.rendering import chat, jumpstart_instructions, jumpstart_template, prompt_completion
from fmops.evaluation.models import INPUT_PLACE, DatasetRow

TEMPLATE = 'Answer in JSON, as {"answer": "..."}.\nQuestion: {input}\nAnswer:'


@pytest.fixture
def golden(repo: Path) -> Path:
    return repo / "tests/data/renderings"


@pytest.fixture
def rows(golden: Path) -> list[Row]:
    return [Row.model_validate_json(line) for line in (golden / "rows.jsonl").read_text().splitlines()]


def lines(documents: Iterable[Any]) -> str:
    return "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)


def test_our_own_rendering(rows: list[Row], golden: Path) -> None:
    assert lines(prompt_completion(rows, TEMPLATE)) == (golden / "prompt-completion.jsonl").read_text()


def test_chat_messages(rows: list[Row], golden: Path) -> None:
    assert lines(chat(rows, "{input}", "Be brief.")) == (golden / "chat.jsonl").read_text()


def test_jumpstart_instructions(rows: list[Row], golden: Path) -> None:
    assert lines(jumpstart_instructions(rows)) == (golden / "jumpstart/train.jsonl").read_text()
    assert jumpstart_template(TEMPLATE) == json.loads((golden / "jumpstart/template.json").read_text())


def test_jumpstart_makes_the_same_text_of_them_as_we_do(rows: list[Row]) -> None:
    template = jumpstart_template(TEMPLATE)

    made = [
        {name: template[name].format(**row) for name in ("prompt", "completion")}
        for row in jumpstart_instructions(rows)
    ]

    assert made == list(prompt_completion(rows, TEMPLATE))


def test_a_row_is_asked_as_it_was_taught(golden: Path, rows: list[Row]) -> None:
    asked = [DatasetRow.model_validate_json(line) for line in (golden / "rows.jsonl").read_text().splitlines()]

    prompts = [TEMPLATE.replace(INPUT_PLACE, row.question) for row in asked]

    assert prompts[:3] == [row["prompt"] for row in prompt_completion(rows, TEMPLATE)]


def test_chat_without_a_system_text_begins_with_the_user(rows: list[Row]) -> None:
    assert [message["role"] for message in next(chat(rows, "{input}"))["messages"]] == ["user", "assistant"]
