"""Candidates that answer elsewhere pass through the same states, without an endpoint of their own."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.evaluation.targets import Identity
from fmops.usecases import store as usecases
from tests.fakes.run import PROMPT, use_case
from tests.integration.account import ARTIFACTS
from tests.integration.evaluation.conftest import PREFIX, RUN, Evaluation
from tests.integration.evaluation.test_evaluation_journey import BASE, BETTER, Journey, journey

__all__ = ["journey"]

NOVA = {"id": "nova", "kind": "bedrock", "model_id": "us.amazon.nova-lite-v1:0", "prompt_template": PROMPT}
APP = {
    "id": "app",
    "kind": "application",
    "lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:fmops-app-rag",
    "usd_per_1000_answers": 2.5,
}
SCORE_JOB = f"{PREFIX}-score-{RUN}"


class FoundationModels:
    """Bedrock's list."""

    def list_foundation_models(self) -> dict[str, Any]:
        arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
        return {"modelSummaries": [{"modelArn": arn, "modelId": "amazon.nova-lite-v1:0"}]}


@pytest.fixture(autouse=True)
def _bedrock(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    others = wiring.client
    found = {"bedrock": FoundationModels()}

    def client(service: str) -> Any:
        return found.get(service) or others(service)

    client.cache_clear = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setattr(wiring, "client", client)


def wanted(*candidates: dict[str, Any], **more: Any) -> None:
    usecases.save(wiring.ledger(), use_case(candidates=list(candidates), **more), clock.now())


def job(evaluation: Evaluation, candidate: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(evaluation.file(f"candidates/{candidate}/config/job.json"))
    return told


def test_nothing_is_hosted_for_bedrock_and_applications(journey: Journey) -> None:
    wanted(use_case().candidates[0].model_dump(), NOVA, APP)
    journey.scores |= {"nova": BASE, "app": BASE}

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED", shown
    made = journey.evaluation.sagemaker.created
    assert [name for name in made if "-eval-" in name] == [f"{PREFIX}-eval-{RUN}-base"] * 3
    assert sorted(name for name in made if "-score-" in name) == [f"{SCORE_JOB}-{n}" for n in ("app", "base", "nova")]
    assert job(journey.evaluation, "nova")["target"]["kind"] == "bedrock"
    assert job(journey.evaluation, "app")["target"]["kind"] == "lambda"
    record = journey.evaluation.record("CANDIDATE#app")
    assert (record["status"], record["performance"]["usd_per_1000"]) == ("scored", 2.5)


def test_winner_that_has_no_weights_is_named_and_not_released(journey: Journey) -> None:
    # Without a champion the limits decide.
    rules = [{"name": "f1", "weight": 1, "limit": 0.3}, {"name": "toxicity", "limit": 0.1}]
    wanted(use_case().candidates[0].model_dump(), NOVA, metrics=rules)
    journey.scores["nova"] = BETTER

    shown = journey.run()

    assert (shown["status"], shown.get("error")) == ("FAILED", "BadInput"), shown
    assert shown["cause"].startswith("the winner nova (bedrock us.amazon.nova-lite-v1:0) is the best, but")
    assert journey.evaluation.sagemaker.packages == []
    run = journey.evaluation.record("RUN")
    assert (run["status"], run["winner"]) == ("failed", "nova")
    assert run["failure"].startswith("BadInput: the winner nova")


def test_job_that_crashed_is_launched_once_more_and_goes_on_with_the_same_answers(journey: Journey) -> None:
    sagemaker = journey.evaluation.sagemaker
    lost = {"ProcessingJobStatus": "Failed", "FailureReason": "InternalServerError: the instance was lost"}
    journey.failing[f"{SCORE_JOB}-base"] = lost
    again = f"{SCORE_JOB}-base-2"
    execution = journey.start()
    while again not in sagemaker.created:
        journey.tick()
        journey.aws.clock.advance(1)
        time.sleep(0.005)
    journey.evaluation.score("base", BASE)

    shown = journey.ended(execution)

    assert shown["status"] == "SUCCEEDED", shown
    first, second = (sagemaker.things["processing_job"][name] for name in (f"{SCORE_JOB}-base", again))
    assert first["ProcessingInputs"] == second["ProcessingInputs"]
    assert first["ProcessingOutputConfig"] == second["ProcessingOutputConfig"]


def test_job_that_said_what_is_wrong_is_not_launched_again(journey: Journey) -> None:
    journey.failing[f"{SCORE_JOB}-base"] = {
        "ProcessingJobStatus": "Failed",
        "FailureReason": "AlgorithmError: exit code 1",
        "ExitMessage": "The target did not answer the first prompt: AccessDeniedException",
    }

    shown = journey.run()

    assert "did not answer the first prompt" in shown["cause"]
    assert [name for name in journey.evaluation.sagemaker.created if "again" in name] == []


def test_earlier_answers_are_given_to_the_job_and_new_ones_kept_as_they_come(journey: Journey) -> None:
    journey.run()

    request = journey.evaluation.sagemaker.things["processing_job"][f"{SCORE_JOB}-tuned"]
    inputs = {one["InputName"]: one["S3Input"] for one in request["ProcessingInputs"]}
    outputs = {one["OutputName"]: one["S3Output"] for one in request["ProcessingOutputConfig"]["Outputs"]}
    place = outputs["answers"]
    assert inputs["answers"]["S3Uri"] == place["S3Uri"]
    assert place["S3UploadMode"] == "Continuous"
    assert place["S3Uri"].startswith(f"s3://{ARTIFACTS}/answers/")
    # SageMaker takes no input without objects.
    prefix = place["S3Uri"].removeprefix(f"s3://{ARTIFACTS}/")
    whose = json.loads(wiring.store().read(Location(ARTIFACTS, f"{prefix}candidate.json")))
    identity = job(journey.evaluation, "tuned")["identity"]
    assert whose == identity
    # Once registered, the winner is found again by the same digest: as the champion it need not be asked anew.
    assert identity["artifact"] == journey.asked["digest"]


def known(told: dict[str, Any], *, complete: bool) -> None:
    """Leave the word of an earlier job."""
    whose = Identity.model_validate(told["identity"]).fingerprint.removeprefix("sha256:")
    place = Location(ARTIFACTS, f"answers/{whose}/known/{told['asks']}.json")
    wiring.store().write_json(place, {"complete": complete})


@pytest.mark.parametrize("complete", [True, False])
def test_nothing_is_hosted_for_a_candidate_whose_answers_are_all_known(journey: Journey, complete: bool) -> None:
    journey.evaluation.plan()
    journey.evaluation.wait("launch_evaluation", "base", "token", endpoint_name="some")
    known(job(journey.evaluation, "base"), complete=complete)
    journey.evaluation.sagemaker.created.clear()
    journey.evaluation.sagemaker.things["processing_job"].clear()

    shown = journey.run()

    assert shown["status"] == "SUCCEEDED", shown
    hosted = {name for name in journey.evaluation.sagemaker.created if "-eval-" in name}
    endpoint = f"{PREFIX}-eval-{RUN}-base"
    assert (endpoint in hosted) is not complete
    assert job(journey.evaluation, "base")["target"]["endpoint_name"] == (None if complete else endpoint)


def test_chat_of_a_model_whose_tokenizer_cannot_be_read_is_refused(journey: Journey) -> None:
    wanted({**use_case().candidates[0].model_dump(), "chat": True})

    shown = journey.run()

    assert "LaunchRefused: candidate base is to be asked by chat" in shown["cause"]


def test_tokenizer_that_lies_beside_the_weights_is_handed_to_the_job(journey: Journey, repo: Path) -> None:
    s3 = journey.evaluation.account.s3
    bucket = "jumpstart-cache-prod-us-east-1"
    s3.create_bucket(Bucket=bucket)
    for name in ("tokenizer_config.json", "tokenizer.json", "model.safetensors"):
        s3.put_object(Bucket=bucket, Key=f"small/artifacts/v1.0.0/{name}", Body=b"{}")
    wanted({**use_case().candidates[0].model_dump(), "chat": True, "system": "Be brief."})

    journey.run()

    told = job(journey.evaluation, "base")
    assert (told["target"]["chat"], told["target"]["system"]) == (True, "Be brief.")
    assert told["identity"]["tokenizer"].startswith("sha256:")
    assert json.loads(journey.evaluation.file("candidates/base/tokenizer.manifest")) == [
        {"prefix": f"s3://{bucket}/small/artifacts/v1.0.0/"},
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    request = journey.evaluation.sagemaker.things["processing_job"][f"{SCORE_JOB}-base"]
    kinds = {one["InputName"]: one["S3Input"]["S3DataType"] for one in request["ProcessingInputs"]}
    assert kinds["tokenizer"] == "ManifestFile"
