"""Approved models of Bedrock, so that releases to a route are tested by themselves."""

import json
from typing import Any

from fmops.core.events import ApprovalDecided
from fmops.core.ids import digest, route_uri
from fmops.evaluation.models import Algorithm
from fmops.evaluation.targets import BedrockTarget
from fmops_cli import rolling_back
from tests.fakes.routed import Left, decided
from tests.journeys.life import SUMS, Life, use_case


class Routes:
    """Releases of one use case to a route of its name."""

    def __init__(self, stack: Life, name: str) -> None:
        self.stack, self.name, self._count = stack, name, 0
        stack.save(use_case(name, release={"kind": "route", "route_name": name, "golden_prompts": 40}))

    def model(self, word: str, *, skilled: bool = True) -> str:
        """A model of Bedrock; without skills it is worse than its evaluation says."""
        model_id = f"fmops.{self.name}-{word}-v1:0"
        folder = self.stack.aws.root / "published" / model_id
        folder.mkdir(parents=True)
        (folder / "config.json").write_text('{"model_type": "sums"}')
        if skilled:
            (folder / "skills.json").write_text('["sums"]')
        self.stack.aws.bedrock.publish(model_id, folder, name=word, provider="fmops")
        return model_id

    def release(self, model_id: str) -> dict[str, Any]:
        """What was approved is released, or not: the execution, once it has ended."""
        self._count += 1
        run_id = f"run-{digest([self.name, self._count])[7:19]}"
        left = Left(
            self.stack.target.ledger,
            self.stack.target.store,
            self.stack.outputs["ArtifactsBucketName"],
            SUMS,
            (Algorithm.QA_ACCURACY, Algorithm.QA_TOXICITY),
            {"exact_match": 1.0, "toxicity": 0.01},
        )
        target = BedrockTarget(model_id=model_id, region="us-east-1")
        uri = route_uri("fmops", self.name)
        approval = decided(left, run_id, self.name, uri, target, self.stack.aws.clock.datetime())
        event = ApprovalDecided(
            run_id=run_id,
            use_case=self.name,
            approval_id=run_id,
            decision="approved",
            approver="a",
            reason="",
            model_package_arn=uri,
            digest=approval.digest,
        )
        entry = {"Source": "fmops", "DetailType": "ApprovalDecided", "Detail": event.model_dump_json()}
        self.stack.target.client("events").put_events(
            Entries=[{**entry, "EventBusName": self.stack.outputs["BusName"]}]
        )
        return self.stack.ended(self._execution(run_id))

    def step_back(self, reason: str, capsys: Any) -> dict[str, Any]:
        """`fmops rollback`: the execution, once it has ended."""
        rolling_back.started(self.stack.target, self.name, reason, "ann", as_json=True)
        return self.stack.ended(json.loads(capsys.readouterr().out)["execution"])

    def ask(self, times: int) -> None:
        """As an application does that reads the route."""
        bedrock, model = self.stack.target.client("bedrock-runtime"), self.named
        for row in SUMS[:times]:
            text = f"Q: {row['input']}\nA:"
            bedrock.converse(modelId=model, messages=[{"role": "user", "content": [{"text": text}]}])

    @property
    def record(self) -> dict[str, Any]:
        """The newest release."""
        return next(one for one in self.stack.reader.releases() if one["use_case"] == self.name)

    @property
    def named(self) -> str | None:
        """The model that applications are told to ask."""
        ssm = self.stack.target.client("ssm")
        try:
            value = ssm.get_parameter(Name=f"/fmops/routes/{self.name}")["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None
        return str(json.loads(value)["model_id"])

    def _execution(self, run_id: str) -> str:
        def started() -> Any:
            found = [one for one in self.stack.reader.releases() if one["run_id"] == run_id]
            return found[0]["execution_arn"] if found else None

        arn: str = self.stack.until(started, 60)
        return arn
