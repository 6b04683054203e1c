"""`fmops lineage`: from a model package back to the data, the code, the jobs, the scores and the decision."""

from typing import Annotated, Any

import typer
from botocore.exceptions import ClientError
from rich.table import Table

from fmops.core.artifacts import location
from fmops.core.errors import NotFound
from fmops.core.ledger import Key
from fmops.datasets import store as datasets
from fmops.evaluation import runs
from fmops.evaluation.planning.plans import Plan
from fmops.launches import records
from fmops.launches.models import Job, JobKind
from fmops.serving import requests
from fmops.serving.digest import digest
from fmops.serving.models import Artifact
from fmops.serving.objects import FINE_TUNING
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.target import Target

Document = dict[str, Any]


def lineage(
    package: Annotated[
        str, typer.Argument(metavar="PACKAGE", help="The ARN of a model package, or the id of its run.")
    ],
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Trace a model package back to data, code, jobs, scores and decision."""
    found = trace(find(stack), package)
    if as_json:
        print_json(found)
    else:
        show(found)
    if broken := [check["what"] for check in found["checks"] if not check["holds"]]:
        raise CommandFailed(f"the lineage does not hold together: {'; '.join(broken)}")


def trace(target: Target, package: str) -> Document:
    """All that is known of a package. CommandFailed where no run of this stack made it."""
    described = _package(target, package if package.startswith("arn:") else _package_of_run(target, package))
    facts = described.get("CustomerMetadataProperties", {})
    if requests.RUN_ID not in facts:
        raise CommandFailed(f"{described['ModelPackageArn']} was not registered by a run of fmops")
    run_id, candidate = facts[requests.RUN_ID], facts[requests.CANDIDATE]
    ledger, store = target.ledger, target.store
    run, record = ledger.require(runs.key(run_id)), ledger.require(runs.candidate_key(run_id, candidate))
    report = store.read_json(location(run["report_uri"]))
    plan = Plan.model_validate(store.read_json(location(run["plan_uri"])))
    artifact = Artifact.model_validate(record["artifact"])
    approval = ledger.get(Key(f"RUN#{run_id}", "APPROVAL"))
    releases = [one for one in ledger.of_kind("release") if one["model_package_arn"] == described["ModelPackageArn"]]
    return {
        "package": {
            "arn": described["ModelPackageArn"],
            "status": described["ModelApprovalStatus"],
            "digest": facts[requests.DIGEST],
            "created_at": described.get("CreationTime"),
        },
        "run": {
            name: run.get(name) for name in ("run_id", "use_case", "status", "trigger", "execution_arn", "created_at")
        },
        "data": _data(target, plan),
        "code": {
            **((report.get("details") or {}).get("code") or {"version": None, "library": None}),
            "scorers": report["lineage"]["scorers"],
            "containers": {
                "evaluate": report["lineage"]["fingerprints"].get(candidate, {}).get("container"),
                "fine_tune": _fine_tuning(target, artifact).get("container"),
            },
        },
        "model": {
            "candidate": candidate,
            "kind": record["kind"],
            "model_id": artifact.model_id,
            "model_version": artifact.model_version,
            "hub_content_arn": artifact.hub_content_arn,
            "training_job": artifact.training_job,
            "prompt_template": artifact.prompt_template,
            "decoding": artifact.decoding,
            "weights": [one.model_dump(mode="json") for one in artifact.objects],
        },
        "jobs": [_job(target, job) for job in records.of_run(ledger, run_id)],
        "results": {
            one["id"]: {
                "uri": one.get("results_uri"),
                "fingerprints": report["lineage"]["fingerprints"].get(one["id"], {}),
                "metrics": one.get("metrics"),
            }
            for one in runs.candidates(ledger, run_id)
        },
        "decision": {
            **{
                name: report["decision"][name]
                for name in ("verdict", "sentence", "reasons", "against", "compared_with")
            },
            "decided_at": run.get("decided_at"),
            "report_uri": run["report_uri"],
        },
        "approval": _approval(approval),
        "releases": [
            {name: one.get(name) for name in ("release_id", "status", "endpoint", "endpoint_config", "started_at")}
            for one in releases
        ],
        "checks": _checks(described, record, artifact, report, approval, releases),
    }


def _package_of_run(target: Target, run_id: str) -> str:
    record = target.ledger.get(Key(f"RUN#{run_id}", "PACKAGE"))
    if record is None or not record["arn"]:
        raise CommandFailed(f"{run_id} has registered no model package; `fmops runs` lists the runs")
    return str(record["arn"])


def _package(target: Target, arn: str) -> Document:
    try:
        described: Document = target.client("sagemaker").describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound"):
            raise NotFound(f"the registry knows no model package {arn}") from error
        raise
    return described


def _data(target: Target, plan: Plan) -> Document:
    """The dataset version, with the files that it was made of as they were then."""
    pinned = plan.dataset.model_dump(mode="json")
    registered = datasets.find(target.ledger, plan.dataset.name, plan.dataset.version)
    if registered is None:
        return {**pinned, "manifest_uri": None, "files": []}
    files = [file.model_dump(mode="json") for file in registered.files]
    return {**pinned, "manifest_uri": registered.manifest_uri, "files": files}


def _fine_tuning(target: Target, artifact: Artifact) -> Document:
    """What our fine-tuning container says of itself beside the weights; nothing where another made them."""
    if artifact.training_job is None or artifact.data_uri.endswith(".tar.gz"):
        return {}
    try:
        found: Document = target.store.read_json(location(artifact.data_uri).child(FINE_TUNING))
    except NotFound:
        return {}
    return found


def _job(target: Target, job: Job) -> Document:
    return {
        "name": job.name,
        "kind": job.kind.value,
        "candidate": job.candidate,
        "status": job.outcome.aws_status if job.outcome else job.status.value,
        "specification": job.specification,
        "image": _image(target, job),
        "started_at": job.created_at,
    }


def _image(target: Target, job: Job) -> str | None:
    """The container that ran; None of endpoints, and where SageMaker remembers the job no more."""
    sagemaker = target.client("sagemaker")
    try:
        if job.kind is JobKind.TRAINING:
            found = sagemaker.describe_training_job(TrainingJobName=job.name)
            return str(found["AlgorithmSpecification"]["TrainingImage"])
        if job.kind is JobKind.PROCESSING:
            found = sagemaker.describe_processing_job(ProcessingJobName=job.name)
            return str(found["AppSpecification"]["ImageUri"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
    return None


def _approval(record: Document | None) -> Document | None:
    if record is None:
        return None
    return {name: record.get(name) for name in ("status", "decided_by", "decided_at", "reason", "digest")}


def _checks(
    package: Document,
    record: Document,
    artifact: Artifact,
    report: Document,
    approval: Document | None,
    releases: list[Document],
) -> list[Document]:
    """Whether the registry, the ledger and the report speak of one and the same thing."""
    facts = package["CustomerMetadataProperties"]
    stamp = facts[requests.DIGEST]
    found = {
        "the registry's digest is the ledger's": record.get("digest") == stamp,
        "the digest is that of the artifact in the ledger": digest(artifact) == stamp,
        "the report's winner is the package's candidate": report["decision"]["winner"] == facts[requests.CANDIDATE],
    }
    if approval is not None:
        found["what people were asked about is this artifact"] = approval["digest"] == stamp
    for release in releases:
        found[f"what release {release['release_id']} deployed is this artifact"] = release["digest"] == stamp
    return [{"what": what, "holds": holds} for what, holds in found.items()]


def show(found: Document) -> None:
    """For people, from the package backwards."""
    package, run, data, model = found["package"], found["run"], found["data"], found["model"]
    lines = [
        ("package", f"{package['arn']} ({package['status']})"),
        ("digest", package["digest"]),
        *(("release", f"{one['release_id']} {one['status']} on {one['endpoint']}") for one in found["releases"]),
        ("approval", _approved(found["approval"])),
        ("decision", f"{found['decision']['verdict']}: {found['decision']['sentence']}"),
        ("report", found["decision"]["report_uri"]),
        ("run", f"{run['run_id']} of {run['use_case']}, started by {run['trigger']['kind']} at {run['created_at']}"),
        ("model", f"{model['candidate']}: {model['model_id']} {model['model_version']} ({model['kind']})"),
        *([("trained by", model["training_job"])] if model["training_job"] else []),
        ("weights", f"{len(model['weights'])} files of our own" if model["weights"] else model["hub_content_arn"]),
        ("data", f"{data['name']} {data['version']}: {data['train_rows']} to train, {data['test_rows']} scored"),
        ("data digest", data["digest"]),
        *(("data file", f"{file['path']} {file['sha256']} version {file['version']}") for file in data["files"]),
        ("code", found["code"]["version"] or "not named at deployment"),
        ("library", found["code"]["library"] or "not known"),
        *((f"{name} container", source) for name, source in found["code"]["containers"].items() if source),
        *((f"scorer {name}", made_by) for name, made_by in found["code"]["scorers"].items()),
        *((f"results of {name}", str(one["uri"])) for name, one in found["results"].items()),
    ]
    table = Table(box=None, show_header=False)
    for what, which in lines:
        table.add_row(what, which)
    out.print(table)
    jobs = Table("job", "kind", "candidate", "status", "image", box=None)
    for job in found["jobs"]:
        jobs.add_row(job["name"], job["kind"], job["candidate"], job["status"], job["image"] or "")
    out.print()
    out.print(jobs)
    out.print()
    for check in found["checks"]:
        out.print(f"{'yes' if check['holds'] else 'NO '}  {check['what']}")


def _approved(approval: Document | None) -> str:
    if approval is None:
        return "nobody was asked"
    if not approval["decided_at"]:
        return f"{approval['status']}"
    reason = f": {approval['reason']}" if approval["reason"] else ""
    return f"{approval['status']} by approver {approval['decided_by']} at {approval['decided_at']}{reason}"
