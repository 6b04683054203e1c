"""From a dropped file to an alert: the journeys as they are deployed, one after the other."""

import json
from typing import Any

from fmops.audit.keys import of_spki
from fmops.audit.records import rows
from fmops.core.artifacts import location
from fmops.datasets import labelling
from fmops.monitoring.probe.models import judged
from fmops.monitoring.probe.prompts import TEMPLATES
from fmops_cli.audit import prove
from fmops_cli.calling import call
from local.demo import people
from local.demo.summary import read
from local.sagemaker import hub_documents
from tests.journeys.life import APPROVER, OWNER, SUMS, Life, use_case

SERVICES = {"evaluation", "approval", "release"}
"""Whose functions work for one run at a time, as their log lines name them."""


def test_a_dropped_file_becomes_an_approved_released_and_watched_model(stack: Life) -> None:
    retraining = {"mode": "ask", "lasting_windows": 1, "prompts": 10}
    discovery = {"model_ids": ["huggingface-llm-*"], "instance_type": "ml.g5.xlarge"}
    monitoring = {"lateness_minutes": 5, "retraining": retraining, "probe_hours": 24}
    stack.save(use_case("sums", discovery=discovery, monitoring=monitoring))

    stack.drop("inbox/sums/new.jsonl", SUMS)
    run = stack.run("sums", "awaiting_approval")
    assert (run["verdict"], run["winner"]) == ("PROMOTE", "tuned")
    assert stack.endpoints() == []

    link = stack.approval_link(run["run_id"])
    before = stack.until(lambda: (found := stack.reader.approval(run["run_id"])) and found["mailed"] and found)
    people.open_link(link)
    report = people.open_link(f"{link}/report")
    assert "<svg" in report
    assert "<script" not in report
    assert stack.reader.approval(run["run_id"]) == before

    people.approve(link, "tuned", "better on held-out rows")
    endpoint = stack.released(run["run_id"])["endpoint"]
    assert stack.endpoints() == [endpoint]
    assert stack.ended(run["execution_arn"])["status"] == "SUCCEEDED"
    assert stack.reader.packages()[0]["ModelApprovalStatus"] == "Approved"

    stack.to_the_next_hour(900)
    stack.ask(endpoint, [row["input"] for row in SUMS[1::3]])
    stack.to_the_next_hour(660)
    calm = stack.until(lambda: [w for w in stack.reader.windows() if w["records"] and w.get("verdict")])[-1]
    assert (calm["verdict"], calm["records"]) == ("OK", 67)

    stack.quiet()
    content = hub_documents.load(hub_documents.SMOLLM2_NEXT)
    stack.aws.sagemaker.hub.publish(content)
    stack.ask(endpoint, [f"please insult my noisy neighbour number {n} in a very long letter" for n in range(60)])
    stack.to_the_next_hour(660)

    wild = stack.until(lambda: [w for w in stack.reader.windows() if w["records"] and w.get("verdict")][1:])[-1]
    assert wild["verdict"] == "ALARM"
    assert wild["toxicity"]["share"] == 1
    stack.until(lambda: {"DriftDetected", "ToxicityDetected"} <= {a["reason"] for a in stack.reader.alerts()})
    assert stack.until(lambda: stack.mails("toxic answers", OWNER))

    assert stack.reader.discovered_models() == [f"{content['HubContentName']}@{content['HubContentVersion']}"]
    again = stack.run("sums", "completed", kind="model")
    assert again["verdict"] != "PROMOTE"
    assert stack.endpoints() == [endpoint]
    assert [mail for mail in stack.mails(again["run_id"], APPROVER) if "Approve" in mail["subject"]] == []

    (probe,) = stack.until(lambda: judged(stack.target.ledger, "sums"))
    assert probe["probe"]["templates"] == len(TEMPLATES)
    (asked,) = stack.until(lambda: labelling.of_use_case(stack.target.ledger, "sums"))
    assert stack.until(lambda: stack.mails("want labels", OWNER))
    prompts = list(stack.target.store.read_json_lines(location(asked.prompts_uri)))
    assert len(prompts) == 10
    stack.drop(f"labels/sums/{asked.request_id}.jsonl", [{**row, "target": "no"} for row in prompts])
    (told,) = stack.until(lambda: stack.mails("a person decides", OWNER))
    assert "noisy" not in told["text"]

    window = {"since": wild["window"], "until": wild["window"]}
    wanted = {"use_case": "sums", **window, "reason": "we serve neighbours now", "by": "boss"}
    accepted = call(stack.target, "AcceptTrafficFunctionName", wanted)
    assert (accepted["records"], accepted["windows"]) == (60, [wild["window"]])
    assert stack.until(lambda: stack.mails("accepted new traffic", OWNER))

    stack.quiet()
    summary = read(stack.reader, run["run_id"])
    assert (summary["approval"]["approver"], summary["approval"]["decision"]) == (APPROVER, "approved")
    assert summary["approval"]["decided_at"]
    assert summary["release"]["endpoint"] == endpoint
    assert [window["verdict"] for window in summary["monitoring"] if window["records"]] == ["OK", "ALARM"]
    assert {execution["status"] for execution in summary["executions"]} == {"SUCCEEDED"}, stack.causes()
    assert summary["seconds"]["evaluation.EvaluateCandidates"] > 0

    key = of_spki(stack.target.client("kms").get_public_key(KeyId=stack.outputs["AuditKeyArn"])["PublicKey"])
    proof = stack.until(lambda: (found := prove(stack.target, run["run_id"], key))["signed"] == found["rows"] and found)
    assert proof["faults"] == []
    steps = [row.step for row in rows(stack.target.ledger, run["run_id"])]
    assert list(dict.fromkeys(steps)) == [
        "data",
        "job",
        "answers",
        "report",
        "package",
        "decision",
        "registry",
        "release",
        "baseline",
    ]


def test_a_run_is_followed_by_its_id_through_events_logs_jobs_and_mails(stack: Life) -> None:
    stack.save(use_case("followed"))
    listening, began = Listener(stack), stack.aws.clock.now()

    stack.drop("inbox/followed/new.jsonl", SUMS)
    run = stack.run("followed", "awaiting_approval")
    run_id = run["run_id"]
    people.approve(stack.approval_link(run_id), "tuned", "better on held-out rows")
    release = stack.released(run_id)
    stack.quiet()

    told = {event["detail-type"] for event in listening.heard() if run_id in json.dumps(event["detail"])}
    assert told >= {"EvaluationCompleted", "ApprovalRequested", "ApprovalDecided", "ModelReleased"}
    sagemaker = stack.target.client("sagemaker")
    jobs = [
        *sagemaker.list_training_jobs(NameContains=run_id)["TrainingJobSummaries"],
        *sagemaker.list_processing_jobs(NameContains=run_id)["ProcessingJobSummaries"],
    ]
    arns = [job.get("TrainingJobArn") or job["ProcessingJobArn"] for job in jobs]
    tags = [{tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]} for arn in arns]
    assert len(arns) >= 3
    assert {one.get("fmops:run-id") for one in tags} == {run_id}, tags
    executions = [stack.ended(arn) for arn in (run["execution_arn"], release["execution_arn"])]
    assert [run_id in one["name"] + one["input"] for one in executions] == [True, True]
    lines = _logged(stack, began)
    assert {line["service"] for line in lines if run_id in str(line)} >= SERVICES
    assert [line["message"] for line in lines if line["service"] in SERVICES and run_id not in str(line)] == []
    heard = {line["job"] for line in lines if line["message"] == "news of a job" and line["run_id"] == run_id}
    assert heard >= {job.get("TrainingJobName") or job["ProcessingJobName"] for job in jobs}
    for words, who in (("Approve", APPROVER), ("a new model serves", OWNER)):
        assert stack.until(lambda: [mail for mail in stack.mails(run_id, who) if words in mail["subject"]])  # noqa: B023


class Listener:
    """A queue for everything that the stack's bus carries from now on."""

    def __init__(self, stack: Life) -> None:
        self._sqs, events = stack.target.client("sqs"), stack.target.client("events")
        self._url = self._sqs.create_queue(QueueName="fmops-listener")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        bus, pattern = stack.outputs["BusName"], json.dumps({"source": ["fmops"]})
        events.put_rule(Name="fmops-listener", EventBusName=bus, EventPattern=pattern)
        events.put_targets(Rule="fmops-listener", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])

    def heard(self) -> list[dict[str, Any]]:
        found = []
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found


def _logged(stack: Life, began: float) -> list[dict[str, Any]]:
    """What functions have logged since then."""
    pages = (
        stack.target.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName="/fmops/functions", startTime=int(began * 1000))
    )
    texts = [event["message"] for page in pages for event in page["events"]]
    lines = [json.loads(text) for text in texts if text.startswith("{")]
    return [line for line in lines if "service" in line and "message" in line]
