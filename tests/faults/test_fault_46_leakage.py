"""Fault 46: rows that will be scored stand in the training data, exactly or nearly."""

from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.datasets.leakage import LeakageFound
from fmops.usecases import store as usecases
from tests.fakes.run import use_case
from tests.integration.drops import Drops
from tests.integration.evaluation.conftest import Evaluation

QUESTIONS = [
    "Which river flows through the old town of the capital in the north",
    "Who painted the ceiling of the chapel that popes are elected in",
    "How many moons were known to circle the largest planet in 1979",
    "What is the name of the process where light is produced without heat",
    "Why did the settlers leave their village before the second winter came",
    "When was the bridge over the strait opened for trains and for cars",
]
OTHERS = [
    "Where do the birds of the marsh spend the colder half of a year",
    "Which metal is liquid at the temperature of a warm summer day",
    "Who led the fleet that came home with spices after three long years",
    "What do bakers add to dough so that it rises over night",
]
V2 = {"name": "trivia", "version": "v2"}


def rows(questions: list[str], prefix: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{prefix}{n}", "text": f"{text}?", "correct_answer": f"it is known as {text.split()[-1]}"}
        for n, text in enumerate(questions)
    ]


@pytest.mark.parametrize(
    ("planted", "named"),
    [
        (QUESTIONS[3], "test planted = train t3"),
        (f" {QUESTIONS[3].upper()} …", "test planted = train t3"),
        (QUESTIONS[3].replace("name", "word"), "test planted ~ train t3"),
        (f"{QUESTIONS[3]} these days", "test planted ~ train t3"),
    ],
)
def test_fault_46_a_planted_row_stops_the_run_before_anything_is_paid(
    evaluation: Evaluation, drop: Drops, planted: str, named: str
) -> None:
    leak = {"id": "planted", "text": planted, "correct_answer": "it is known as heat"}
    assert drop.sides(rows(QUESTIONS, "t"), [*rows(OTHERS, "q"), leak], "v2")["status"] == "registered"

    with pytest.raises(LeakageFound) as refused:
        evaluation.plan(dataset=V2)

    assert named in str(refused.value)
    assert evaluation.sagemaker.created == []


def test_fault_46_clean_data_is_planned(evaluation: Evaluation, drop: Drops) -> None:
    drop.sides(rows(QUESTIONS, "t"), rows(OTHERS, "q"), "v2")

    assert evaluation.plan(dataset=V2)["outcome"] == "planned"


def test_fault_46_rows_that_are_not_scored_leak_nothing(evaluation: Evaluation, drop: Drops) -> None:
    usecases.save(wiring.ledger(), use_case(evaluation={"max_rows": 4}), clock.now())
    drop.sides(rows(QUESTIONS, "t"), [*rows(OTHERS, "q"), *rows(QUESTIONS[:1], "copy")], "v2")

    assert evaluation.plan(dataset=V2)["outcome"] == "planned"


def test_fault_46_a_use_case_may_say_that_its_data_shares_templates(evaluation: Evaluation, drop: Drops) -> None:
    near = rows([QUESTIONS[3].replace("name", "word")], "near")
    drop.sides(rows(QUESTIONS, "t"), [*rows(OTHERS, "q"), *near], "v2")

    usecases.save(wiring.ledger(), use_case(leakage={"similarity": 0.95}), clock.now())

    assert evaluation.plan(dataset=V2)["outcome"] == "planned"
