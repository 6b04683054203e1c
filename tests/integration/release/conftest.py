"""An approved package, and the release's functions around it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fmops.approval.models import Approval, Approver, Evidence, Status
from fmops.approval.records import KIND, key
from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.core.ledger import Key, Record
from fmops.evaluation.models import Algorithm, Decoding, EvaluationJob
from fmops.evaluation.places import RunPlaces
from fmops.evaluation.targets import EndpointTarget, Identity
from fmops.release import records
from fmops.release.models import Champion
from fmops.release.places import GoldenPlaces, Stage
from fmops.serving.digest import digest
from fmops.serving.models import Artifact
from fmops.serving.objects import sealed
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from tests.fakes.weights import safetensors
from tests.integration.account import ARTIFACTS, CAPTURE, Account
from tests.integration.doubles import AlarmsDouble, SageMakerDouble, Tasks, standing_in

GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package/ab12cd34-fmops"
MACHINE = "arn:aws:states:us-east-1:123456789012:execution:fmops-release"
ENDPOINT = "ab12cd34-trivia"

USE_CASE = {
    "name": "trivia",
    "owner": "owner@example.org",
    "task": "question_answering",
    "datasets": ["trivia"],
    "candidates": [{"id": "tuned", "model_id": "llm", "instance_type": "ml.g5.xlarge"}],
    "metrics": [{"name": "f1", "weight": 1.0}],
    "approvers": ["ann@example.org"],
    "budget": {"run_usd": 10, "month_usd": 100},
    "release": {
        "endpoint_name": "trivia",
        "instance_type": "ml.g5.xlarge",
        "capture_percent": 50,
        "golden_prompts": 20,
    },
}


class Approved:
    """One run's approved package."""

    def __init__(self, run_id: str, package_arn: str, artifact: Artifact, stamp: str) -> None:
        self.run_id, self.package_arn, self.artifact, self.digest = run_id, package_arn, artifact, stamp

    @property
    def weights(self) -> Location:
        return Location(ARTIFACTS, f"runs/{self.run_id}/candidates/tuned/model/job/output/model/model.safetensors")


class Yard:
    """The release's functions, and what they led to."""

    def __init__(self, account: Account, tasks: Tasks, sagemaker: SageMakerDouble, cloudwatch: AlarmsDouble) -> None:
        self.account, self.tasks, self.sagemaker, self.cloudwatch = account, tasks, sagemaker, cloudwatch

    def approve(self, number: int, status: Status = Status.APPROVED, **decoding: Any) -> Approved:
        """A run whose winner is a package with a decision."""
        run_id = f"run-{number:012d}"
        artifact = self._artifact(run_id, decoding)
        stamp = digest(sealed(artifact, wiring.store(), self.account.s3))
        found = Approved(run_id, f"{GROUP}/{number}", artifact, stamp)
        self.sagemaker.packages[found.package_arn] = {
            "ModelPackageArn": found.package_arn,
            "ModelApprovalStatus": "Approved",
            # The registry adds members of its own to what was registered.
            "InferenceSpecification": {"Containers": [{**artifact.container, "ImageDigest": "sha256:0"}]},
            "CustomerMetadataProperties": {"fmops_run_id": run_id, "digest": stamp},
        }
        self._write(found, status)
        return found

    def claim(self, approved: Approved, execution: str = "one") -> Record:
        return self._call(
            "claim_release", {"model_package_arn": approved.package_arn, "execution_arn": f"{MACHINE}:{execution}"}
        )

    def prepare(self, release_id: str) -> Record:
        return self._call("prepare_release", {"release_id": release_id})

    def deploy(self, release_id: str, token: str) -> Record:
        request = {"release_id": release_id, "execution_arn": f"{MACHINE}:one", "task_token": token}
        return self._call("deploy_release", request)

    def settle(self, *, works: bool = True) -> None:
        """The endpoint's change ends, and SageMaker says so."""
        self.sagemaker.settle(ENDPOINT, works=works)
        self.account.handler("operations/resume_journey")({"detail": {"EndpointName": ENDPOINT}}, None)

    def verify(self, release_id: str, *, right: float = 1.0) -> Record:
        """The golden prompts' job ends with this score on each, and is judged."""
        asked = {**self._waiter("golden"), "release_id": release_id, "stage": "live", "attempt": 0}
        self._call("ask_golden_prompts", asked)
        places = GoldenPlaces.of(ARTIFACTS, release_id, Stage.LIVE)
        rows = list(wiring.store().read_json_lines(places.rows))
        answers = [{"id": row["id"], "prompt": row["input"], "answer": "an answer"} for row in rows]
        wiring.store().write_json_lines(places.results.child("answers.jsonl"), answers)
        wiring.store().write_json_lines(
            places.results.child("scores.jsonl"), [{"id": r["id"], "f1": right} for r in rows]
        )
        return self._call("judge_golden_prompts", {"release_id": release_id, "stage": "live", "attempt": 0})

    def complete(self, release_id: str) -> Record:
        return self._call("complete_release", {"release_id": release_id})

    def go_back(self, release_id: str) -> Record:
        return self._call("roll_back_release", {"release_id": release_id, **self._waiter("back")})

    def confirm(self, release_id: str) -> Record:
        failure = {"error": "VerificationFailed", "cause": "it answers nonsense"}
        return self._call("confirm_rollback", {"release_id": release_id, "failure": failure})

    def roll_back(self, release_id: str) -> Record:
        """Begun, waited for where it has to be, and confirmed."""
        begun = self.go_back(release_id)
        if begun["waits"]:
            self.settle()
        return {**begun, **self.confirm(release_id)}

    def stop(self, release_id: str, *, alarms: bool = True) -> Record:
        return self._call("stop_release", {"release_id": release_id, "alarms": alarms})

    def deployed(self, approved: Approved) -> str:
        """Claimed, prepared, deployed and in service; the release's id."""
        release_id = str(self.claim(approved, execution=approved.run_id)["release_id"])
        self.prepare(release_id)
        self.deploy(release_id, f"token-of-{release_id}")
        self.settle()
        return release_id

    def claim_back(self, reason: str) -> str:
        """A person wants back what served before; the release's id."""
        wanted = {"use_case": "trivia", "reason": reason, "by": "ann"}
        return str(
            self._call("claim_rollback", {"rollback": wanted, "execution_arn": f"{MACHINE}:{reason}"})["release_id"]
        )

    def step_back(self, reason: str) -> str:
        release_id = self.claim_back(reason)
        assert self.prepare(release_id)["trial"] is False
        self.deploy(release_id, f"token-of-{release_id}")
        self.settle()
        self.verify(release_id)
        self.complete(release_id)
        return release_id

    def released(self, approved: Approved) -> str:
        release_id = self.deployed(approved)
        self.verify(release_id)
        self.complete(release_id)
        return release_id

    def record(self, release_id: str) -> Record:
        return wiring.ledger().require(Key(f"RELEASE#{release_id}", "RELEASE"))

    @property
    def champion(self) -> Champion | None:
        return records.champion(wiring.ledger(), "trivia")

    @property
    def endpoint(self) -> dict[str, Any] | None:
        return self.sagemaker.made["endpoint"].get(ENDPOINT)

    def _waiter(self, token: str) -> Record:
        return {"execution_arn": f"{MACHINE}:one", "task_token": token}

    def _call(self, function: str, request: Record) -> Record:
        found: Record = self.account.handler(f"release/{function}")(request, None)
        return found

    def _artifact(self, run_id: str, decoding: Record) -> Artifact:
        prefix = f"runs/{run_id}/candidates/tuned/model/job/output/model/"
        for name, body in (("model.safetensors", safetensors()), ("config.json", b"{}")):
            self.account.s3.put_object(Bucket=ARTIFACTS, Key=f"{prefix}{name}", Body=body)
        source = {"S3Uri": f"s3://{ARTIFACTS}/{prefix}", "S3DataType": "S3Prefix", "CompressionType": "None"}
        return Artifact(
            model_id="llm",
            model_version="1.0.0",
            hub_content_arn="arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/llm/1.0.0",
            container={
                "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1",
                "Environment": {"SM_NUM_GPUS": "1"},
                "ModelDataSource": {"S3DataSource": source},
            },
            network_isolation=True,
            timeouts={"ModelDataDownloadTimeoutInSeconds": 1200},
            prompt_template="{input}",
            decoding={"max_new_tokens": 16, **decoding},
            training_job="ab12cd34-tune",
        )

    def _write(self, approved: Approved, status: Status) -> None:
        now = clock.now()
        candidate = {"id": "tuned", "artifact": approved.artifact.model_dump(mode="json")}
        place = Key(f"RUN#{approved.run_id}", "CANDIDATE#tuned")
        wiring.ledger().put_once(place, candidate, kind="candidate", now=now)
        names = dict.fromkeys(("run_id", "use_case", "candidate", "short_name", "model", "dataset", "verdict"), "x")
        approval = Approval(
            run_id=approved.run_id,
            use_case="trivia",
            approval_id=approved.run_id,
            candidate="tuned",
            status=status,
            model_package_arn=approved.package_arn,
            digest=approved.digest,
            approvers=[Approver(id="a", address="ann@example.org")],
            expires_at=now + timedelta(days=7),
            evidence=Evidence.model_validate({**names, "reasons": [], "rows": []}),
            execution_arn="arn",
            task_token="t",
        )
        wiring.ledger().put_once(key(approved.run_id), approval.model_dump(mode="json"), kind=KIND, now=now)
        store, places = wiring.store(), RunPlaces(ARTIFACTS, approved.run_id)
        rows = places.root.child("dataset/rows.jsonl")
        store.write_json(places.plan, {"dataset": {"test_uri": rows.uri}, "images": {"evaluate": "evaluate@sha256:1"}})
        numbers = [str(i) for i in range(40)]
        store.write_json_lines(rows, [{"id": i, "input": f"p{i}", "target": f"answer {i}"} for i in numbers])
        results = places.candidate("tuned").results
        answers = [{"id": i, "prompt": f"p{i}", "answer": f"answer {i}"} for i in numbers]
        store.write_json_lines(results.child("answers.jsonl"), answers)
        store.write_json_lines(results.child("scores.jsonl"), [{"id": i, "f1": 1.0} for i in numbers])
        job = EvaluationJob(
            run_id=approved.run_id,
            use_case="trivia",
            candidate_id="tuned",
            target=EndpointTarget(endpoint_name="gone", region="us-east-1"),
            identity=Identity(artifact="a", prompt_template="p", decoding="d"),
            decoding=Decoding(max_new_tokens=16),
            metrics=(Algorithm.QA_ACCURACY,),
            dataset_file="rows.jsonl",
        )
        store.write_json(places.candidate("tuned").job, job.model_dump(mode="json"))


@pytest.fixture
def yard(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    monkeypatch.setenv("FMOPS_ENDPOINT_ROLE", "arn:aws:iam::123456789012:role/endpoint")
    monkeypatch.setenv("FMOPS_CAPTURE_BUCKET", CAPTURE)
    save(wiring.ledger(), UseCase.model_validate(USE_CASE), clock.now())
    monkeypatch.setenv("FMOPS_EVALUATION_ROLE", "arn:aws:iam::123456789012:role/evaluation")
    tasks, sagemaker, cloudwatch = Tasks(), SageMakerDouble(), AlarmsDouble()
    with standing_in(stepfunctions=tasks, sagemaker=sagemaker, cloudwatch=cloudwatch):
        yield Yard(account, tasks, sagemaker, cloudwatch)
