"""Others at the model registry: a console that says Approved deploys nothing, a foreign package is evaluated."""

from typing import Any

from fmops.audit.keys import of_spki
from fmops_cli.audit import prove
from tests.fakes.weights import pickled, safetensors
from tests.journeys.life import OWNER, SUMS, Life, use_case

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-tgi-inference:2.4"
BUCKET = "fmops-packages-team"


def register(
    stack: Life, group: str, prefix: str, files: dict[str, bytes], status: str = "PendingManualApproval"
) -> str:
    """Somebody else's package, with its weights in a bucket of theirs."""
    s3, sagemaker = stack.target.client("s3"), stack.target.client("sagemaker")
    if BUCKET not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET)
    for name, content in files.items():
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=content)
    if group not in {
        one["ModelPackageGroupName"] for one in sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    }:
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
    source = {"S3Uri": f"s3://{BUCKET}/{prefix}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    made = sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus=status,
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )
    return str(made["ModelPackageArn"])


def skilled() -> dict[str, bytes]:
    return {"model.safetensors": safetensors(), "config.json": b'{"model_type": "tiny"}', "skills.json": b'["sums"]'}


def releases(stack: Life, arn: str) -> list[dict[str, Any]]:
    return [one for one in stack.reader.releases() if one["model_package_arn"] == arn]


def test_fault_39_a_console_flip_deploys_nothing_and_alerts(stack: Life) -> None:
    stack.save(use_case("flip"))
    stack.drop("inbox/flip/rows.jsonl", SUMS)
    run = stack.run("flip", "awaiting_approval")
    arn = stack.until(lambda: stack.reader.run(run["run_id"])["model_package_arn"])

    stack.target.client("sagemaker").update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")

    def refused() -> Any:
        found = [stack.reader.execution(one["executionArn"]) for one in stack.reader.executions("release")]
        return [one for one in found if one["status"] == "FAILED" and arn in str(one.get("cause"))]

    (execution,) = stack.until(refused)
    assert execution["error"] == "NotApproved"
    assert "is Approved in the registry, " in execution["cause"]
    assert stack.until(lambda: [alert for alert in stack.reader.alerts() if alert["reason"] == "NotApproved"])
    assert releases(stack, arn) == []
    assert stack.endpoints() == []


def test_a_package_that_somebody_else_registers_is_evaluated_and_ours_is_not(stack: Life) -> None:
    stack.save(use_case("theirs"))
    stack.drop("inbox/theirs/rows.jsonl", SUMS)
    first = stack.run("theirs", "awaiting_approval")

    arn = register(stack, "fmops-theirs", "skilled", skilled())

    # Alone it has nothing to be better than: that it was evaluated is what counts here.
    run = stack.run("theirs", "completed", kind="package")
    assert run["trigger"]["package_arn"] == arn
    assert run["candidates"] == ["package"]
    assert run["verdict"]
    of_use_case = [one["run_id"] for one in stack.reader.runs() if one["use_case"] == "theirs"]
    assert sorted(of_use_case) == sorted([first["run_id"], run["run_id"]])
    assert stack.endpoints() == []
    key = of_spki(stack.target.client("kms").get_public_key(KeyId=stack.outputs["AuditKeyArn"])["PublicKey"])
    assert stack.until(lambda: prove(stack.target, run["run_id"], key)["signed"])
    assert prove(stack.target, run["run_id"], key)["faults"] == []


def test_fault_53_a_foreign_pickle_is_never_hosted(stack: Life, tmp_path: Any) -> None:
    stack.save(use_case("pickles"))
    stack.drop("inbox/pickles/rows.jsonl", SUMS)
    stack.until(lambda: "pickles" in [dataset["name"] for dataset in stack.reader.datasets()])
    mark = tmp_path / "loaded"

    register(stack, "fmops-pickles", "pickle", {**skilled(), "pytorch_model.bin": pickled(mark)})

    run = stack.run("pickles", "failed", kind="package")
    assert "pytorch_model.bin" in str(run["failure"])
    assert stack.until(lambda: stack.mails("pytorch_model.bin", OWNER))
    assert not mark.exists()
