"""The small rules of the journey's steps."""

import json

import pytest

from fmops.core.artifacts import Location, Store
from fmops.core.errors import LaunchRefused, NotFound, ResultsUnusable
from fmops.evaluation.desk import Failure
from fmops.evaluation.launching.stop_inference import explain
from fmops.evaluation.launching.training import hyperparameters, training_job
from fmops.evaluation.places import CandidatePlaces, RunPlaces
from fmops.evaluation.results import files as results
from fmops.launches.options import Option
from fmops.usecases.candidates import Tuning
from tests.fakes.plans import planned
from tests.fakes.run import TUNE, result_files


class Files(Store):
    """A store that holds texts by the last part of their key."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(None)
        self._files = files

    def read(self, place: Location, version: str | None = None) -> bytes:
        name = place.key.rsplit("/", 1)[1]
        if name not in self._files:
            raise NotFound(f"{place.uri} does not exist")
        return self._files[name].encode()

    def lines(self, place: Location, version: str | None = None):  # type: ignore[no-untyped-def]
        yield from self.read(place).splitlines()


PLACES = CandidatePlaces(Location("bucket", "runs/run-1/candidates/base"))
SCORED = {"f1": [0.5, None, 1.0]}


def test_hyperparameters_are_texts_and_leave_out_what_is_left_open() -> None:
    found = hyperparameters(Tuning.model_validate({"instance_type": "ml.g5.xlarge", "max_steps": 3}))

    assert found["max_steps"] == "3"
    assert "lora_layers" not in found
    assert not {"instance_type", "max_runtime_seconds"} & found.keys()


def test_packed_weights_are_refused_for_our_own_trainer() -> None:
    candidate = planned().candidates[1]
    packed = candidate.artifact.tuned("job", "s3://b/model.tar.gz")

    with pytest.raises(LaunchRefused, match="archive"):
        training_job(
            "name",
            candidate.model_copy(update={"artifact": packed}),
            Tuning.model_validate(TUNE),
            RunPlaces("b", "run-1").candidate("tuned"),
            option=Option(instance_type="ml.g5.2xlarge"),
            image="i",
            role_arn="r",
        )


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure(error="JobFailed", cause="The training job x ended as Failed: y"), "JobFailed: The training job x"),
        (Failure(error="BadInput", cause=json.dumps({"errorMessage": "no rows"})), "BadInput: no rows"),
        (Failure(error="States.Timeout", cause=""), "States.Timeout: nothing was heard in time"),
        (Failure(error="JobFailed", cause="[1]"), "JobFailed: [1]"),
    ],
)
def test_failure_of_a_state_becomes_a_sentence(failure: Failure, said: str) -> None:
    assert explain(failure).startswith(said)


def test_results_are_read_with_their_holes() -> None:
    found = results.read(Files(result_files("base", SCORED)), PLACES, "run-1", "base")

    assert [list(row.values.values()) for row in found.scores] == [[0.5], [None], [1.0]]
    assert found.summary.rows == 3


@pytest.mark.parametrize("missing", ["summary.json", "scores.jsonl"])
def test_missing_results_are_unusable(missing: str) -> None:
    files = result_files("base", SCORED)
    del files[missing]

    with pytest.raises(ResultsUnusable, match="left no results"):
        results.read(Files(files), PLACES, "run-1", "base")


@pytest.mark.parametrize(
    ("name", "text"), [("summary.json", "{}"), ("scores.jsonl", '{"id": "a", "f9": 1}\n'), ("scores.jsonl", "{\n")]
)
def test_broken_results_are_unusable(name: str, text: str) -> None:
    files = {**result_files("base", SCORED), name: text}

    with pytest.raises(ResultsUnusable, match="can't be read"):
        results.read(Files(files), PLACES, "run-1", "base")


def test_results_of_another_run_are_unusable() -> None:
    with pytest.raises(ResultsUnusable, match="run-0"):
        results.read(Files(result_files("base", SCORED, run_id="run-0")), PLACES, "run-1", "base")
