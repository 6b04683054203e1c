"""What is dropped into the bucket is registered once, or refused with every fault named; nothing is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from fmops.core import wiring
from fmops.core.artifacts import location
from fmops.datasets import store
from tests.integration.account import DATASETS, Account
from tests.integration.drops import Drops, lines, manifest

EXAMPLE = {
    "id": 1,
    "text": "What is the name of the process where light is produced without heat?",
    "correct_answer": "luminescence",
}
ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]


@pytest.fixture
def drop(account: Account, repo: Path) -> Drops:
    return Drops(account, repo)


def rows_of(split: str, name: str = "trivia", version: str = "v1") -> list[dict[str, Any]]:
    dataset = store.load(wiring.ledger(), name, version)
    return list(wiring.store().read_json_lines(location(dataset.train_uri if split == "train" else dataset.test_uri)))


def test_a_dataset_is_registered_when_its_manifest_arrives(account: Account, drop: Drops) -> None:
    content = lines(ROWS)

    before = drop("datasets/trivia/v1/rows.jsonl", content)
    after = drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())

    assert before["status"] == "ignored"
    assert (after["status"], after["train_rows"] + after["test_rows"]) == ("registered", 20)
    assert len(rows_of("train")) == after["train_rows"]
    assert rows_of("test")[0].keys() == {"id", "input", "target"}
    assert [kind for kind, _ in account.events()] == ["DatasetRegistered"]


def test_the_same_event_twice_registers_and_announces_once(account: Account, drop: Drops) -> None:
    content = lines(ROWS)
    drop("datasets/trivia/v1/rows.jsonl", content)
    drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())

    again = drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())

    assert again["status"] == "known"
    assert [kind for kind, _ in account.events()] == ["DatasetRegistered"]


def test_a_registered_version_never_changes(account: Account, drop: Drops) -> None:
    content = lines(ROWS)
    drop("datasets/trivia/v1/rows.jsonl", content)
    drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())
    other = lines(ROWS[:10])
    drop("datasets/trivia/v1/rows.jsonl", other)

    answer = drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(other)).encode())

    assert answer["status"] == "rejected"
    assert len(rows_of("train")) + len(rows_of("test")) == 20


def test_the_pinned_version_of_a_file_is_remembered(account: Account, drop: Drops) -> None:
    content = lines(ROWS)
    drop("datasets/trivia/v1/rows.jsonl", content)
    pinned = account.s3.head_object(Bucket=DATASETS, Key="datasets/trivia/v1/rows.jsonl")["VersionId"]

    drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())

    dataset = account.records("DATASET#trivia")[0]["dataset"]
    assert [file["version"] for file in dataset["files"]] == [pinned]


@pytest.mark.parametrize(
    "members,files,says",
    [
        ({}, {}, "the file does not exist"),
        ({}, {"rows.jsonl": b"other"}, "the manifest says"),
        ({"task": "poetry"}, {"rows.jsonl": lines(ROWS)}, "task: "),
        ({"version": "v2"}, {"rows.jsonl": lines(ROWS)}, "its folder of trivia/v1"),
        ({"files": [{"path": "../x", "sha256": "0" * 64}]}, {}, "not below the manifest's folder"),
        ({"columns": {"input": "prompt", "target": "correct_answer"}}, {"rows.jsonl": lines(ROWS)}, "is missing"),
    ],
)
def test_a_bad_manifest_is_refused_and_its_owner_is_named(
    account: Account, drop: Drops, members: dict[str, Any], files: dict[str, bytes], says: str
) -> None:
    for name, content in files.items():
        drop(f"datasets/trivia/v1/{name}", content)

    answer = drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(lines(ROWS), **members)).encode())

    ((kind, detail),) = account.events()
    assert (answer["status"], kind) == ("rejected", "DatasetRejected")
    assert says in detail["problems"][0]["problem"]
    assert detail["problems"][0]["advice"]
    assert detail["owner"] == "owner@example.com"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'"text"'])
def test_rubbish_for_a_manifest_is_refused(account: Account, drop: Drops, content: bytes) -> None:
    answer = drop("datasets/trivia/v1/manifest.json", content)

    assert answer["status"] == "rejected"
    assert [kind for kind, _ in account.events()] == ["DatasetRejected"]


def test_every_bad_line_is_named(account: Account, drop: Drops) -> None:
    content = lines(ROWS) + b'{"id": 99}\nnot json\n'
    drop("datasets/trivia/v1/rows.jsonl", content)

    drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())

    ((_, detail),) = account.events()
    assert {problem["line"] for problem in detail["problems"]} == {21, 22}
    assert detail["problem_count"] == 3


def test_a_rejected_dataset_can_be_mended_under_the_same_version(account: Account, drop: Drops) -> None:
    content = lines(ROWS)
    text = json.dumps(manifest(content)).encode()
    drop("datasets/trivia/v1/manifest.json", text)

    drop("datasets/trivia/v1/rows.jsonl", content)
    answer = drop("datasets/trivia/v1/manifest.json", text)

    assert answer["status"] == "registered"
    assert [kind for kind, _ in account.events()] == ["DatasetRejected", "DatasetRegistered"]


def test_a_lone_file_in_the_inbox_becomes_a_dataset(account: Account, drop: Drops) -> None:
    answer = drop(
        "inbox/trivia/new.jsonl",
        lines([EXAMPLE, *({**EXAMPLE, **row, "correct_answer": "luminescence"} for row in ROWS[2:])]),
    )

    assert answer["status"] == "registered"
    assert answer["version"].startswith("content-")
    kept = rows_of("train", version=answer["version"]) + rows_of("test", version=answer["version"])
    assert {row["target"] for row in kept} == {"luminescence"}


def test_the_same_content_in_the_inbox_is_the_same_version(account: Account, drop: Drops) -> None:
    first = drop("inbox/trivia/a.jsonl", lines(ROWS))
    second = drop("inbox/trivia/a.jsonl", lines(ROWS))

    assert (second["status"], second["version"]) == ("known", first["version"])


@pytest.mark.parametrize(
    "content,says",
    [(b"", "the file is empty"), (b"\n\n", "the file is empty"), (b'{"q": 1}\n', "no columns that are known by name")],
)
def test_a_bad_lone_file_is_refused(account: Account, drop: Drops, content: bytes, says: str) -> None:
    answer = drop("inbox/trivia/new.jsonl", content)

    ((_, detail),) = account.events()
    assert answer["status"] == "rejected"
    assert says in detail["problems"][0]["problem"]


@pytest.mark.parametrize("key", ["inbox/a+b c/ü.jsonl", "inbox/" + "x" * 990 + ".jsonl", "inbox/%2F.jsonl"])
def test_a_hostile_key_gives_a_valid_name(account: Account, drop: Drops, key: str) -> None:
    answer = drop(key, lines(ROWS))

    assert answer["status"] == "registered"
    assert len(answer["dataset"]) <= 40


def register(drop: Drops, rows: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    content = lines(rows)
    drop("datasets/trivia/v1/rows.jsonl", content)
    answer: dict[str, Any] = drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content, **members)).encode())
    return answer


def test_the_quality_report_lies_with_the_dataset(account: Account, drop: Drops) -> None:
    doubled = {"id": 99, "text": "QUESTION 3", "correct_answer": "mail ann@example.com"}

    register(drop, [*ROWS, doubled])

    dataset = store.load(wiring.ledger(), "trivia", "v1")
    quality = wiring.store().read_json(location(dataset.quality_uri))
    assert quality["train_rows"] + quality["test_rows"] == 21
    assert quality["duplicates"]["same"]["examples"] == ["99 = 3"]
    assert quality["duplicates"]["with_other_targets"]["count"] == 1
    assert quality["pii"] == {"email": 1}
    assert quality["overlaps"]["exact"] == 0


def test_test_rows_that_training_saw_are_written_down(account: Account, drop: Drops) -> None:
    copy = {"id": "copy", "text": "question 3?!", "correct_answer": "x"}

    answer = drop.sides(ROWS[:15], [*ROWS[15:], copy], "v1")

    assert (answer["status"], answer["train_rows"], answer["test_rows"]) == ("registered", 15, 6)
    dataset = store.load(wiring.ledger(), "trivia", "v1")
    assert wiring.store().read_json(location(dataset.overlaps_uri)) == [
        {"test": "copy", "train": "3", "similarity": 1.0, "exact": True}
    ]


def test_rows_of_one_group_stay_on_one_side(account: Account, drop: Drops) -> None:
    rows = [{**row, "doc": f"doc-{number % 8}"} for number, row in enumerate(ROWS)]
    columns = {"id": "id", "input": "text", "target": "correct_answer", "group": "doc"}

    answer = register(drop, rows, columns=columns)

    assert answer["status"] == "registered"
    assert not {row["group"] for row in rows_of("train")} & {row["group"] for row in rows_of("test")}


def test_the_split_does_not_depend_on_ids_or_order(account: Account, drop: Drops) -> None:
    register(drop, ROWS)
    content = lines([{**row, "id": f"new-{row['id']}"} for row in reversed(ROWS)])
    drop("datasets/trivia/v2/rows.jsonl", content)

    drop("datasets/trivia/v2/manifest.json", json.dumps(manifest(content, version="v2")).encode())

    first, second = ({row["input"] for row in rows_of("test", version=version)} for version in ("v1", "v2"))
    assert first == second


def test_labels_of_a_classification_are_those_that_occur(account: Account, drop: Drops) -> None:
    rows = [{**row, "correct_answer": "good" if n % 2 else "bad"} for n, row in enumerate(ROWS)]

    register(drop, rows, task="classification")

    assert store.load(wiring.ledger(), "trivia", "v1").labels == ["bad", "good"]


@pytest.mark.parametrize("target", ["label {}", "a label that goes on and on " * 5])
def test_targets_that_are_no_labels_are_refused(account: Account, drop: Drops, target: str) -> None:
    rows = [{"id": n, "text": f"Question {n}?", "correct_answer": target.format(n)} for n in range(600)]

    answer = register(drop, rows, task="classification")

    ((_, detail),) = account.events()
    assert answer["status"] == "rejected"
    assert detail["problems"][0]["problem"].endswith("these are no labels")


def test_a_task_without_targets_needs_none(account: Account, drop: Drops) -> None:
    rows = [{"id": row["id"], "text": row["text"]} for row in ROWS]

    assert register(drop, rows, task="open_ended", columns={"id": "id", "input": "text"})["status"] == "registered"
    assert "target" not in rows_of("test")[0]


@pytest.mark.parametrize(
    "members,says",
    [
        ({"columns": {"input": "text"}}, "the task question_answering needs columns.target"),
        ({"labels": ["a"]}, "labels belong to the task classification"),
        (
            {"columns": {"id": "id", "input": "text", "target": "correct_answer", "group": "doc"}},
            "no row has the column 'doc' (group)",
        ),
    ],
)
def test_a_manifest_that_does_not_fit_its_task_or_rows_is_refused(
    account: Account, drop: Drops, members: dict[str, Any], says: str
) -> None:
    answer = register(drop, ROWS, **members)

    ((_, detail),) = account.events()
    assert answer["status"] == "rejected"
    assert says in detail["problems"][0]["problem"]


def test_other_content_under_a_registered_version_overwrites_nothing(account: Account, drop: Drops) -> None:
    register(drop, ROWS)
    kept = rows_of("train")

    answer = register(drop, [{**row, "text": f"Other {row['id']}?"} for row in ROWS])

    assert answer["status"] == "rejected"
    assert rows_of("train") == kept
