"""How long an approver waits for the page: its handler when warm, and what a cold start costs before the first answer.

The handlers run as Lambda calls them, with real clients; KMS and DynamoDB are moto's, in the same process, and their
time is in the figure too. A cold start is a fresh interpreter: the handler's imports and its clients.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.record import ROOT, Figure

VISITS, STARTS = 200, 7
_SETTINGS = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "POWERTOOLS_TRACE_DISABLED": "1",
    "FMOPS_TABLE": "ledger",
}
_RUN = "run-0123456789ab"

# A process of its own: what this one has imported would hide the cost.
_START = """
import importlib.util, sys, time
before = time.process_time()
{more}
spec = importlib.util.spec_from_file_location("app", {file!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from fmops.core import wiring
for service in ("kms", "dynamodb", "stepfunctions"):
    wiring.client(service)
print((time.process_time() - before) * 1000)
"""
_EVENT_HANDLER = "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver"


def main() -> None:
    os.environ.update(_SETTINGS)
    ours, rival = (_median_start(more) for more in ("", _EVENT_HANDLER))
    figures: dict[str, Figure] = {
        "approval_page_ms": {
            "value": round(_page_ms(), 2),
            "unit": "ms",
            "note": f"the approval page's handler, warm: median of {VISITS} GETs, with moto's KMS and DynamoDB in it",
        },
        "approval_cold_start_ms": {
            "value": round(ours),
            "unit": "ms",
            "rival": "with powertools' event handler",
            "rival_value": round(rival),
            "note": "imports and clients (KMS, DynamoDB, Step Functions) of what takes decisions, with bytecode",
        },
    }
    print(json.dumps(figures))


def _median_start(more: str) -> float:
    script = _START.format(more=more, file=str(ROOT / "functions/approval/decide_approval/app.py"))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "PYTHONPATH": str(ROOT / "layers/fmops")}

    def once() -> float:
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    # The first one writes the bytecode that the others find.
    once()
    return statistics.median(once() for _ in range(STARTS))


def _page_ms() -> float:
    from moto import mock_aws

    with mock_aws():
        event = _given()
        handler = _handler()
        times = []
        for _ in range(VISITS):
            before = time.process_time()
            answer = handler(event, None)
            times.append((time.process_time() - before) * 1000)
            if answer["statusCode"] != 200:
                raise SystemExit(f"the page answered {answer['statusCode']}")
    return statistics.median(times)


def _given() -> dict[str, Any]:
    """A pending approval with five metrics, and the request of one who opens their link."""
    import boto3

    from fmops.approval import records
    from fmops.approval.models import Approval, Approver, Evidence, Interval, Row, Status
    from fmops.core import wiring
    from fmops.links.kms import Signer

    kms, dynamodb = boto3.client("kms"), boto3.client("dynamodb")
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    os.environ["FMOPS_LINK_KEYS"] = f"v1={key}"
    names = ("pk", "sk", "gsi_kind", "gsi_sort")
    dynamodb.create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=_keys(*names[:2]),
        GlobalSecondaryIndexes=[
            {"IndexName": "by_kind", "KeySchema": _keys(*names[2:]), "Projection": {"ProjectionType": "ALL"}}
        ],
    )
    number = Interval(value=0.412, low=0.384, high=0.441)
    now = datetime.now(UTC)
    approval = Approval(
        run_id=_RUN,
        use_case="support",
        approval_id=_RUN,
        candidate="tuned",
        status=Status.PENDING,
        model_package_arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1",
        digest="sha256:" + "ab" * 32,
        approvers=[Approver(id=f"{place:016x}", address=f"approver{place}@example.com") for place in range(3)],
        expires_at=now + timedelta(days=7),
        evidence=Evidence(
            run_id=_RUN,
            use_case="support",
            candidate="tuned",
            short_name="tuned",
            model="llm 1.0.0, fine-tuned",
            dataset="support 3, 1000 test rows",
            verdict="PROMOTE: it is better than the champion",
            reasons=["f1 is better by +0.060 (+0.031 to +0.089)"] * 5,
            rows=[Row(metric=f"metric {place}", winner=number, other=number, items=1000) for place in range(5)],
        ),
        execution_arn="arn:aws:states:us-east-1:123456789012:execution:evaluation:x",
        task_token="benchmark",  # noqa: S106 - nobody waits for it
    )
    records.open_once(wiring.ledger(), approval, now)
    token = Signer(kms, {"v1": key}).sign(_RUN, approval.approvers[0].id, approval.expires_at)
    return {
        "requestContext": {"http": {"method": "GET", "path": f"/approvals/{token}"}},
        "pathParameters": {"token": token},
        "headers": {},
    }


def _handler() -> Any:
    spec = importlib.util.spec_from_file_location("app", ROOT / "functions/approval/show_approval/app.py")
    if spec is None or spec.loader is None:
        raise SystemExit("the approval page's function is not there")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def _keys(first: str, second: str) -> list[Any]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]


if __name__ == "__main__":
    main()
