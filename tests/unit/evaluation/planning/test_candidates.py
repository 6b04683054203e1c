"""A plan names every candidate that a trigger asks for, pins what may change, and knows its worst cost."""

from typing import Any

import pytest

from fmops.core.errors import BadInput, BudgetExceeded, LaunchRefused, NotFound
from fmops.datasets.leakage import LeakageFound
from fmops.datasets.models import Overlap
from fmops.evaluation.launching.sending import decoding
from fmops.evaluation.planning.choosing import slug
from fmops.evaluation.planning.plans import Plan, SeenInTraining
from fmops.usecases.candidates import Decoding
from fmops.usecases.triggers import ModelRef, Trigger
from tests.fakes.plans import DATASET, planned, reigning
from tests.fakes.run import MODEL, PROMPT, TUNE, dataset, hub_model, use_case


def test_plan_of_a_dataset_has_all_candidates_of_the_use_case() -> None:
    made = planned()

    assert [(c.id, c.kind, c.base) for c in made.candidates] == [
        ("base", "base", None),
        ("tuned", "fine_tuned", "base"),
    ]


def test_plan_pins_the_newest_version_of_each_model() -> None:
    assert {c.artifact.model_version for c in planned().candidates} == {"1.2.0"}


def test_plan_adds_the_champion_that_serves_today() -> None:
    made = planned(champion=reigning(prompt_template="Old: {input}"))

    assert [(c.id, c.is_champion) for c in made.candidates] == [("base", False), ("tuned", False), ("champion", True)]
    assert made.candidates[2].tune is None


def test_champion_that_is_one_of_the_candidates_is_evaluated_once() -> None:
    made = planned(champion=reigning())

    assert [c.id for c in made.candidates] == ["tuned", "champion"]


def test_plan_of_a_new_model_has_that_model_with_the_prompt_of_the_team_and_the_champion() -> None:
    trigger = Trigger(kind="model", dataset=DATASET, model=ModelRef(id="Brand_New", version="3.0.0"))

    made = planned(trigger=trigger, champion=reigning(prompt_template="Old: {input}"))

    new = made.candidates[0]
    assert [c.id for c in made.candidates] == [slug("Brand_New"), "champion"]
    assert (new.artifact.model_id, new.artifact.model_version) == ("Brand_New", "3.0.0")
    assert (new.artifact.prompt_template, new.instance_type, new.tune) == (PROMPT, "ml.g5.xlarge", None)


def test_plan_of_a_new_model_without_instance_type_says_what_to_set() -> None:
    trigger = Trigger(kind="model", dataset=DATASET, model=ModelRef(id="new", version="3.0.0"))

    with pytest.raises(BadInput, match=r"discovery\.instance_type"):
        planned(trigger=trigger, find=lambda i, _: hub_model(i, DefaultInferenceInstanceType=None))


def test_plan_with_nothing_beside_the_champion_is_refused() -> None:
    document = use_case(candidates=[use_case().candidates[0].model_dump()])

    with pytest.raises(BadInput, match="nothing to compare"):
        planned(document, champion=reigning())


def test_tuning_without_training_rows_is_refused() -> None:
    with pytest.raises(BadInput, match="no training rows"):
        planned(data=dataset(train=0))


def seen_rows(count: int, similarity: float = 1, *, exact: bool = True) -> list[Overlap]:
    return [Overlap(test=f"q-{n}", train=f"t-{n}", similarity=similarity, exact=exact) for n in range(count)]


def test_tuning_on_rows_that_are_scored_is_refused_and_the_rows_are_named() -> None:
    with pytest.raises(LeakageFound) as refused:
        planned(seen=[*seen_rows(11), *seen_rows(2, 0.83, exact=False)])

    said = str(refused.value)
    assert said.startswith("13 of 40 test rows of trivia v1 stand in its training rows (11 word for word, 2 nearly)")
    assert "test q-0 = train t-0" in said
    assert "test q-10" not in said
    assert "and 3 more" in said


def test_nothing_leaks_where_nothing_is_tuned() -> None:
    made = planned(use_case(candidates=[use_case().candidates[0].model_dump()]), seen=seen_rows(3))

    assert made.dataset.seen_in_training == SeenInTraining(exact=3, near=0, similarity=0.5)


def test_use_case_may_refuse_exact_copies_only_or_nothing() -> None:
    near = seen_rows(2, 0.9, exact=False)

    assert planned(use_case(leakage={"refuse": "exact"}), seen=near).dataset.seen_in_training.near == 2
    assert planned(use_case(leakage={"refuse": "nothing"}), seen=seen_rows(2)).dataset.seen_in_training.exact == 2
    with pytest.raises(LeakageFound, match=r"test q-0 ~ train t-0 \(0\.90\)"):
        planned(seen=near)


def test_worst_case_is_every_job_and_endpoint_at_its_time_limit() -> None:
    # The evaluation may take two attempts.
    evaluation_hours, endpoint_hours = 2, 4
    candidate = endpoint_hours * 1.408 + evaluation_hours * 0.23

    made = planned()

    assert made.candidates[0].worst_case_usd == pytest.approx(candidate, abs=1e-3)
    # Half an hour of training on spot, and the same again on demand.
    assert made.worst_case_usd == pytest.approx(2 * candidate + 2 * 0.5 * 1.515, abs=1e-3)


def test_run_that_may_cost_more_than_its_budget_is_refused() -> None:
    with pytest.raises(BudgetExceeded, match="at worst"):
        planned(use_case(budget={"run_usd": 9, "month_usd": 100}))


def test_unknown_price_is_refused_and_never_taken_as_nothing() -> None:
    candidate = {**use_case().candidates[0].model_dump(), "instance_type": "ml.z9.large"}

    with pytest.raises(LaunchRefused, match="unknown"):
        planned(use_case(candidates=[candidate]))


def test_gated_model_is_refused_until_a_person_accepts_its_licence() -> None:
    with pytest.raises(LaunchRefused, match="accept_eula"):
        planned(find=lambda i, _: hub_model(i, GatedBucket=True))


def test_model_that_the_hub_does_not_have_is_refused() -> None:
    def missing(model_id: str, version: str) -> Any:
        raise NotFound(f"no {model_id} {version}")

    with pytest.raises(NotFound, match=MODEL):
        planned(find=missing)


def test_plan_scores_the_first_rows_where_the_use_case_wants_no_more() -> None:
    assert planned(use_case(evaluation={"max_rows": 25})).dataset.test_rows == 25


def test_fine_tuned_candidate_is_compared_with_the_base_of_its_own_template() -> None:
    shared = {"model_id": MODEL, "instance_type": "ml.g5.xlarge"}
    candidates = [
        {**shared, "id": "plain"},
        {**shared, "id": "asked", "prompt_template": PROMPT},
        {**shared, "id": "tuned", "prompt_template": PROMPT, "tune": TUNE},
    ]

    assert planned(use_case(candidates=candidates)).candidates[2].base == "asked"


def test_greedy_decoding_sends_no_temperature() -> None:
    assert decoding(Decoding()).parameters() == {
        "max_new_tokens": 64,
        "do_sample": False,
        "return_full_text": False,
    }


def test_sampled_decoding_sends_temperature_and_top_p() -> None:
    sent = decoding(Decoding(temperature=0.7, top_p=0.9, stop=["\n"])).parameters()

    assert (sent["temperature"], sent["top_p"], sent["do_sample"], list(sent["stop"])) == (0.7, 0.9, True, ["\n"])


@pytest.mark.parametrize("name", ["Meta/Llama 3", "x" * 63, "a_b"])
def test_slug_of_a_model_is_a_candidate_id(name: str) -> None:
    candidate = {**use_case().candidates[0].model_dump(), "id": slug(name)}

    assert use_case(candidates=[candidate]).candidates[0].id == slug(name)


def test_plan_survives_being_written_down() -> None:
    made = planned()

    assert Plan.model_validate_json(made.model_dump_json()) == made
