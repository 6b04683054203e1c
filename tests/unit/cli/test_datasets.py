"""Datasets become objects in the bucket: a lone file in the inbox, a folder with its manifest last."""

import json
from pathlib import Path

import pytest

from fmops.core.errors import DatasetRefused
from fmops.datasets.models import Manifest
from fmops_cli.datasets import findings, of_file, of_folder
from tests.fakes.local_run import dataset_folder
from tests.unit.datasets.test_quality import report


def test_lone_file_goes_into_the_inbox_under_its_name(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"{}\n")

    assert list(of_file(file, "trivia")) == [("inbox/trivia/rows.jsonl", b"{}\n")]


def test_manifest_of_a_folder_comes_last_and_names_its_splits_and_columns(tmp_path: Path) -> None:
    *files, last = of_folder(dataset_folder(tmp_path), "trivia", "v2", "question_answering")

    manifest = Manifest.model_validate_json(last.body)
    assert last.key == "datasets/trivia/v2/manifest.json"
    assert [upload.key for upload in files] == ["datasets/trivia/v2/test.jsonl", "datasets/trivia/v2/train.jsonl"]
    assert [(file.path, file.split) for file in manifest.files] == [("test.jsonl", "test"), ("train.jsonl", "train")]
    assert (manifest.columns.id, manifest.columns.input, manifest.columns.target) == ("id", "input", "target")


@pytest.mark.parametrize(
    "content, words",
    [
        (json.dumps({"q": "?", "a": "!"}).encode(), "do not tell input and target"),
        (b"not json", "is no JSON"),
        (b"[1]", "is no JSON object"),
        (b"", "is no JSON"),
    ],
)
def test_folder_whose_rows_do_not_tell_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(content)

    with pytest.raises(DatasetRefused, match=words):
        list(of_folder(tmp_path, "trivia", "v1", "question_answering"))


def test_folder_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetRefused, match=r"holds no \.jsonl file"):
        list(of_folder(tmp_path, "trivia", "v1", "question_answering"))


def test_folder_of_prompts_alone_needs_no_target(tmp_path: Path) -> None:
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"prompt": "Tell me a story."}))

    *_, last = of_folder(tmp_path, "stories", "v1", "open_ended")

    assert Manifest.model_validate_json(last.body).columns.input == "prompt"


def test_findings_name_the_rows_that_deserve_a_look() -> None:
    quality = report(
        [
            {"input": "Who came?", "group": "g"},
            {"input": "who CAME", "target": "no"},
            {"input": "write to a@b.example"},
        ],
        [{"input": "Who came", "group": "g"}],
    )

    found = dict(findings(quality))

    assert found["rows"] == "3 to train, 1 to test"
    assert found["asked twice, answered differently"] == "1 (t1 = t0)"
    assert found["personal data"] == "1 (t2): email 1"
    assert found["groups on both sides"] == "1 (g)"
    assert found["test rows that training saw"] == "1 word for word, nearly: none"
    assert found["of them the most alike"] == "q0 = t0 (1.00)"
