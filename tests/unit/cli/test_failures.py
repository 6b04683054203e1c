"""Expected errors become one sentence and an exit code; others stay errors."""

import errno
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from fmops.core.errors import DatasetRefused, NotFound
from fmops_cli import target
from fmops_cli.__main__ import main
from fmops_cli.failures import explain
from fmops_cli.target import NoTarget


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not you"}}, "StartExecution")


@pytest.mark.parametrize(
    "error, code, words",
    [
        (NoTarget("no local run is up"), 1, "no local run is up"),
        (NotFound("the ledger holds no DOC"), 1, "the ledger holds no DOC"),
        (DatasetRefused("rows.jsonl, line 1: is no JSON"), 2, "line 1"),
        (client_error("AccessDeniedException"), 1, "AWS denied StartExecution: not you"),
        (client_error("ExpiredToken"), 1, "credentials are not valid"),
        (client_error("Throttling"), 1, "AWS refused StartExecution: Throttling: not you"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"), 1, "nothing answers at http://127.0.0.1:1/"),
        (NoCredentialsError(), 1, "no AWS credentials"),
        (
            OSError(errno.ENOSPC, "No space left", "/data/x"),
            1,
            "the disk is full: nothing more can be written to /data/x",
        ),
    ],
)
def test_expected_error_is_one_sentence(error: Exception, code: int, words: str) -> None:
    sentence = explain(error)

    assert sentence is not None
    assert sentence.code == code
    assert words in sentence.text
    assert "\n" not in sentence.text


def test_unexpected_error_is_not_hidden() -> None:
    assert explain(KeyError("a bug")) is None


def test_without_a_local_run_a_command_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(target, "LOCAL_FILE", tmp_path / "stack.json")

    code = main(["runs"])

    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert said.err == "fmops: no local run is up: start one with `make local` (or `fmops local up`)\n"


def test_local_run_that_died_is_told_from_one_that_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stack.json"
    file.write_text('{"stack": "fmops", "endpoint": "http://127.0.0.1:9", "outputs": {"LedgerName": "ledger"}}')
    monkeypatch.setattr(target, "LOCAL_FILE", file)

    code = main(["runs"])

    assert code == 1
    assert "nothing answers at http://127.0.0.1:9/" in capsys.readouterr().err


def test_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rnus"]) == 2
    assert "No such command" in capsys.readouterr().err
