"""The feature matrix that a run wrote down is what its report shows."""

from fmops.catalog.features import Features
from fmops.catalog.matrix import FeatureMatrix, Wanted, matrix
from fmops.selection.report.feature_rows import feature_rows
from fmops.usecases.conditions import Constraints

MODEL = Features(source="jumpstart", model_id="m", version="1.0.0", licence="Llama 3")
WANTED = [Wanted("base", MODEL, "ml.g5.xlarge"), Wanted("tuned", MODEL, "ml.g5.xlarge")]


def test_a_model_is_named_by_its_candidates_with_the_reasons_that_cut_it() -> None:
    written = matrix(WANTED, Constraints(licences=["mit"])).model_dump_json()

    (row,) = feature_rows(FeatureMatrix.model_validate_json(written))

    assert (row.name, row.kept, row.reasons) == ("base, tuned", False, ["licence: Llama 3 is none of mit"])
    assert row.features["licence"] == "Llama 3"


def test_the_champion_is_said_to_stay() -> None:
    found = matrix([Wanted("champion", MODEL, None)], Constraints(licences=["mit"]), spared=frozenset({"champion"}))

    (row,) = feature_rows(found)

    assert row.kept
    assert row.reasons[-1] == "it stays all the same: it serves already"


def test_a_run_without_a_matrix_shows_none() -> None:
    assert feature_rows(None) == []
