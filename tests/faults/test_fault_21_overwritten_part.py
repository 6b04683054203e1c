"""Fault 21: a part is overwritten after it was validated."""

from fmops.core import wiring
from fmops.core.artifacts import Location
from fmops.datasets import store
from tests.integration.account import DATASETS
from tests.integration.drops import Drops, lines
from tests.integration.evaluation.conftest import Evaluation

PART = "datasets/trivia/v2/train.jsonl"
TRAIN = [{"id": f"t{n}", "text": f"Question {n} of many?", "correct_answer": f"answer {n}"} for n in range(30)]
TEST = [{"id": f"q{n}", "text": f"What is thing {n}?", "correct_answer": f"thing {n}"} for n in range(30)]


def test_fault_21_the_pinned_version_is_used(evaluation: Evaluation, drop: Drops) -> None:
    drop.sides(TRAIN, TEST, "v2")
    drop.put(PART, lines([{**row, "correct_answer": "poison"} for row in TRAIN]))

    evaluation.plan(dataset={"name": "trivia", "version": "v2"})
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")

    taught = evaluation.file("candidates/tuned/training/train.jsonl").decode()
    assert taught.count("\n") == 30
    assert "answer 7" in taught
    assert "poison" not in taught


def test_fault_21_the_record_names_the_version_that_was_validated(evaluation: Evaluation, drop: Drops) -> None:
    drop.sides(TRAIN, TEST, "v2")
    drop.put(PART, b"something else")

    (train, _) = store.load(wiring.ledger(), "trivia", "v2").files
    assert wiring.store().read(Location(DATASETS, PART), train.version) == lines(TRAIN)
