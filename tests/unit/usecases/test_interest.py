"""Which new models are of interest, and how many of them start a run."""

from typing import Any

import pytest

from fmops.usecases.interest import Discovery, NewModel, select, wants

KNOWN: dict[str, Any] = {
    "provider": "Meta",
    "licence": "apache-2.0",
    "billion_parameters": 8.0,
    "fine_tunable": True,
}


def model(name: str = "llm-8b", **told: Any) -> NewModel:
    return NewModel(**{"source": "jumpstart", "model_id": name, "version": "1.0.0", "task": "text-generation", **told})


def rules(**limits: Any) -> Discovery:
    return Discovery.model_validate({"model_ids": ["*"], **limits})


CASES = [
    ({"providers": ["meta*"]}, {"provider": "Mistral"}),
    ({"licences": ["Apache-*"]}, {"licence": "llama3"}),
    ({"max_billion_parameters": 8}, {"billion_parameters": 8.1}),
    ({"fine_tunable": True}, {"fine_tunable": False}),
]


@pytest.mark.parametrize(("limit", "other"), CASES)
def test_each_condition_takes_what_fits_and_nothing_else(limit: dict[str, Any], other: dict[str, Any]) -> None:
    assert wants(rules(**limit), model(**KNOWN))
    assert not wants(rules(**limit), model(**{**KNOWN, **other}))


@pytest.mark.parametrize("limit", [limit for limit, _ in CASES])
def test_what_is_unknown_meets_no_condition(limit: dict[str, Any]) -> None:
    assert not wants(rules(**limit), model())
    assert wants(rules(), model())


def test_id_source_and_task_are_conditions_and_no_pattern_wants_nothing() -> None:
    assert not wants(Discovery(), model())
    assert not wants(rules(model_ids=["other-*"]), model())
    assert not wants(rules(tasks=["summarization"]), model())
    assert not wants(rules(), model(source="bedrock"))
    assert wants(rules(sources=["bedrock"]), model(source="bedrock", task=""))


def test_fifty_new_models_start_as_many_runs_as_a_week_allows_and_the_rest_is_told() -> None:
    chosen = select({"chat": rules(runs_a_week=5)}, [model(f"m{n}") for n in range(50)], {"chat": 2})

    assert [one.model_id for one, names in chosen.runs if names] == ["m0", "m1", "m2"]
    assert len(chosen.digests["chat"]) == 47
    assert len(chosen.runs) == 50


def test_a_digest_and_an_obstacle_start_no_run_and_spend_none() -> None:
    discoveries = {"mail": rules(then="digest"), "run": rules(runs_a_week=1)}
    chosen = select(discoveries, [model("gated", obstacle="its licence must be accepted first"), model("open")], {})

    assert [(one.model_id, names) for one, names in chosen.runs] == [("gated", []), ("open", ["run"])]
    assert [one.model.model_id for one in chosen.digests["mail"]] == ["gated", "open"]
    assert {one.why for one in chosen.digests["mail"]} == {
        "the use case takes a digest instead of runs (discovery.then)"
    }
    assert [one.why for one in chosen.digests["run"]] == ["its licence must be accepted first"]
