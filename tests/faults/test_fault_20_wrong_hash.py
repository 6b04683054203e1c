"""Fault 20: a part is not the one whose hash the manifest names."""

import json

import pytest

from fmops.core import wiring
from fmops.datasets import store
from tests.integration.account import Account
from tests.integration.drops import Drops, lines, manifest

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]


@pytest.mark.parametrize("place", [0, 200, -2])
def test_fault_20_one_flipped_byte_is_enough(account: Account, drop: Drops, place: int) -> None:
    content = lines(ROWS)
    flipped = bytearray(content)
    flipped[place] ^= 1
    drop.put("datasets/trivia/v1/rows.jsonl", bytes(flipped))

    answer = drop("datasets/trivia/v1/manifest.json", json.dumps(manifest(content)).encode())

    ((kind, detail),) = account.events()
    assert (answer["status"], kind) == ("rejected", "DatasetRejected")
    # Whatever else may be wrong with it: it is not the file that was meant.
    assert [problem["file"] for problem in detail["problems"]] == ["rows.jsonl"]
    assert "the manifest says" in detail["problems"][0]["problem"]
    assert store.find(wiring.ledger(), "trivia", "v1") is None
