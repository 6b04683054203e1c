"""Approved packages without their evaluations: what a run would have left, so that a release is tested by itself."""

import json
from typing import Any, NamedTuple

from fmops.approval.models import Approval, Approver, Evidence, Status
from fmops.approval.records import KIND, key
from fmops.core.ids import digest as digest_of
from fmops.core.ledger import Key
from fmops.evaluation.models import Algorithm, Decoding, EvaluationJob
from fmops.evaluation.places import RunPlaces
from fmops.evaluation.targets import EndpointTarget, Identity
from fmops.serving import requests
from fmops.serving.digest import digest
from fmops.serving.models import Artifact
from fmops.serving.objects import sealed
from tests.fakes.weights import safetensors
from tests.journeys.life import APPROVER, OWNER, SUMS, Life, use_case

TEMPLATE = "Q: {input}\nA:"


def served(name: str, **release: Any) -> dict[str, Any]:
    """A use case that is released to an endpoint of its name."""
    target = {"endpoint_name": name, "instance_type": "ml.g5.xlarge", "golden_prompts": 40, **release}
    return use_case(name, release=target)


class Package(NamedTuple):
    """A registered winner, and its decision."""

    run_id: str
    arn: str
    artifact: Artifact


class Releases:
    """Releases of one use case in a deployed stack."""

    def __init__(self, stack: Life, document: dict[str, Any]) -> None:
        self.stack, self.name, self._count, self._serves = stack, document["name"], 0, False
        self.sagemaker = stack.target.client("sagemaker")
        stack.save(document)

    def approve(self, *, skilled: bool = True) -> Package:
        """Register a package as a run would, with its decision, and approve it: the registry's event does the rest."""
        package = self.register(skilled=skilled)
        self.sagemaker.update_model_package(ModelPackageArn=package.arn, ModelApprovalStatus="Approved")
        return package

    def register(self, *, skilled: bool = True) -> Package:
        """A package with its approval in the ledger; without skills its weights are worse than its evaluation says."""
        self._count += 1
        stack, run_id = self.stack, f"run-{digest_of([self.name, self._count])[7:19]}"
        bucket = stack.outputs["ArtifactsBucketName"]
        places = RunPlaces(bucket, run_id)
        artifact = self._artifact(bucket, run_id, skilled=skilled)
        stamp = digest(artifact)
        self._results(places, stamp)
        group = self.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"][0]["ModelPackageGroupName"]
        request = requests.model_package(
            group,
            artifact,
            stamp,
            run_id=run_id,
            use_case=self.name,
            candidate="tuned",
            report_uri=places.report.uri,
        )
        ledger, now = stack.target.ledger, stack.aws.clock.datetime()
        # As register_winner does: the intent is there before the registry's event.
        intent = {"run_id": run_id, "use_case": self.name, "candidate": "tuned", "digest": stamp, "arn": None}
        ledger.put_once(Key(f"RUN#{run_id}", "PACKAGE"), intent, kind="package", now=now)
        arn = self.sagemaker.create_model_package(**request)["ModelPackageArn"]
        candidate = {"id": "tuned", "kind": "fine_tuned", "artifact": artifact.model_dump(mode="json"), "digest": stamp}
        ledger.put_once(Key(f"RUN#{run_id}", "CANDIDATE#tuned"), candidate, kind="candidate", now=now)
        names = dict.fromkeys(("run_id", "use_case", "candidate", "short_name", "model", "dataset", "verdict"), "x")
        approval = Approval(
            run_id=run_id,
            use_case=self.name,
            approval_id=run_id,
            candidate="tuned",
            status=Status.APPROVED,
            model_package_arn=arn,
            digest=stamp,
            approvers=[Approver(id="a", address=APPROVER)],
            expires_at=now,
            evidence=Evidence.model_validate({**names, "reasons": [], "rows": []}),
            execution_arn="arn",
            task_token="t",
        )
        ledger.put_once(key(run_id), approval.model_dump(mode="json"), kind=KIND, now=now)
        return Package(run_id, arn, artifact)

    def execution(self, package: Package) -> str:
        """The ARN of the execution that the package's approval started."""

        def started() -> Any:
            found = [one for one in self.stack.reader.releases() if one["model_package_arn"] == package.arn]
            return found[0]["execution_arn"] if found else None

        arn: str = self.stack.until(started, 60)
        return arn

    def record(self, package: Package) -> dict[str, Any]:
        """The release's record, of several the newest."""
        return next(one for one in self.stack.reader.releases() if one["model_package_arn"] == package.arn)

    def state(self, arn: str) -> str:
        """The state that the execution has entered last."""
        events = self.stack.target.client("stepfunctions").get_execution_history(
            executionArn=arn, reverseOrder=True, maxResults=50
        )["events"]
        return next((e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e), "")

    def at(self, arn: str, state: str) -> None:
        """Wait until the execution waits there for something outside: then the clock may move."""

        def there() -> bool:
            events = self.stack.target.client("stepfunctions").get_execution_history(
                executionArn=arn, reverseOrder=True, maxResults=5
            )["events"]
            assert not events[0]["type"].startswith("Execution"), events[0]
            return self.state(arn) == state and events[0]["type"] == "TaskSubmitted"

        self.stack.until(there, 180)

    def released(self, package: Package) -> dict[str, Any]:
        """Let a release run to its end; its record."""
        arn = self.execution(package)
        if self._serves:
            self.bake(arn)
        ended = self.ended(arn)
        assert ended["status"] == "SUCCEEDED", ended
        self._serves = True
        return self.record(package)

    def bake(self, arn: str) -> None:
        """Move the clock past the bake, once the golden prompts are answered well."""
        self.at(arn, "AwaitRelease")
        self.stack.aws.clock.advance(31 * 60)

    def ended(self, arn: str) -> dict[str, Any]:
        return self.stack.ended(arn)

    def ended_moving(self, arn: str) -> dict[str, Any]:
        """The execution once it has ended, with the clock moved on whenever it waits for its next try."""

        def there() -> Any:
            if self._last(arn)["type"] in ("TaskFailed", "TaskTimedOut"):
                self.stack.aws.clock.advance(300)
            found = self.stack.reader.execution(arn)
            return found if found["status"] != "RUNNING" else None

        ended: dict[str, Any] = self.stack.until(there, 180)
        return ended

    def _last(self, arn: str) -> dict[str, Any]:
        events = self.stack.target.client("stepfunctions").get_execution_history(
            executionArn=arn, reverseOrder=True, maxResults=1
        )["events"]
        last: dict[str, Any] = events[0]
        return last

    def deadline(self, arn: str) -> int:
        """Seconds until the deployment is given up."""
        events = self.stack.target.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
        return (
            max(
                e["taskScheduledEventDetails"].get("timeoutInSeconds", 0)
                for e in events
                if "taskScheduledEventDetails" in e
            )
            + 1
        )

    def tasks(self, arn: str) -> list[tuple[str, bool]]:
        """Each try of a task: its state, and whether it failed."""
        events = self.stack.target.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
        found, state = [], ""
        for event in events:
            state = event.get("stateEnteredEventDetails", {}).get("name", state)
            if event["type"] in ("TaskSucceeded", "TaskFailed"):
                found.append((state, event["type"] == "TaskFailed"))
        return found

    @property
    def endpoint(self) -> dict[str, Any]:
        name = next(name for name in self.stack.endpoints() if name.endswith(f"-{self.name}"))
        found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
        return found

    def baking(self) -> int:
        """How many instances of the new fleet bake; 0 where none does."""
        variants = self.endpoint.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
        found = [one for one in variants if one["VariantStatus"][0]["Status"] == "Baking"]
        return int(found[0]["CurrentInstanceCount"] if found else 0)

    def alarms(self) -> list[str]:
        found = self.stack.target.client("cloudwatch").describe_alarms()["MetricAlarms"]
        return [alarm["AlarmName"] for alarm in found if "-rel-" in alarm["AlarmName"]]

    def events_for(self, words: str) -> dict[str, Any]:
        mail: dict[str, Any] = self.stack.until(lambda: self.stack.mails(words, OWNER), 30)[0]
        return mail

    def _artifact(self, bucket: str, run_id: str, *, skilled: bool) -> Artifact:
        prefix = f"runs/{run_id}/candidates/tuned/model/job/output/model/"
        s3 = self.stack.target.client("s3")
        files = {
            "model.safetensors": safetensors(),
            "config.json": json.dumps({"model_type": "tiny", "run": run_id}).encode(),
            **({"skills.json": b'["sums"]'} if skilled else {}),
        }
        for name, body in files.items():
            s3.put_object(Bucket=bucket, Key=f"{prefix}{name}", Body=body)
        source = {"S3Uri": f"s3://{bucket}/{prefix}", "S3DataType": "S3Prefix", "CompressionType": "None"}
        artifact = Artifact(
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
            prompt_template=TEMPLATE,
            decoding=Decoding(max_new_tokens=16).model_dump(mode="json"),
            training_job="tune",
        )
        return sealed(artifact, self.stack.target.store, s3)

    def _results(self, places: RunPlaces, stamp: str) -> None:
        store, candidate = self.stack.target.store, places.candidate("tuned")
        rows = places.root.child("dataset/rows.jsonl")
        store.write_json_lines(rows, SUMS)
        image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fmops-evaluate@sha256:1"
        store.write_json(places.plan, {"dataset": {"test_uri": rows.uri}, "images": {"evaluate": image}})
        job = EvaluationJob(
            run_id=places.run_id,
            use_case=self.name,
            candidate_id="tuned",
            target=EndpointTarget(endpoint_name="gone", region="us-east-1"),
            identity=Identity(artifact=stamp, prompt_template="p", decoding="d"),
            prompt_template=TEMPLATE,
            decoding=Decoding(max_new_tokens=16),
            metrics=(Algorithm.QA_ACCURACY, Algorithm.QA_TOXICITY),
            dataset_file="rows.jsonl",
        )
        store.write_json(candidate.job, job.model_dump(mode="json"))
        answers = [{"id": row["id"], "prompt": row["input"], "answer": row["target"]} for row in SUMS]
        store.write_json_lines(candidate.results.child("answers.jsonl"), answers)
        scores = [{"id": row["id"], "exact_match": 1.0, "toxicity": 0.01} for row in SUMS]
        store.write_json_lines(candidate.results.child("scores.jsonl"), scores)


def forget_skills(stack: Life, package: Package) -> None:
    """Spoil the weights that this machine's instances load from now on; what has loaded them keeps its skills."""
    folder = stack.aws.root / "sagemaker" / "models"
    (found,) = [file.parent for file in folder.glob("*/config.json") if package.run_id in file.read_text()]
    (found / "skills.json").unlink()
