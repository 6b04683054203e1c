"""Fault 55: what lies in the dead-letter queue is sent again, twice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fmops_cli import target as targets
from fmops_cli.__main__ import main
from local.embedded import EmbeddedAws
from local.protocol import JobSettings
from tests.waiting import eventually

ROW = {"id": 1, "text": "What is a cloud made of?", "correct_answer": "water"}


@pytest.fixture
def aws(tmp_path: Path, repo: Path) -> Iterator[EmbeddedAws]:
    jobs = JobSettings(python=repo / ".venv" / "bin" / "python", assets=tmp_path)
    with EmbeddedAws(tmp_path / "aws", jobs=jobs) as running:
        yield running


def test_fault_55_replaying_twice_leaves_one_dataset(
    aws: EmbeddedAws, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = aws.deploy(repo / "template.yaml", "fmops")
    described = tmp_path / "stack.json"
    described.write_text(json.dumps({"stack": "fmops", "outputs": stack.outputs, "endpoint": aws.url}))
    monkeypatch.setattr(targets, "LOCAL_FILE", described)
    queue = stack.outputs["DeadLettersUrl"]

    # The event of a dropped file finds its function closed, and lies in the queue, twice.
    statements = _close(aws, stack.resources["RegisterDatasetFunction"])
    row = "".join(json.dumps({**ROW, "id": n, "text": f"{ROW['text']} {n}"}) + "\n" for n in range(40))
    aws.client("s3").put_object(Bucket=stack.outputs["DatasetsBucketName"], Key="inbox/clouds/rows.jsonl", Body=row)
    (lost,) = eventually(lambda: _waiting(aws, queue))
    aws.client("sqs").send_message(
        QueueUrl=queue, MessageBody=lost["Body"], MessageAttributes=_text(lost["MessageAttributes"])
    )
    _open(aws, stack.resources["RegisterDatasetFunction"], statements)

    assert main(["redrive", "--json"]) == 0
    assert [one["sent"] for one in json.loads(capsys.readouterr().out)["messages"]] == [False, False]
    assert main(["redrive", "--yes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["sent"], told["failed"]) == (2, [])
    assert {one["what"] for one in told["messages"]} == {"Object Created"}
    (found,) = eventually(lambda: _datasets(aws, stack.outputs["LedgerName"]))
    assert aws.events.drain(20)
    (after,) = _datasets(aws, stack.outputs["LedgerName"])
    # Its announcement may have been noted in between.
    assert after["created_at"] == found["created_at"]
    assert main(["redrive"]) == 0
    assert "everything got through" in capsys.readouterr().out


def _close(aws: EmbeddedAws, function: str) -> list[dict[str, Any]]:
    """Take away every right to call the function; what they were."""
    client = aws.client("lambda")
    statements: list[dict[str, Any]] = json.loads(client.get_policy(FunctionName=function)["Policy"])["Statement"]
    for one in statements:
        client.remove_permission(FunctionName=function, StatementId=one["Sid"])
    return statements


def _open(aws: EmbeddedAws, function: str, statements: list[dict[str, Any]]) -> None:
    for one in statements:
        aws.client("lambda").add_permission(
            FunctionName=function,
            StatementId=one["Sid"],
            Action=one["Action"],
            Principal=one["Principal"]["Service"],
            SourceArn=one["Condition"]["ArnLike"]["AWS:SourceArn"],
        )


def _waiting(aws: EmbeddedAws, queue: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        aws.client("sqs")
        .receive_message(QueueUrl=queue, MessageAttributeNames=["All"], VisibilityTimeout=0)
        .get("Messages", [])
    )
    return found


def _text(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: {"DataType": "String", "StringValue": value["StringValue"]} for name, value in attributes.items()}


def _datasets(aws: EmbeddedAws, table: str) -> list[dict[str, Any]]:
    rows = aws.client("dynamodb").scan(TableName=table)["Items"]
    return [row for row in rows if row["pk"]["S"].startswith("DATASET#")]
