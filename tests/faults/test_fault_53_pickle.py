"""Fault 53: weights that are pickles are refused by their first bytes; nothing loads them."""

from pathlib import Path
from typing import Any

import pytest

from fmops.core import wiring
from fmops.core.errors import WeightsRefused
from fmops.serving.models import Artifact
from fmops.serving.weights import must_be_safetensors
from tests.fakes.weights import packed, pickled, safetensors
from tests.integration.account import ARTIFACTS, Account

GOOD = {"config.json": b"{}", "model.safetensors": safetensors(1000), "empty.txt": b""}


def artifact(uri: str, **members: Any) -> Artifact:
    return Artifact(
        model_id="llm",
        model_version="1",
        hub_content_arn="arn",
        container={"Image": "serve:1", "ModelDataSource": {"S3DataSource": {"S3Uri": uri}}},
        network_isolation=True,
        timeouts={},
        prompt_template="{input}",
        decoding={},
        **{"training_job": "tune", **members},
    )


def look(account: Account, files: dict[str, bytes], **members: Any) -> None:
    """At files as a folder, as our own trainer leaves them."""
    for name, content in files.items():
        account.s3.put_object(Bucket=ARTIFACTS, Key=f"model/{name}", Body=content)
    must_be_safetensors(artifact(f"s3://{ARTIFACTS}/model/", **members), wiring.client("s3"))


def look_inside(account: Account, content: bytes) -> None:
    """At an archive, as JumpStart's trainers leave it."""
    account.s3.put_object(Bucket=ARTIFACTS, Key="model.tar.gz", Body=content)
    must_be_safetensors(artifact(f"s3://{ARTIFACTS}/model.tar.gz"), wiring.client("s3"))


def test_safetensors_pass(account: Account) -> None:
    look(account, GOOD)
    look_inside(account, packed(GOOD))


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "model.safetensors", "tokenizer.json", "extra", "more.safetensors"]
)
def test_fault_53_a_pickle_is_refused_whatever_it_is_called_and_never_loaded(
    account: Account, tmp_path: Path, name: str
) -> None:
    mark = tmp_path / "loaded"
    bad = {**GOOD, name: pickled(mark)}

    with pytest.raises(WeightsRefused, match=name):
        look(account, bad)
    with pytest.raises(WeightsRefused, match=name):
        look_inside(account, packed(bad))
    assert not mark.exists()


def test_fault_53_code_beside_the_weights_is_refused(account: Account) -> None:
    with pytest.raises(WeightsRefused, match=r"inference\.py"):
        look_inside(account, packed({**GOOD, "code/inference.py": b"import os"}))


def test_fault_53_weights_without_safetensors_are_refused(account: Account) -> None:
    with pytest.raises(WeightsRefused, match="no safetensors"):
        look(account, {"config.json": b"{}"})
    with pytest.raises(WeightsRefused, match="no safetensors"):
        look_inside(account, packed({"config.json": b"{}"}))


@pytest.mark.parametrize(
    "content",
    # An archive holds the time of its making: it must not name the test.
    [
        pytest.param(b"no archive", id="text"),
        pytest.param(b"\x1f\x8b\x08", id="begun"),
        pytest.param(packed(GOOD)[:-200], id="cut"),
    ],
)
def test_fault_53_an_archive_that_cannot_be_read_is_refused(account: Account, content: bytes) -> None:
    with pytest.raises(WeightsRefused):
        look_inside(account, content)


@pytest.mark.parametrize("name", ["../model.safetensors", "/model.safetensors", "a/../../model.safetensors"])
def test_fault_53_an_archive_that_leads_out_of_itself_is_refused(account: Account, name: str) -> None:
    with pytest.raises(WeightsRefused, match="leads out"):
        look_inside(account, packed({**GOOD, name: safetensors()}))


def test_what_aws_publishes_is_not_looked_at(account: Account) -> None:
    look(account, {"pytorch_model.bin": b"x"}, training_job=None)


def test_a_large_file_is_not_read_whole(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    client = wiring.client("s3")
    real, asked = client.get_object, []

    def counted(**request: Any) -> Any:
        asked.append(request)
        return real(**request)

    monkeypatch.setattr(client, "get_object", counted)
    look(account, {"model.safetensors": safetensors(1_000_000)})

    read = [tuple(map(int, one["Range"].removeprefix("bytes=").split("-"))) for one in asked]
    assert sum(end - begin + 1 for begin, end in read) < 1000
