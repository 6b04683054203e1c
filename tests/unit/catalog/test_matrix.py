"""A use case's hard conditions cut models, each with its reason; what is unknown meets no condition."""

from typing import Any

import pytest

from fmops.catalog.features import Features
from fmops.catalog.matrix import Wanted, matrix
from fmops.usecases.conditions import Constraints

KNOWN = Features(
    source="jumpstart",
    model_id="m",
    version="1.0.0",
    provider="meta",
    licence="Apache-2.0",
    languages=["en", "de"],
    context_tokens=8192,
    input_modalities=["text"],
    output_modalities=["text"],
    instance_types=["ml.g5.xlarge", "ml.g5.2xlarge"],
    region="us-east-1",
    gated=False,
)
NOTHING = Features(source="jumpstart", model_id="u", version="1.0.0")


def reasons(features: Features, instance_type: str | None = "ml.g5.xlarge", **constraints: Any) -> list[str]:
    asked = Constraints.model_validate(constraints)
    return matrix([Wanted("c", features, instance_type)], asked).rows[0].reasons


@pytest.mark.parametrize(
    "constraints",
    [
        {},
        {"licences": ["mit", "apache-*"]},
        {"providers": ["Meta"]},
        {"languages": ["English", "de"]},
        {"min_context_tokens": 8192},
        {"input_modalities": ["text"], "output_modalities": ["text"]},
        {"instance_types": ["ml.g5.*"]},
        {"regions": ["us-*"]},
        {"allow_gated": False},
        {"max_usd_per_hour": 1.408},
    ],
)
def test_a_model_that_meets_a_condition_is_kept(constraints: dict[str, Any]) -> None:
    assert reasons(KNOWN, **constraints) == []


@pytest.mark.parametrize(
    ("constraints", "reason"),
    [
        ({"licences": ["mit"]}, "licence: Apache-2.0 is none of mit"),
        ({"providers": ["mistral*"]}, "provider: meta is none of mistral*"),
        ({"languages": ["English", "Thai"]}, "languages: th missing"),
        ({"min_context_tokens": 32_000}, "context length: 8,192 tokens, below 32,000"),
        ({"input_modalities": ["image"]}, "input modalities: image missing"),
        ({"instance_types": ["ml.p*"]}, "instance type: ml.g5.xlarge is none of ml.p*"),
        ({"regions": ["eu-*"]}, "region: us-east-1 is none of eu-*"),
        ({"max_usd_per_hour": 1}, "price by the hour: 1.408 USD for ml.g5.xlarge, above 1 USD"),
    ],
)
def test_a_model_that_breaks_a_condition_is_cut_with_the_reason(constraints: dict[str, Any], reason: str) -> None:
    assert reasons(KNOWN, **constraints) == [reason]


@pytest.mark.parametrize(
    ("constraints", "what"),
    [
        ({"licences": ["*"]}, "licence"),
        ({"providers": ["*"]}, "provider"),
        ({"languages": ["en"]}, "languages"),
        ({"min_context_tokens": 1}, "context length"),
        ({"input_modalities": ["text"]}, "input modalities"),
        ({"output_modalities": ["text"]}, "output modalities"),
        ({"instance_types": ["*"]}, "instance type"),
        ({"regions": ["*"]}, "region"),
        ({"allow_gated": False}, "gated"),
        ({"max_usd_per_hour": 1000}, "price by the hour"),
    ],
)
def test_what_is_unknown_meets_no_condition(constraints: dict[str, Any], what: str) -> None:
    assert reasons(NOTHING, "ml.unheard.of", **constraints) == [f"{what}: unknown"]


def test_a_gated_model_is_cut_where_none_is_wanted() -> None:
    gated = KNOWN.model_copy(update={"gated": True})

    assert reasons(gated, allow_gated=False) == ["gated: its licence must be accepted first"]
    assert reasons(gated) == []


def test_bedrock_needs_no_instance_type() -> None:
    assert (
        reasons(NOTHING.model_copy(update={"source": "bedrock", "instance_types": []}), None, instance_types=["*"])
        == []
    )


def test_candidates_of_one_model_share_a_row() -> None:
    wanted = [Wanted("base", KNOWN, "ml.g5.xlarge"), Wanted("tuned", KNOWN, "ml.g5.xlarge")]

    found = matrix([*wanted, Wanted("big", KNOWN, "ml.g5.2xlarge")], Constraints(max_usd_per_hour=1.45))

    assert [(row.candidates, row.kept) for row in found.rows] == [(["base", "tuned"], True), (["big"], False)]
    assert list(found.cut()) == ["big"]


def test_the_champion_stays_whatever_it_breaks() -> None:
    wanted = [Wanted("base", KNOWN, "ml.g5.xlarge"), Wanted("champion", KNOWN, "ml.g5.xlarge")]

    found = matrix(wanted, Constraints(licences=["mit"]), spared=frozenset({"champion"}))

    assert list(found.cut()) == ["base"]
    assert found.rows[1].reasons == ["licence: Apache-2.0 is none of mit"]


def test_a_row_is_shown_with_holes_where_something_is_unknown() -> None:
    bedrock = NOTHING.model_copy(update={"source": "bedrock", "instance_types": []})
    wanted = [Wanted("c", KNOWN, "ml.g5.xlarge"), Wanted("u", NOTHING, "ml.unheard.of"), Wanted("b", bedrock, None)]

    known, unknown, by_usage = (row.shown() for row in matrix(wanted, Constraints()).rows)

    assert (known["context (tokens)"], known["USD an hour"], known["gated"]) == ("8,192", "1.408", "no")
    assert {name: cell for name, cell in unknown.items() if cell} == {"instance type": "ml.unheard.of"}
    assert (by_usage["instance type"], by_usage["USD an hour"]) == ("none", "by usage")
    assert known.keys() == unknown.keys()
