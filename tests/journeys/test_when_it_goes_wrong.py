"""What goes wrong is told, with its reason; nothing is lost, nothing hangs, nothing is left running."""

import pytest

from local.demo import people
from tests.journeys.life import OWNER, SUMS, Life, use_case


def test_a_malformed_file_is_told_to_the_owner_with_its_line_and_starts_nothing(stack: Life) -> None:
    stack.save(use_case("typos"))

    stack.put("inbox/typos/bad.jsonl", b'{"id": 1, "input": "what is 1 plus 1", "target": "2"}\nnot json\n')

    (mail,) = stack.until(lambda: stack.mails("Dataset typos rejected", OWNER))
    assert "bad.jsonl, line 2: the line is no JSON" in mail["text"]
    assert [run for run in stack.reader.runs() if run["use_case"] == "typos"] == []
    assert stack.target.client("s3").head_object(
        Bucket=stack.outputs["DatasetsBucketName"], Key="inbox/typos/bad.jsonl"
    )


def test_a_dataset_of_no_use_case_says_so(stack: Life) -> None:
    stack.drop("inbox/orphan/rows.jsonl", SUMS)

    stack.until(lambda: [alert for alert in stack.reader.alerts() if "dataset orphan" in alert["subject"]])
    assert [run for run in stack.reader.runs() if run["dataset"]["name"] == "orphan"] == []


def test_a_job_that_crashes_fails_its_run_with_its_own_reason_and_leaves_no_endpoint(stack: Life) -> None:
    stack.save(use_case("crash"))
    before = stack.endpoints()

    stack.drop("inbox/crash/rows.jsonl", [{**row, "input": f"explode {row['input']}"} for row in SUMS])

    run = stack.run("crash", "failed")
    execution = stack.ended(run["execution_arn"])
    assert execution["status"] == "FAILED"
    assert "The training data exploded at row 1." in execution["cause"]
    assert stack.until(lambda: stack.mails("The training data exploded at row 1.", OWNER))
    assert stack.endpoints() == before


def test_a_rejected_winner_is_not_released(stack: Life) -> None:
    stack.save(use_case("refused"))
    stack.drop("inbox/refused/rows.jsonl", SUMS)
    run = stack.run("refused", "awaiting_approval")
    link = stack.approval_link(run["run_id"])

    with pytest.raises(people.Refused) as without_reason:
        people.post(link, {"decision": "reject", "reason": ""})
    people.post(link, {"decision": "reject", "reason": "not this one"})

    assert without_reason.value.status == 422
    with pytest.raises(people.Refused) as forged:
        people.open_link(f"{link[:-2]}xx/report")

    assert forged.value.status == 403
    assert stack.ended(run["execution_arn"])["status"] == "SUCCEEDED"
    assert stack.run("refused", "rejected")["run_id"] == run["run_id"]
    assert [release for release in stack.reader.releases() if release["run_id"] == run["run_id"]] == []
