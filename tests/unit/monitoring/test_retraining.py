"""Which drift lasts, when labels are asked for, and which prompts."""

from datetime import timedelta
from typing import Any

import pytest

from fmops.core.clock import parse
from fmops.datasets.labelling import LabelRequest
from fmops.monitoring.retraining.lasting import Lasting, lasting, waits
from fmops.monitoring.retraining.prompts import LONGEST, Chosen, Sampler, unrendered
from fmops.usecases.retraining import Retraining

NOW = parse("2026-11-24T12:00:00Z")
LARGE = {"size": 0.2, "low": 0.1, "high": 0.3, "limit": 0.02}
SMALL = {**LARGE, "size": 0.01}


def windows(said: str) -> list[dict[str, Any]]:
    """`d` drifted, `.` calm, `?` not to be judged; hour by hour."""
    verdicts = {"d": "ALARM", ".": "OK", "?": "INSUFFICIENT_DATA"}
    drifts = {"d": {"prompt_words": LARGE, "refusals": {**LARGE, "size": 0.9}, "errors": SMALL}, ".": {"errors": SMALL}}
    return [
        {"window": f"w{hour:02}", "release_id": "rel-1", "verdict": verdicts[one], "drift": drifts.get(one, {})}
        for hour, one in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("...", None),
        ("..dd", ["w02", "w03"]),
        ("dd.d", ["w00", "w01", "w03"]),
        ("dd..d", ["w04"]),
        ("dd.?.d", ["w05"]),
        ("d??d", ["w00", "w03"]),
        ("dd..", None),
    ],
)
def test_drift_lasts_until_it_was_away_for_the_calm_windows(said: str, shown: list[str] | None) -> None:
    found = lasting(windows(said), calm_windows=2)

    assert (None if found is None else found.windows) == shown


def test_what_moved_most_for_its_limit_is_named_first() -> None:
    found = lasting(windows("dd"), 2)

    assert found is not None
    assert found.features == ["refusals", "prompt_words"]


def test_a_cause_keeps_its_name_as_it_lasts_and_the_next_has_another() -> None:
    first, later, other = (lasting(windows(said), 2) for said in ("dd", "dddd", "..dd"))

    assert first is not None
    assert later is not None
    assert other is not None
    assert first.request_id == later.request_id != other.request_id


def request(found: Lasting, days_ago: int) -> LabelRequest:
    return LabelRequest.model_validate(
        {
            "request_id": found.request_id,
            "run_id": "r",
            "use_case": "trivia",
            "release_id": "rel-1",
            "since": "w00",
            "windows": [],
            "asked_at": (NOW - timedelta(days=days_ago)).isoformat(),
            "prompts": 1,
            "prompts_uri": "s3://b/p",
            "base": {"name": "trivia", "version": "v1"},
        }
    )


def test_labels_are_asked_for_once_for_a_cause_and_seldom_for_others() -> None:
    rule = Retraining(mode="ask", lasting_windows=2, cool_down_days=14)
    found, other = Lasting("rel-1", ["w00", "w01"], []), Lasting("rel-1", ["w30", "w31"], [])

    assert waits(found, [], rule, NOW) == ""
    assert "this drift" in waits(found, [request(found, 100)], rule, NOW)
    assert "less than 14 days ago" in waits(other, [request(found, 13)], rule, NOW)
    assert waits(other, [request(found, 14)], rule, NOW) == ""


def test_yaml_reads_off_as_false() -> None:
    assert Retraining.model_validate({"mode": False}).mode == "off"


def sampled(prompts: list[str], size: int, seed: str = "s") -> Chosen:
    sampler = Sampler(size, seed)
    for prompt in prompts:
        sampler.add(prompt)
    return sampler.chosen


def test_the_sample_is_the_same_whatever_the_order_and_counts_exactly() -> None:
    prompts = [f"what is {number % 300}" for number in range(1000)]
    shuffled = sorted(prompts, key=lambda prompt: prompt[::-1])

    found = sampled(prompts, 50)

    assert found.prompts == sampled(shuffled, 50).prompts
    assert len(found.prompts) == 50
    assert {row.asked for row in found.prompts} == {3, 4}
    assert all(row.asked == sum(prompt == row.input for prompt in prompts) for row in found.prompts)
    assert found.prompts != sampled(prompts, 50, "another").prompts


def test_how_many_different_prompts_there_were_is_told_exactly_or_closely() -> None:
    prompts = [f"what is {number}" for number in range(20_000)]

    assert sampled(prompts[:40], 50).different == 40
    # The standard error is 1 / √(k - 2), 4.5 %.
    assert sampled(prompts, 500).different == pytest.approx(20_000, rel=0.14)


def test_each_different_prompt_is_as_likely_however_often_it_is_asked() -> None:
    prompts = ["often"] * 900 + [f"seldom {number}" for number in range(9)]
    drawn = sum(any(row.input == "often" for row in sampled(prompts, 5, str(seed)).prompts) for seed in range(400))

    # Half of the seeds, by a binomial of 400: six standard deviations of 10.
    assert 140 < drawn < 260


def test_prompts_that_differ_in_what_is_masked_are_one() -> None:
    found = sampled(["mail ann@example.com", "Mail  bob@example.com!", "", " ?!", "x" * (LONGEST + 1)], 10)

    assert [(row.input, row.asked) for row in found.prompts] == [("mail [email]", 2)]
    assert (found.masked, found.too_long) == ({"email": 1}, 1)


@pytest.mark.parametrize(
    ("prompt", "template", "found"),
    [
        ("Q: why?\nA:", "Q: {input}\nA:", "why?"),
        ("why?", "Q: {input}\nA:", "why?"),
        ("Q: why?\nA:", "{input}", "Q: why?\nA:"),
        ("aXa", "a{input}a{input}", "aXa"),
    ],
)
def test_a_prompt_is_what_stood_in_the_champions_template(prompt: str, template: str, found: str) -> None:
    assert unrendered(prompt, template) == found
