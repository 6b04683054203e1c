"""Fault 4: the events of a manifest that was replaced come in any order. The newest manifest wins."""

import json
from itertools import permutations

import pytest

from fmops.core import wiring
from fmops.core.artifacts import location
from fmops.datasets import store
from tests.integration.account import Account
from tests.integration.drops import Drops, lines, manifest

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]
KEY = "datasets/trivia/v1/manifest.json"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_fault_04_newest_manifest_is_registered_whichever_event_comes_first(
    account: Account, drop: Drops, order: tuple[int, ...]
) -> None:
    content = lines(ROWS)
    drop.put("datasets/trivia/v1/rows.jsonl", content)
    written = [
        drop.put(KEY, json.dumps(manifest(content, description=text)).encode()) for text in ("old", "older", "newest")
    ]

    answers = [drop.tell(drop.event(KEY, written[place]))["status"] for place in order]

    assert sorted(answers) == ["registered", "superseded", "superseded"]
    assert answers[order.index(2)] == "registered"
    dataset = store.load(wiring.ledger(), "trivia", "v1")
    newest = wiring.store().read_json(location(dataset.manifest_uri))
    assert newest["description"] == "newest"
    assert [kind for kind, _ in account.events()] == ["DatasetRegistered"]
