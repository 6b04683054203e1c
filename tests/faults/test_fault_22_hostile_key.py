"""Fault 22: object keys with `+`, spaces, Unicode and 1,024 bytes. Decoded once, and every name made of them valid."""

import re

import pytest

from fmops.core.ids import sagemaker_name
from fmops.usecases.triggers import DatasetRef, Trigger, request_run
from tests.integration.account import Account
from tests.integration.drops import Drops, lines

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]
SAGEMAKER = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
KEYS = (
    "inbox/a+b c/ü.jsonl",
    "inbox/%2F%2e%2e.jsonl",
    "inbox/日本語/データ.jsonl",
    "inbox/'; DROP TABLE--/<script>.jsonl",
    "inbox/" + "x" * (1024 - len("inbox/.jsonl")) + ".jsonl",
    "inbox/" + "ü" * 500 + ".jsonl",
)


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_fault_22_dataset_gets_a_valid_name_and_so_does_every_job(account: Account, drop: Drops, key: str) -> None:
    assert len(key.encode()) <= 1024

    answer = drop(key, lines(ROWS))

    assert answer["status"] == "registered"
    assert re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", answer["dataset"])
    assert len(answer["dataset"]) <= 40
    trigger = Trigger(kind="dataset", dataset=DatasetRef(name=answer["dataset"], version=answer["version"]))
    run_id = request_run("a" * 40, trigger).run_id
    for what in ("tune", "eval", "score"):
        assert SAGEMAKER.fullmatch(sagemaker_name("ab12cd34", what, run_id, "c" * 40))


def test_fault_22_key_is_decoded_once(account: Account, drop: Drops) -> None:
    # EventBridge gives keys as they are, S3's own notifications encode them: `+` must stay what it is.
    once, twice = drop("inbox/a%2Bb.jsonl", lines(ROWS)), drop("inbox/a+b.jsonl", lines(ROWS[:19]))

    assert once["dataset"] != twice["dataset"]
