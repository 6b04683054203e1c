"""The commands of whoever labels prompts, and of whoever accepts traffic, as they are typed."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from fmops.core import wiring
from fmops.core.artifacts import location
from fmops.monitoring.settling import Shelf
from fmops_cli import datasets, monitoring
from fmops_cli.__main__ import main
from fmops_cli.calling import Refused
from fmops_cli.target import Target
from tests.integration.account import DATASETS, TABLE, Account
from tests.integration.monitoring.test_accepting import lexicon, shelf
from tests.integration.monitoring.test_retraining import asked, watched

__all__ = ["lexicon", "shelf", "watched"]


@pytest.fixture
def typed(account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Type a command; its exit code and what it says."""
    outputs = {"LedgerName": TABLE, "DatasetsBucketName": DATASETS}
    target = Target("fmops", outputs, boto3.client, local=False)

    def call(_: Target, output: str, event: dict[str, Any]) -> dict[str, Any]:
        assert output == "AcceptTrafficFunctionName"
        try:
            answer: dict[str, Any] = account.handler("monitoring/accept_traffic")(event, None)
        except Exception as error:
            raise Refused(type(error).__name__, str(error)) from error
        return answer

    for module in (datasets, monitoring):
        monkeypatch.setattr(module, "find", lambda _: target)
    monkeypatch.setattr(monitoring, "call", call)

    def run(words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(words.split("|"))
        said = capsys.readouterr()
        return code, " ".join((said.out + said.err).split())

    return run


def test_prompts_are_fetched_labelled_and_dropped(watched: Account, typed: Any, tmp_path: Path) -> None:
    request = asked(watched)["labels"]["request_id"]
    file = tmp_path / "prompts.jsonl"

    listed = typed("dataset|unlabelled|trivia|--json")
    fetched = typed(f"dataset|unlabelled|trivia|--out|{file}")
    dropped = typed(f"dataset|label|trivia|{request}|{file}")

    assert json.loads(listed[1])[0]["request_id"] == request
    assert len(file.read_text().splitlines()) == 4
    assert f"fmops dataset label trivia {request}" in fetched[1]
    assert dropped[0] == 0
    place = location(f"s3://{DATASETS}/labels/trivia/{request}.jsonl")
    assert wiring.store().read(place) == file.read_bytes()


def test_what_nobody_asked_for_is_not_dropped(watched: Account, typed: Any, tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text("{}")

    assert typed("dataset|unlabelled|trivia")[1].startswith("Nothing wants labels for trivia")
    assert typed(f"dataset|unlabelled|trivia|--out|{file}")[0] != 0
    code, said = typed(f"dataset|label|trivia|drift-000000000000|{file}")
    assert code != 0
    assert "nobody asked for labels drift-000000000000 of trivia" in said


def test_windows_are_listed_and_accepted(shelf: Shelf, typed: Any) -> None:
    listed = typed("monitoring|windows|trivia|--json")
    accepted = typed("monitoring|accept|trivia|--since|2026-11-24T05:00Z|--until|2026-11-24T06:00Z|--reason|it is so")
    refused = typed("monitoring|accept|trivia|--since|2026-11-24T09:00Z|--reason|it is so")

    assert [one["window"] for one in json.loads(listed[1])] == ["2026-11-24T05:00Z", "2026-11-24T06:00Z"]
    assert accepted[0] == 0
    assert "70 records of 2 windows are the baseline of trivia now" in accepted[1]
    assert "windows from 2026-11-24T07:00Z on" in accepted[1]
    assert refused[0] != 0
    assert "no judged window 2026-11-24T09:00Z" in refused[1]
