"""Fault 47: results that were made in different ways are laid side by side."""

from datetime import UTC, datetime

import pytest

from fmops.core.errors import ComparisonRefused
from fmops.selection.compare import Question, compare
from fmops.selection.scores import Evaluated
from tests.unit.selection.conftest import F1, LINEAGE, around, evaluated

PLANNED = {"prompt_template": "sha256:asked", "decoding": "sha256:greedy", "tokenizer": "sha256:bpe"}


def made(candidate: str, base: str | None = None, **fingerprints: str) -> Evaluated:
    """Results that are as the run's plan wants them, but for what is given."""
    found = evaluated(candidate, {"f1": around(0.5)}, base=base)
    summary = found.summary.model_copy(
        update={"fingerprints": {**found.summary.fingerprints, **PLANNED, **fingerprints}}
    )
    return found._replace(summary=summary, planned=PLANNED)


def lay_side_by_side(*candidates: Evaluated) -> None:
    compare(Question("run-1", "trivia", [F1], 30), list(candidates), LINEAGE, datetime(2026, 11, 24, tzinfo=UTC))


def test_results_that_are_as_planned_are_compared() -> None:
    lay_side_by_side(made("base"), made("tuned", base="base"))


@pytest.mark.parametrize("name", ["prompt_template", "tokenizer", "decoding"])
def test_results_of_another_template_tokenizer_or_decoding_than_the_run_asks_for_are_refused(name: str) -> None:
    with pytest.raises(ComparisonRefused, match=f"results of tuned were made with another {name} than the run asks"):
        lay_side_by_side(made("base"), made("tuned", base="base", **{name: "sha256:other"}))


def test_results_that_do_not_say_how_they_were_made_are_refused() -> None:
    silent = evaluated("base", {"f1": around(0.5)})._replace(planned=PLANNED)

    with pytest.raises(ComparisonRefused, match=r"made with another decoding .* none is named"):
        lay_side_by_side(silent)


def test_a_tuned_model_with_another_tokenizer_than_its_base_is_refused() -> None:
    other = made("tuned", base="base", tokenizer="sha256:other")._replace(planned=None)

    with pytest.raises(ComparisonRefused, match="base and tuned differ in tokenizer"):
        lay_side_by_side(made("base"), other)


@pytest.mark.parametrize("name", ["dataset", "scorers", "protocol"])
def test_results_of_other_data_metrics_or_another_protocol_are_refused(name: str) -> None:
    with pytest.raises(ComparisonRefused, match=f"base and tuned differ in {name}"):
        lay_side_by_side(made("base"), made("tuned", **{name: "sha256:other"}))


def test_results_of_other_rows_are_refused() -> None:
    short = evaluated("tuned", {"f1": around(0.5, 99)})

    with pytest.raises(ComparisonRefused, match="different rows"):
        lay_side_by_side(evaluated("base", {"f1": around(0.5)}), short)
