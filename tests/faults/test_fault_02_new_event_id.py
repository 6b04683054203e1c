"""Fault 2: the same event with another id. It is known by what it is about, not by its id."""

from tests.faults.conftest import Started
from tests.integration.account import Account
from tests.integration.drops import Drops, lines

ROWS = [{"id": n, "text": f"Question {n}?", "correct_answer": f"answer {n}"} for n in range(20)]


def test_fault_02_another_id_of_the_same_s3_event_announces_nothing(account: Account, drop: Drops) -> None:
    version = drop.put("inbox/trivia/rows.jsonl", lines(ROWS))
    told = drop.event("inbox/trivia/rows.jsonl", version)
    drop.tell(told)
    account.events()

    answer = drop.tell({**told, "id": "another-id", "time": "2026-11-24T09:00:00Z"})

    assert answer["status"] == "known"
    assert account.events() == []


def test_fault_02_another_id_of_our_own_event_starts_no_other_run(
    account: Account, drop: Drops, started: Started
) -> None:
    drop("inbox/trivia/rows.jsonl", lines(ROWS))
    ((kind, detail),) = account.events()

    for number in range(3):
        started(kind, detail, event_id=f"id-{number}")

    assert len(started.executions) == 1
