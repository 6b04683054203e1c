"""Fault 19: a manifest names a part that nobody uploaded."""

import json

from fmops.core import wiring
from fmops.datasets import store
from tests.integration.account import Account
from tests.integration.drops import Drops, lines, manifest

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]


def test_fault_19_nothing_starts_and_the_missing_part_is_named(account: Account, drop: Drops) -> None:
    content = lines(ROWS)
    document = manifest(content)
    document["files"].append({"path": "more/part-2.jsonl", "sha256": "0" * 64})
    drop.put("datasets/trivia/v1/rows.jsonl", content)

    answer = drop("datasets/trivia/v1/manifest.json", json.dumps(document).encode())

    # DatasetRegistered is all that starts a run.
    ((kind, detail),) = account.events()
    assert (answer["status"], kind, detail["owner"]) == ("rejected", "DatasetRejected", "owner@example.com")
    assert [(p["file"], p["problem"]) for p in detail["problems"]] == [("more/part-2.jsonl", "the file does not exist")]
    assert store.find(wiring.ledger(), "trivia", "v1") is None
