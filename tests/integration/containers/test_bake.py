"""The image's assets: what is downloaded while it is built lies where the job looks for it, and is enough to score."""

from typing import Any

import pytest

from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs


@pytest.fixture(scope="module")
def everything(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return jobs.scenarios("bake_scenarios.py", tmp_path_factory.mktemp("bake"))


@pytest.fixture
def outcome(everything: dict[str, Any]) -> dict[str, Any]:
    if not everything["words"]:
        pytest.skip("WordNet is missing: make setup, where apt-get can be used")
    return everything


def test_every_model_and_word_list_is_downloaded_once(outcome: dict[str, Any]) -> None:
    checkpoint, *others = outcome["asked"]

    assert outcome["outcome"] == "baked"
    assert checkpoint.endswith(".ckpt")
    assert others == ["tomh/toxigen_roberta", "wordnet", "omw-1.4", "punkt_tab", "roberta-large-mnli"]


def test_the_job_finds_all_of_it(outcome: dict[str, Any]) -> None:
    assert outcome["bertscore"] == ["roberta-large-mnli", "roberta-large-mnli", 19]
    assert outcome["toxicity"] == ["detoxify", "toxigen"]
    assert outcome["archives"] == []


def test_word_lists_score_as_those_of_the_tests_do(outcome: dict[str, Any]) -> None:
    assert 0 < outcome["meteors"]["baked"] < 1
    assert outcome["meteors"]["baked"] == outcome["meteors"]["prepared"]


def test_an_image_that_lacks_something_is_not_built(outcome: dict[str, Any]) -> None:
    assert outcome["wordless"].startswith("METEOR needs WordNet, which ")


def test_a_model_that_fmeval_does_not_know_is_refused_before_anything_is_downloaded(outcome: dict[str, Any]) -> None:
    assert "bertscore" in outcome["wrong_name"]
    assert outcome["asked_for_wrong_name"] == []


def test_what_is_tested_here_is_what_the_images_install(everything: dict[str, Any]) -> None:
    assert everything["installed"] == []
