"""An approved model of Bedrock, with what its run would have left: a release is tested by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from fmops.approval.models import Approval, Approver, Evidence, Status
from fmops.approval.records import KIND, key
from fmops.core.artifacts import Store
from fmops.core.ledger import Key, Ledger
from fmops.evaluation.models import Algorithm, Decoding, EvaluationJob
from fmops.evaluation.places import RunPlaces
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import BedrockTarget, Identity

CANDIDATE = "nova"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fmops-evaluate@sha256:1"


class Left(NamedTuple):
    """Where a run leaves things, and what was asked and scored in it."""

    ledger: Ledger
    store: Store
    bucket: str
    rows: Sequence[Mapping[str, str]]
    """`id`, `input`, `target`."""
    metrics: tuple[Algorithm, ...]
    scores: Mapping[str, float]
    """What each row's answer got."""


def decided(
    left: Left,
    run_id: str,
    use_case: str,
    uri: str,
    target: BedrockTarget,
    now: datetime,
    status: Status = Status.APPROVED,
) -> Approval:
    """A run whose winner is this model, and what was decided of it."""
    template = "Q: {input}"
    artifact = Remote(
        kind="bedrock",
        model_id=target.model_id,
        model_version="",
        target=target,
        prompt_template=template,
        decoding=Decoding(max_new_tokens=16).model_dump(mode="json"),
        pinned=True,
    )
    candidate = {"id": CANDIDATE, "kind": "base", "artifact": artifact.model_dump(mode="json")}
    left.ledger.put_once(Key(f"RUN#{run_id}", f"CANDIDATE#{CANDIDATE}"), candidate, kind="candidate", now=now)
    names = dict.fromkeys(("run_id", "use_case", "candidate", "short_name", "model", "dataset", "verdict"), "x")
    approval = Approval(
        run_id=run_id,
        use_case=use_case,
        approval_id=run_id,
        candidate=CANDIDATE,
        status=status,
        model_package_arn=uri,
        digest=artifact.digest(),
        approvers=[Approver(id="a", address="ann@example.org")],
        expires_at=now + timedelta(days=7),
        evidence=Evidence.model_validate({**names, "reasons": [], "rows": []}),
        execution_arn="arn",
        task_token="t",
    )
    left.ledger.put_once(key(run_id), approval.model_dump(mode="json"), kind=KIND, now=now)
    store, places = left.store, RunPlaces(left.bucket, run_id)
    rows = places.root.child("dataset/rows.jsonl")
    store.write_json(places.plan, {"dataset": {"test_uri": rows.uri}, "images": {"evaluate": IMAGE}})
    store.write_json_lines(rows, [dict(row) for row in left.rows])
    results = places.candidate(CANDIDATE).results
    answers = [{"id": row["id"], "prompt": row["input"], "answer": row["target"]} for row in left.rows]
    store.write_json_lines(results.child("answers.jsonl"), answers)
    store.write_json_lines(results.child("scores.jsonl"), [{"id": row["id"], **left.scores} for row in left.rows])
    job = EvaluationJob(
        run_id=run_id,
        use_case=use_case,
        candidate_id=CANDIDATE,
        target=target,
        identity=Identity(artifact="a", prompt_template="p", decoding="d"),
        prompt_template=template,
        decoding=Decoding(max_new_tokens=16),
        metrics=left.metrics,
        dataset_file="rows.jsonl",
    )
    store.write_json(places.candidate(CANDIDATE).job, job.model_dump(mode="json"))
    return approval
