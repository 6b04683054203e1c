"""Use-case documents are checked offline, and their faults are named."""

import json
from pathlib import Path

import pytest
import yaml

from fmops_cli.__main__ import main
from tests.fakes.local_run import USE_CASE


def check(file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(["use-case", "check", str(file)])
    said = capsys.readouterr()
    return code, said.err or said.out


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_valid_document_is_summed_up(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / f"trivia.{suffix}"
    file.write_text(json.dumps(USE_CASE) if suffix == "json" else yaml.safe_dump(USE_CASE))

    code, said = check(file, capsys)

    assert code == 0
    assert "use case trivia, 2 candidates" in said


def test_wrong_member_is_named_with_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "trivia.yaml"
    wrong = {**USE_CASE, "candidates": [{**USE_CASE["candidates"][0], "prompt_template": "no place"}]}
    file.write_text(yaml.safe_dump(wrong))

    code, said = check(file, capsys)

    assert code == 2
    assert said.count("\n") == 1
    assert "candidates.0.prompt_template: the prompt template must name {input}" in said


@pytest.mark.parametrize(
    "content, words",
    [
        (b"name: [", "can't be read"),
        (b"- a\n- b\n", "holds no document"),
        (b"\xff\xfe\x00", "is no text in UTF-8"),
        (b"", "holds no document"),
    ],
)
def test_file_that_is_no_document_is_refused_in_one_sentence(
    content: bytes, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "use-case.yaml"
    file.write_bytes(content)

    code, said = check(file, capsys)

    assert code == 2
    assert words in said
    assert said.count("\n") == 1


def test_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = check(tmp_path / "nothing.yaml", capsys)

    assert code == 2
    assert said == f"fmops: {tmp_path}/nothing.yaml: No such file or directory\n"


def test_examples_are_valid(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in sorted((repo / "examples" / "use-cases").glob("*.yaml")):
        assert check(file, capsys)[0] == 0, file
