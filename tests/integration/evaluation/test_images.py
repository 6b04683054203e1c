"""Which images a run's jobs run, and what happens while they are being built."""

import json

import pytest

from fmops.core import clock, wiring
from fmops.core.errors import NotReady
from fmops.launches.images import Image
from fmops.usecases import store
from tests.fakes.run import use_case
from tests.integration.evaluation.conftest import Evaluation


def test_a_run_waits_while_its_images_are_being_built_and_says_so(evaluation: Evaluation) -> None:
    evaluation.not_built(Image.EVALUATE)

    with pytest.raises(NotReady, match="NOT_READY: images are being built: evaluate"):
        evaluation.plan()

    held = evaluation.record("RUN")
    assert (held["status"], held["failure"][:33]) == ("planned", "NOT_READY: images are being built")
    evaluation.built(Image.EVALUATE)
    assert evaluation.plan()["outcome"] == "planned"
    assert evaluation.record("RUN")["failure"] is None


def test_a_run_that_tunes_nothing_needs_no_image_for_it(evaluation: Evaluation) -> None:
    evaluation.not_built(Image.FINE_TUNE)
    base, tuned = (candidate.model_dump() for candidate in use_case().candidates)
    other = {**base, "id": "other", "prompt_template": "Shortly: {input}"}
    store.save(wiring.ledger(), use_case(candidates=[base, tuned]), clock.now())

    with pytest.raises(NotReady, match="fine-tune"):
        evaluation.plan()
    store.save(wiring.ledger(), use_case(candidates=[base, other]), clock.now())

    assert evaluation.plan()["outcome"] == "planned"


def test_a_deployment_in_mid_run_changes_no_image_of_the_run(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation.plan()
    # The deployment brought other sources, and nothing is built of them yet.
    monkeypatch.setenv("FMOPS_IMAGES", "/fmops/images/t2")

    evaluation.wait("launch_fine_tuning", "tuned", "token-1")
    evaluation.wait("launch_evaluation", "base", "token-2", endpoint_name="endpoint")

    (training,) = evaluation.sagemaker.things["training_job"].values()
    (scoring,) = evaluation.sagemaker.things["processing_job"].values()
    assert training["AlgorithmSpecification"]["TrainingImage"] == "fine-tune@sha256:1"
    assert scoring["AppSpecification"]["ImageUri"] == "evaluate@sha256:1"
    assert json.loads(evaluation.file("plan.json"))["images"]["evaluate"] == "evaluate@sha256:1"
