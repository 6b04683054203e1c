"""`fmops profile` over a folder."""

import gzip
import json
from pathlib import Path

import pytest

from fmops_cli.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two hours of capture, one zipped, and a log of Bedrock with a body apart."""
    hour = tmp_path / "logs" / "2026" / "11" / "24" / "05"
    hour.mkdir(parents=True)
    lines = [captured(n) for n in range(40)]
    (hour / "a.jsonl").write_bytes(b"\n".join(lines[:20]) + b"\nrubbish\n")
    (hour / "b.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines[20:] + lines[:1])))
    (hour / "data").mkdir()
    (hour / "data" / "r_output.json.gz").write_bytes(gzip.compress(b'{"completion": "It is."}'))
    logged = {
        "requestId": "r",
        "requestMetadata": {"team": "blue"},
        "input": {"inputBodyJson": {"prompt": "Is it?"}, "inputTokenCount": 3},
        "output": {"outputBodyS3Path": "s3://logs/prefix/2026/11/24/05/data/r_output.json.gz", "outputTokenCount": 2},
    }
    (hour / "c.json.gz").write_bytes(gzip.compress(json.dumps(logged).encode()))
    return tmp_path / "logs"


def captured(number: int) -> bytes:
    sides = {
        "endpointInput": {"data": json.dumps({"inputs": f"what is {number}"}), "encoding": "JSON"},
        "endpointOutput": {"data": json.dumps([{"generated_text": "a number"}]), "encoding": "JSON"},
    }
    return json.dumps({"captureData": sides, "eventMetadata": {"eventId": f"e{number}"}}).encode()


def test_a_folder_is_profiled_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(folder), "--tenant", "request_metadata:team", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["records"] == 41
    assert (found["counters"]["unreadable"], found["counters"]["duplicates"], found["counters"]["objects"]) == (1, 1, 3)
    assert found["usage"]["tenants"][0] | {"cost_usd": None} == {
        "tenant": "blue",
        "records": 1,
        "prompt_tokens": 3,
        "answer_tokens": 2,
        "cost_usd": None,
        "rest": False,
    }


def test_a_kept_profile_is_compared_with(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = str(tmp_path / "usual.npz")

    assert main(["profile", str(folder), "--out", kept]) == 0
    assert main(["profile", str(folder), "--against", kept]) == 0

    assert "0 of " in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments,sentence",
    [
        (["nowhere"], "nowhere does not exist"),
        (["."], "holds no file that ends in"),
        ([".", "--tenant", "hat"], "'hat' names no place for tenants"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["profile", *arguments]) != 0

    assert sentence in capsys.readouterr().err
