"""FMEval's built-in datasets become pinned dataset versions: rows in `artifacts`, with licence and source."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fmops.core import wiring
from fmops.core.artifacts import location
from fmops.datasets import store
from fmops.datasets.models import Dataset
from fmops_cli import datasets as commands
from fmops_cli.target import Target
from tests.integration.account import DATASETS, Account
from tests.integration.drops import Drops, lines

PAIRS = [
    {"sent_more": f"They, number {n}, are bad.", "sent_less": f"We, number {n}, are bad.", "bias_type": "age"}
    for n in range(30)
]


@pytest.fixture
def drop(account: Account, repo: Path, monkeypatch: pytest.MonkeyPatch) -> Drops:
    target = Target("fmops", {"DatasetsBucketName": DATASETS}, wiring.client, local=True)
    monkeypatch.setattr(commands, "find", lambda _stack: target)
    return Drops(account, repo)


def told(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(commands.app, ["import-builtin", *words, "--json"])
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def registered(account: Account, drop: Drops, manifest: dict[str, Any]) -> Dataset:
    """What the event of the manifest, which was dropped last, leads to."""
    key = f"datasets/{manifest['name']}/{manifest['version']}/manifest.json"
    content = account.s3.get_object(Bucket=DATASETS, Key=key)["Body"].read()
    assert drop(key, content)["status"] == "registered"
    return store.load(wiring.ledger(), manifest["name"], manifest["version"])


def test_a_copy_in_s3_becomes_a_pinned_version_in_artifacts(account: Account, drop: Drops) -> None:
    account.s3.create_bucket(Bucket="mirror")
    account.s3.put_object(Bucket="mirror", Key="crows-pairs.jsonl", Body=lines(PAIRS))

    manifest = told("builtin.crows-pairs", "--from", "s3://mirror/crows-pairs.jsonl")
    dataset = registered(account, drop, manifest)

    account.s3.delete_object(Bucket="mirror", Key="crows-pairs.jsonl")
    assert (dataset.train_rows, dataset.test_rows, dataset.licence) == (0, 30, "CC BY-SA 4.0")
    assert "Nangia et al. 2020" in manifest["description"]
    assert "s3://fmeval/datasets/crows-pairs/crows-pairs.jsonl, sha256 " in manifest["description"]
    first = next(iter(wiring.store().read_json_lines(location(dataset.test_uri))))
    assert location(dataset.test_uri).bucket != DATASETS
    assert first == {
        "id": "crows-pairs-1",
        "input": "They, number 0, are bad.",
        "target": "We, number 0, are bad.",
        "category": "age",
    }


def test_a_file_here_is_as_good_and_a_sample_is_always_the_same(account: Account, drop: Drops, tmp_path: Path) -> None:
    rows = [{"Review Text": f"Nice {n}", "Recommended IND": n % 2, "Class Name": "Knits"} for n in range(40)]
    file = tmp_path / "reviews.jsonl"
    file.write_bytes(lines([*rows, {"Review Text": "", "Recommended IND": 1, "Class Name": None}]))

    manifest = told("womens_clothing_ecommerce_reviews", "--from", str(file), "--rows", "10")
    again = told("womens_clothing_ecommerce_reviews", "--from", str(file), "--rows", "10")
    dataset = registered(account, drop, manifest)

    assert again == manifest
    assert manifest["left_out"] == 1
    assert (dataset.name, dataset.task, dataset.test_rows) == (
        "womens-clothing-ecommerce-reviews",
        "classification",
        10,
    )
    assert dataset.labels == ["0", "1"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["absent"], "FMEval has no built-in dataset absent; it has bold, boolq, "),
        (["boolq", "--from", "FILE"], "line 1: is no row of s3://fmeval/datasets/boolq/boolq.jsonl"),
        (["boolq", "--from", "EMPTY"], "it is not FMEval's boolq"),
    ],
)
def test_what_is_no_such_dataset_is_refused(drop: Drops, tmp_path: Path, words: list[str], error: str) -> None:
    (tmp_path / "FILE").write_bytes(lines(PAIRS))
    (tmp_path / "EMPTY").write_bytes(b"\n")
    given = [str(tmp_path / word) if word.isupper() else word for word in words]

    done = CliRunner().invoke(commands.app, ["import-builtin", *given])

    assert error in str(done.exception)


def test_fmevals_own_bucket_is_asked_where_it_lies(drop: Drops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    assert commands.fmevals_s3().meta.region_name == "us-west-2"
