"""A run with a judge, deployed: with the rights that the template gives, against Bedrock's Converse."""

from typing import Any

from fmops.core.artifacts import location
from tests.journeys.life import BAD_JUDGE, GOOD_JUDGE, SUMS, Life, use_case

RULES = [{"name": "exact_match", "weight": 1}, {"name": "judge_win_rate", "weight": 1}]


def judged(name: str, model: str) -> dict[str, Any]:
    judge = {
        "model": {"kind": "bedrock", "model_id": model, "price": {"input": 1, "output": 5}},
        "criteria": "the sum is right.",
        "sample": 40,
        "max_usd": 10,
    }
    return use_case(name, metrics=RULES, evaluation={"judge": judge})


def report(stack: Life, run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stack.target.store.read_json(location(run["report_uri"]))
    return found


def test_a_good_judge_decides_with_the_scores_and_a_bad_one_is_not_used(stack: Life) -> None:
    for name, model in (("wise", GOOD_JUDGE), ("biased", BAD_JUDGE)):
        stack.save(judged(name, model))
        stack.drop(f"inbox/{name}/new.jsonl", SUMS)

    wise = report(stack, stack.run("wise", "awaiting_approval", seconds=240))
    biased = report(stack, stack.run("biased", "completed", seconds=240))

    assert (wise["decision"]["verdict"], wise["decision"]["winner"]) == ("PROMOTE", "tuned")
    judge = wise["judge"]
    assert (judge["used"], judge["reference"], judge["rows"]) == (True, "base", 40)
    assert judge["accuracy"]["value"] == 1
    [tuned] = judge["candidates"]
    # Where both are right there is nothing to choose.
    assert (tuned["wins"] + tuned["equal"], tuned["losses"]) == (40, 0)
    # Each known pair and each pair that differs, in both orders; a request that failed on the way costs nothing.
    answered = 2 * 60 + 2 * tuned["wins"]
    assert judge["usd"] == answered * (300 * 1 + 20 * 5) / 1e6
    assert judge["calls"] >= answered
    win_rate = next(one for one in wise["candidates"] if one["id"] == "tuned")["metrics"]["judge_win_rate"]
    assert win_rate["low"] > 0.5

    assert biased["decision"]["verdict"] == "INCONCLUSIVE"
    assert "the judge was not used: its accuracy of 0.00" in biased["decision"]["sentence"]
    assert biased["judge"]["position_bias"]["value"] == 1
    assert biased["judge"]["usd"] == 2 * 60 * (300 * 1 + 20 * 5) / 1e6

    keys = [entry["Key"] for entry in stack.target.store.keys(location(f"s3://{_bucket(stack)}/results/"))]
    assert [key for key in keys if "/judge.scores/" in key and wise["run_id"] in key]
    assert not [key for key in keys if "/judge.scores/" in key and biased["run_id"] in key]


def _bucket(stack: Life) -> str:
    return stack.outputs["ArtifactsBucketName"]
