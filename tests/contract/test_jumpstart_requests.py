"""What we send for a JumpStart model is what AWS' own SDK sends for the same document, field by field."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fmops.catalog.models import HubDocument
from fmops.catalog.requests import hosted_model
from fmops.core.artifacts import Location
from fmops.evaluation.launching.jumpstart_training import jumpstart_training_job, trainers
from fmops.evaluation.places import CandidatePlaces
from fmops.serving import requests as serving
from fmops.serving.models import Artifact
from fmops.usecases.candidates import Tuning
from tests.contract.botocore_validation import problems
from tests.contract.hub_documents import hub_document

ROLE = "arn:aws:iam::123456789012:role/Jobs"
PLACES = CandidatePlaces(Location("artifacts", ""))
Requests = dict[str, Any]


class Case:
    """One document, what we make of it, and what the SDK has sent for it."""

    def __init__(self, document: dict[str, Any], sent: Requests) -> None:
        self.document, self.sent = HubDocument.model_validate(document), sent

    def training(self, instance_type: str) -> Requests:
        # As the recording asks: three epochs of instructions, all else as the document has it.
        defaults = {each.name: each.default for each in self.document.hyperparameters or []}
        tune = Tuning(
            instance_type=instance_type,
            epochs=3,
            max_runtime_seconds=3600,
            learning_rate=float(str(defaults["learning_rate"])),
            hyperparameters={
                name: str(defaults[name])
                for name in ("lora_r", "per_device_train_batch_size", "max_input_length", "seed")
            },
        )
        found = trainers(self.document, "m", tune, accept_eula=True)[instance_type]
        return jumpstart_training_job(
            "job", found, tune, PLACES, instance_type=instance_type, role_arn=ROLE, region="us-east-1"
        )

    def hosting(self, instance_type: str) -> tuple[Requests, Requests]:
        hosted = hosted_model(self.document, "m", instance_type, accept_eula=True)
        artifact = Artifact(
            model_id="m",
            model_version="1.0.0",
            hub_content_arn="a",
            container=hosted.container,
            network_isolation=hosted.network_isolation,
            timeouts=hosted.timeouts,
            prompt_template="{input}",
            decoding={},
        )
        model = serving.model("model", artifact, ROLE)
        return model, serving.endpoint_config("config", "model", instance_type, artifact.timeouts)


@pytest.fixture(scope="module")
def gated_by_environment(repo: Path) -> Case:
    """A model whose trainer fetches the weights itself: the public hub's way for older gated models."""
    file = repo / "tests/data/jumpstart/llama-3-1-70b.spec.json"
    return Case(hub_document(json.loads(file.read_text())), _recorded(repo, "spec", file))


@pytest.fixture(scope="module")
def gated_by_channel(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A model whose weights come in a channel with the licence accepted: the way of newer ones."""
    document = json.loads((repo / "tests/data/jumpstart/llama-2-13b.hub-document.json").read_text())
    for variant in document["TrainingInstanceTypeVariants"]["Variants"].values():
        variant["Properties"].pop("GatedModelEnvVarUri", None)
    file = tmp_path_factory.mktemp("hub") / "document.json"
    file.write_text(json.dumps(document))
    return Case(document, _recorded(repo, "document", file))


def _recorded(repo: Path, kind: str, file: Path) -> Requests:
    python = repo / ".venv-sdk" / "bin" / "python"
    recorder = repo / "tests" / "contract" / "record_sdk_requests.py"
    done = subprocess.run([python, recorder, kind, file], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    requests: Requests = json.loads(done.stdout)
    return requests


def test_training_of_a_model_that_fetches_its_weights(gated_by_environment: Case) -> None:
    sent, made = gated_by_environment.sent["CreateTrainingJob"], gated_by_environment.training("ml.g5.48xlarge")

    assert sent["Environment"]["SageMakerGatedModelS3Uri"]
    assert _training(made) == _training(sent)
    assert problems("sagemaker", "create_training_job", made) == []


def test_training_of_a_model_whose_weights_come_in_a_channel(gated_by_channel: Case) -> None:
    sent, made = gated_by_channel.sent["CreateTrainingJob"], gated_by_channel.training("ml.g5.24xlarge")

    # On a private hub's path the SDK does not read these two members of the document; on the other path it does.
    assert (made["OutputDataConfig"].pop("CompressionType"), "CompressionType" in sent["OutputDataConfig"]) == (
        "NONE",
        False,
    )
    assert made.pop("EnableInterContainerTrafficEncryption")
    # The licence is accepted in the channel; what was said of it in the environment is dropped.
    assert sent.pop("Environment") == {}
    assert _training(made) == _training(sent)
    assert problems("sagemaker", "create_training_job", made) == []


def _training(request: Requests) -> Requests:
    """Without what may differ: names, tags, our retries, and the SDK's debugger and profiler."""
    own = ("TrainingJobName", "Tags", "RetryStrategy", "DebugHookConfig", "ProfilerConfig")
    left = {name: value for name, value in request.items() if name not in own}
    left["HyperParameters"] = {
        name: value for name, value in request["HyperParameters"].items() if name != "sagemaker_job_name"
    }
    left["InputDataConfig"] = sorted(map(_without_hub, request["InputDataConfig"]), key=lambda one: one["ChannelName"])
    left["OutputDataConfig"] = {**request["OutputDataConfig"], "S3OutputPath": ""}
    return left


def _without_hub(channel: Requests) -> Requests:
    """A private hub's models are read through the hub; the public hub's are public."""
    source = {name: value for name, value in channel["DataSource"]["S3DataSource"].items() if name != "HubAccessConfig"}
    if channel["ChannelName"] == "training":
        source["S3Uri"] = ""
    return {**channel, "DataSource": {"S3DataSource": source}}


@pytest.mark.parametrize(
    ("case", "instance_type"),
    [("gated_by_environment", "ml.p4d.24xlarge"), ("gated_by_channel", "ml.g5.12xlarge")],
)
def test_model_and_endpoint_configuration(case: str, instance_type: str, request: pytest.FixtureRequest) -> None:
    found: Case = request.getfixturevalue(case)
    model, config = found.hosting(instance_type)

    sent = json.loads(json.dumps(found.sent["CreateModel"]))
    sent["PrimaryContainer"]["ModelDataSource"]["S3DataSource"].pop("HubAccessConfig", None)
    assert _named(model, "ModelName") == _named(sent, "ModelName", "Tags")
    (made,), (variant,) = config["ProductionVariants"], found.sent["CreateEndpointConfig"]["ProductionVariants"]
    # The SDK leaves time-outs out where the document has none; then ours are those that it gives elsewhere.
    ours = {name: value for name, value in made.items() if name in variant or "Timeout" not in name}
    assert _named(ours, "ModelName") == _named(variant, "ModelName")
    assert problems("sagemaker", "create_model", model) == []
    assert problems("sagemaker", "create_endpoint_config", config) == []


def _named(request: Requests, *without: str) -> Requests:
    return {name: value for name, value in request.items() if name not in without}
