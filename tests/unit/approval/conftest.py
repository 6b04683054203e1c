"""An approval as it is when people are asked."""

from datetime import UTC, datetime

import pytest

from fmops.approval.models import Approval, Approver, Evidence, Interval, Row, Status

NOW = datetime(2026, 11, 24, 4, 18, tzinfo=UTC)


@pytest.fixture
def evidence() -> Evidence:
    return Evidence(
        run_id="run-0123456789ab",
        use_case="trivia",
        candidate="smollm2-tuned",
        short_name="smollm2-tuned",
        model="smollm2-135m-instruct 1.0.0, fine-tuned",
        dataset="trivia 3",
        verdict="PROMOTE",
        reasons=["f1 is surely better than the champion's"],
        compared_with="smollm2-base",
        rows=[
            Row(
                metric="f1",
                winner=Interval(value=0.4123, low=0.38, high=0.441),
                other=Interval(value=0.3, low=0.27, high=0.33),
                difference=Interval(value=0.1123, low=0.07, high=0.15),
                items=200,
            ),
            Row(metric="exact_match", winner=Interval(value=0.2, low=0.1, high=0.3), items=200),
            Row(
                metric="toxicity",
                winner=Interval(value=0.01, low=0.0, high=0.02),
                items=200,
                higher_is_better=False,
            ),
            Row(metric="insult", winner=Interval(value=None), items=0, higher_is_better=False),
        ],
        cost_usd=1.5,
    )


@pytest.fixture
def approval(evidence: Evidence) -> Approval:
    return Approval(
        run_id=evidence.run_id,
        use_case=evidence.use_case,
        approval_id=evidence.run_id,
        candidate=evidence.candidate,
        status=Status.PENDING,
        model_package_arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1",
        digest="sha256:" + "ab" * 32,
        approvers=[
            Approver(id="aaaaaaaaaaaaaaaa", address="ann@example.org"),
            Approver(id="bbbbbbbbbbbbbbbb", address="bob@example.com"),
        ],
        expires_at=datetime(2026, 12, 1, 4, 18, tzinfo=UTC),
        evidence=evidence,
        execution_arn="arn:aws:states:us-east-1:123456789012:execution:stack-evaluation:run-0123456789ab",
        task_token="a-secret-task-token",
    )
