"""A judge is planned, priced at its worst, and refused where it can't be asked or would judge itself."""

from typing import Any

import pytest

from fmops.core.errors import BadInput, BudgetExceeded, LaunchRefused
from fmops.evaluation.costs import worst_tokens
from fmops.evaluation.planning.candidates import Known, ScoredRows, plan
from fmops.evaluation.planning.choosing import Chosen
from fmops.evaluation.planning.plans import Plan
from fmops.usecases.models import UseCase
from fmops.usecases.triggers import RunRequest, Trigger
from tests.fakes.plans import DATASET, planned, reigning
from tests.fakes.run import dataset, hub_model, use_case

NOVA = {"kind": "bedrock", "model_id": "us.amazon.nova-pro-v1:0"}


def document(judge: dict[str, Any], **changes: Any) -> UseCase:
    return use_case(evaluation={"judge": {"model": NOVA, **judge}}, **changes)


def judged(judge: dict[str, Any] | None = None, **changes: Any) -> Plan:
    return planned(document(judge or {}), **changes)


def test_the_plan_names_what_is_asked_beside_whose_answers_and_how_many() -> None:
    judge = judged({"sample": 35}).judge

    assert judge is not None
    assert (judge.asked.kind, judge.asked.model_id) == ("bedrock", "us.amazon.nova-pro-v1:0")
    assert (judge.reference, judge.rows) == ("base", 35)
    assert judge.asked.decoding["do_sample"] is False


def test_the_champion_is_the_reference_where_there_is_one() -> None:
    judge = judged(champion=reigning(prompt_template="Old: {input}")).judge

    assert judge is not None
    assert judge.reference == "champion"


def test_a_rubric_needs_no_reference_and_no_second_candidate() -> None:
    alone = use_case(
        candidates=[use_case().candidates[0].model_dump()],
        evaluation={"judge": {"model": NOVA, "method": "rubric"}},
    )

    judge = planned(alone).judge

    assert judge is not None
    assert judge.reference is None


def test_a_judge_with_nothing_to_compare_says_what_to_do() -> None:
    alone = document({}, candidates=[use_case().candidates[0].model_dump()])

    with pytest.raises(BadInput, match="set the judge's method to rubric"):
        planned(alone)


def test_the_worst_case_of_the_run_counts_the_judge() -> None:
    with_judge, without = judged(), planned()

    assert with_judge.judge is not None
    assert with_judge.worst_case_usd == pytest.approx(without.worst_case_usd + with_judge.judge.worst_case_usd)


def test_the_worst_case_covers_two_orders_of_each_pair_and_of_each_probe_twice_over() -> None:
    judge = judged({"max_new_tokens": 100, "probes": 20}).judge

    assert judge is not None
    assert judge.token_price is not None
    # 40 rows and 20 probes, two orders, two attempts: their verdicts alone.
    verdicts = worst_tokens(judge.token_price, prompt_bytes=0, answers=2 * 2 * 60, max_new_tokens=100)
    # An hour of the job's instance, twice.
    job = 2 * 0.23
    assert judge.worst_case_usd > verdicts + job
    more = judged({"max_new_tokens": 200, "probes": 20}).judge
    assert more is not None
    assert more.worst_case_usd - judge.worst_case_usd == pytest.approx(verdicts, abs=2e-4)


def test_judging_that_may_cost_too_much_is_refused_with_the_sample_that_would_fit() -> None:
    data = dataset(test=2000)
    whole = judged(data=data).judge
    assert whole is not None

    with pytest.raises(
        BudgetExceeded, match=r"evaluation\.judge\.max_usd allows .* set evaluation\.judge\.sample to"
    ) as told:
        judged({"max_usd": whole.worst_case_usd / 2}, data=data)

    fitting = int(str(told.value).split("sample to ")[1].split()[0])
    assert judged({"max_usd": whole.worst_case_usd / 2, "sample": fitting}, data=data).judge is not None
    with pytest.raises(BudgetExceeded):
        judged({"max_usd": whole.worst_case_usd / 2, "sample": fitting + 1}, data=data)


def test_a_cap_that_no_sample_keeps_says_so() -> None:
    with pytest.raises(BudgetExceeded, match="raise it, or name a cheaper judge"):
        judged({"max_usd": 0.01})


def test_a_judge_whose_price_is_unknown_is_refused() -> None:
    with pytest.raises(LaunchRefused, match=r"the price of the judge vendor\.new-v1:0 is unknown"):
        judged({"model": {"kind": "bedrock", "model_id": "vendor.new-v1:0"}})


def test_the_price_of_an_endpoint_is_its_owners_to_know() -> None:
    judge = judged({"model": {"kind": "endpoint", "endpoint_name": "our-judge", "version": "3"}}).judge

    assert judge is not None
    assert judge.token_price is None
    assert judge.asked.pinned


def test_a_model_does_not_judge_itself() -> None:
    itself = {"id": "nova", "kind": "bedrock", "model_id": "amazon.nova-pro-v1:0", "prompt_template": "{input}"}
    wanted = document({}, candidates=[use_case().candidates[0].model_dump(), itself])

    with pytest.raises(BadInput, match=r"evaluation\.judge is the model of candidate nova"):
        planned_with_bedrock(wanted)


def planned_with_bedrock(wanted: UseCase) -> Plan:
    trigger = Trigger(kind="dataset", dataset=DATASET)
    known = Known(wanted, dataset(), None, ScoredRows(dataset().test_uri, []))
    chosen = [Chosen(one, hub_model() if one.kind == "jumpstart" else None) for one in wanted.candidates]
    return plan(RunRequest(run_id="run-1", use_case="trivia", trigger=trigger), known, chosen)
