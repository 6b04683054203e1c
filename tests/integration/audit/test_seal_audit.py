"""The audit in a real table and a locked bucket: what is tampered with is found, and named."""

import base64
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from fmops.audit import heads, records
from fmops.audit.chain import Step, next_row
from fmops.audit.proof import pinned
from fmops.audit.vault import Vault
from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.core.ids import canonical_json
from fmops_cli import audit
from fmops_cli.target import Target
from tests.fakes.oidc import Key
from tests.integration.account import ARTIFACTS, TABLE, Account

RUN, BUCKET = "run-000000000001", "audit-bucket"


class Trail:
    """One run's audit, and a forger with all rights to the table."""

    def __init__(self, account: Account, key: str) -> None:
        self.account, self.key = account, key
        outputs = {"LedgerName": TABLE, "AuditBucketName": BUCKET, "AuditKeyArn": key}
        self.target = Target(name="fmops", outputs=outputs, client=wiring.client, local=True)
        self.report = Location(ARTIFACTS, f"runs/{RUN}/report.json")

    def note(self, step: Step, subject: str, **facts: Any) -> None:
        records.append(wiring.ledger(), RUN, step, subject, facts, clock.now())

    def write(self) -> None:
        """Five rows."""
        wiring.store().write_json(self.report, {"verdict": "PROMOTE"})
        self.note(Step.DATA, "sums 1", digest="sha256:d")
        self.note(Step.JOB, "job-1", specification="sha256:s")
        self.note(Step.ANSWERS, "tuned", share=0.25)
        self.note(Step.REPORT, RUN, objects=[pinned(wiring.store(), self.report)])
        self.note(Step.PACKAGE, "tuned", arn="arn:package/1")

    def seal(self) -> dict[str, Any]:
        event = {"detail-type": "ApprovalDecided", "detail": {"run_id": RUN}}
        found: dict[str, Any] = self.account.handler("operations/seal_audit")(event, None)
        return found

    def verify(self) -> dict[str, Any]:
        return audit.prove(self.target, RUN, audit._key(self.target, None))

    def rows_at_fault(self) -> set[int]:
        return {fault["row"] for fault in self.verify()["faults"]}

    def rewrite(self, number: int, **changes: Any) -> None:
        row = next(row for row in records.rows(wiring.ledger(), RUN) if row.number == number)
        changed = row.model_copy(update=changes).model_dump(mode="json")
        wiring.ledger().put(records.key(RUN, number), changed, kind=records.KIND, now=clock.now())

    def remove(self, number: int) -> None:
        self.account.dynamodb.delete_item(TableName=TABLE, Key=records.key(RUN, number).dynamo())

    def put_head(self, head: heads.Head) -> None:
        body = canonical_json(head.model_dump(mode="json")).encode()
        self.account.s3.put_object(Bucket=BUCKET, Key=f"heads/{RUN}/{head.number:06d}.json", Body=body)


@pytest.fixture
def trail(account: Account, monkeypatch: pytest.MonkeyPatch) -> Trail:
    account.s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
    account.s3.put_object_lock_configuration(
        Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    key = boto3.client("kms").create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    monkeypatch.setenv("FMOPS_AUDIT_BUCKET", BUCKET)
    monkeypatch.setenv("FMOPS_AUDIT_KEY", key)
    found = Trail(account, key)
    found.write()
    return found


def test_a_sealed_audit_is_proven(trail: Trail) -> None:
    assert trail.seal() == {"run_id": RUN, "rows": 5, "sealed": True}

    assert trail.verify() == {"run_id": RUN, "holds": True, "rows": 5, "signed": 5, "heads": 1, "faults": []}


def test_what_was_noted_is_not_noted_twice_and_rows_go_on_behind_it(trail: Trail) -> None:
    trail.note(Step.DATA, "sums 1", digest="sha256:d")
    trail.seal()
    trail.note(Step.DATA, "sums 1", digest="sha256:e")

    found = trail.verify()

    assert (found["holds"], found["rows"], found["signed"]) == (True, 6, 5)


def test_a_changed_row_is_named(trail: Trail) -> None:
    trail.seal()
    trail.rewrite(3, facts='{"share":0.95}')

    assert trail.rows_at_fault() == {3}


def test_a_removed_row_is_named(trail: Trail) -> None:
    trail.seal()
    trail.remove(2)

    assert trail.rows_at_fault() == {2}


def test_the_last_row_cannot_vanish_and_be_written_otherwise(trail: Trail) -> None:
    trail.seal()
    trail.remove(5)
    trail.note(Step.PACKAGE, "base", arn="arn:package/2")

    assert trail.rows_at_fault() == {5}


def test_rows_in_another_order_are_named(trail: Trail) -> None:
    trail.seal()
    second, third = records.rows(wiring.ledger(), RUN)[1:3]
    for number, row in ((2, third), (3, second)):
        wiring.ledger().put(records.key(RUN, number), row.model_dump(mode="json"), kind="audit", now=clock.now())

    assert {2, 3} <= trail.rows_at_fault()


def test_a_chain_written_anew_is_not_the_one_that_was_signed(trail: Trail) -> None:
    trail.seal()
    rows = records.rows(wiring.ledger(), RUN)[:2]
    for step, subject, facts in (
        (Step.ANSWERS, "tuned", {"share": 0.95}),
        (Step.REPORT, RUN, {}),
        (Step.PACKAGE, "tuned", {}),
    ):
        row = next_row(RUN, rows[-1], step, subject, facts, "2026-11-24T00:00:00.000Z")
        wiring.ledger().put(records.key(RUN, row.number), row.model_dump(mode="json"), kind="audit", now=clock.now())
        rows.append(row)

    assert trail.rows_at_fault() == {3, 4, 5}


def test_a_replaced_report_is_named(trail: Trail) -> None:
    trail.seal()
    wiring.store().write_json(trail.report, {"verdict": "REJECT"})

    (fault,) = trail.verify()["faults"]

    assert fault["row"] == 4
    assert "report.json" in fault["what"]
    assert "replaced" in fault["what"]


def test_a_forged_head_proves_nothing_and_hides_nothing(trail: Trail) -> None:
    trail.seal()
    trail.rewrite(3, facts='{"share":0.95}')
    head = heads.head_of(records.rows(wiring.ledger(), RUN), trail.key)
    signature = base64.b64encode(Key("other", 3072).sign(head.message())).decode()
    trail.put_head(head.model_copy(update={"signature": signature}))

    found = trail.verify()

    assert any("forged" in fault["what"] for fault in found["faults"])
    assert 3 in {fault["row"] for fault in found["faults"]}


def test_a_head_cannot_be_removed_before_its_time(trail: Trail) -> None:
    trail.seal()
    (version,) = trail.account.s3.list_object_versions(Bucket=BUCKET)["Versions"]

    with pytest.raises(ClientError, match="AccessDenied"):
        trail.account.s3.delete_object(
            Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"], BypassGovernanceRetention=True
        )

    retention = trail.account.s3.head_object(Bucket=BUCKET, Key=version["Key"])
    assert retention["ObjectLockMode"] == "COMPLIANCE"


def test_a_head_that_is_hidden_by_a_delete_marker_counts(trail: Trail) -> None:
    trail.seal()
    trail.account.s3.delete_object(Bucket=BUCKET, Key=f"heads/{RUN}/000005.json")
    trail.rewrite(1, facts="{}")

    found = trail.verify()

    assert found["heads"] == 1
    assert {fault["row"] for fault in found["faults"]} == {1}


def test_a_row_that_is_no_row_any_more_is_named(trail: Trail) -> None:
    trail.seal()
    wiring.ledger().put(records.key(RUN, 2), {"number": "two"}, kind="audit", now=clock.now())

    assert 2 in trail.rows_at_fault()


def test_an_audit_that_was_never_sealed_is_not_proven(trail: Trail) -> None:
    assert not trail.verify()["holds"]


def test_rows_that_are_added_at_once_all_come_in(account: Account) -> None:
    """The second writer finds the number taken, and takes the next."""
    ledger, real = wiring.ledger(), records.rows
    stale: list[Any] = [[]]

    def behind(*given: Any) -> Any:
        return stale.pop() if stale else real(*given)

    records.append(ledger, "run-2", Step.JOB, "a", {}, clock.now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "rows", behind)
        records.append(ledger, "run-2", Step.JOB, "b", {}, clock.now())

    assert [row.subject for row in records.rows(ledger, "run-2")] == ["a", "b"]


def test_the_head_lists_what_json_can_carry(trail: Trail) -> None:
    trail.seal()

    (head,) = Vault(trail.account.s3, BUCKET).heads(RUN)

    assert json.loads(head.message())["number"] == 5
    assert head.rows[-1] == records.rows(wiring.ledger(), RUN)[-1].hash
