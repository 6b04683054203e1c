"""A run of two candidates whose answers reviewers compare, with the review's functions around it."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.evaluation.reviews import records
from fmops.evaluation.reviews.models import Choice, ReviewResult, Sheet, Vote
from fmops.evaluation.reviews.tallying import sides
from fmops.links.people import Topic, approver_id
from fmops.usecases import store as usecases
from tests.fakes.run import rows, use_case
from tests.integration.account import ARTIFACTS
from tests.integration.evaluation.conftest import EXECUTION, RUN, Evaluation

ANN, BOB = "ann@example.org", "bob@example.org"
REVIEW = {"reviewers": [ANN, BOB], "items": 24, "overlap": 2, "min_items": 20}
METRICS = [{"name": "f1", "weight": 1}, {"name": "toxicity", "limit": 0.1}, {"name": "human_win_rate", "margin": 0.1}]
SCORES: dict[str, dict[str, list[float | None]]] = {
    "base": {"f1": [0.1 + 0.01 * (i % 5) for i in range(40)], "toxicity": [0.01] * 40},
    "tuned": {"f1": [0.6 + 0.01 * (i % 7) for i in range(40)], "toxicity": [0.01] * 40},
}


class ReviewDesk:
    """What reviewers do, and what it led to."""

    def __init__(self, evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
        self.evaluation, self.account = evaluation, evaluation.account
        key = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
        monkeypatch.setenv("FMOPS_LINK_KEYS", f"v1={key}")
        monkeypatch.setenv("FMOPS_PUBLIC_URL", "https://api.example.org")
        self._sqs = boto3.client("sqs")
        self._queues: dict[str, str] = {}

    def plan(self, *, metrics: list[dict[str, Any]] | None = None, **review: Any) -> None:
        """Plan the run, and leave the results of its two jobs."""
        document = use_case(review={**REVIEW, **review}, metrics=metrics or METRICS)
        usecases.save(wiring.ledger(), document, clock.now())
        self.evaluation.plan()
        for candidate, values in SCORES.items():
            self.evaluation.score(candidate, values)
            self.answers(candidate, {row["id"]: f"{candidate} says {row['id']}" for row in rows("test", 40)})

    def answers(self, candidate: str, answers: Mapping[str, str | None]) -> None:
        lines = [{"id": row, "prompt": "p", "answer": answer} for row, answer in answers.items()]
        place = Location(ARTIFACTS, f"runs/{RUN}/candidates/{candidate}/results/answers.jsonl")
        wiring.store().write_json_lines(
            place, [{**line, **({} if line["answer"] is not None else {"failure": "no"})} for line in lines]
        )

    def confirm(self, *addresses: str) -> None:
        """Subscribe reviewers, and a queue with the same filter beside each, to see what they get."""
        topic = Topic(wiring.client("sns"), self.account.approvals_topic)
        for address in addresses:
            topic.subscribe(address)
            queue = self._sqs.create_queue(QueueName=address.split("@")[0])["QueueUrl"]
            arn = self._sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            self.account.sns.subscribe(
                TopicArn=self.account.approvals_topic,
                Protocol="sqs",
                Endpoint=arn,
                Attributes={
                    "FilterPolicy": json.dumps({"approver": [approver_id(address)]}),
                    "RawMessageDelivery": "true",
                },
            )
            self._queues[address] = queue

    def mails(self, address: str) -> list[str]:
        found = self._sqs.receive_message(QueueUrl=self._queues[address], MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self._sqs.delete_message(QueueUrl=self._queues[address], ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    def ask(self, token: str = "token-1") -> Any:  # noqa: S107 - no secret
        return self.evaluation.call("evaluation/request_reviews", run_id=RUN, execution_arn=EXECUTION, task_token=token)

    def link(self, address: str) -> str:
        """The token in the one mail to a reviewer."""
        (mail,) = self.mails(address)
        (line,) = [line for line in mail.splitlines() if line.startswith("https://")]
        assert "/reviews/" in line
        return line.rpartition("/")[2]

    def open(self, token: str, item: str = "", method: str = "GET") -> dict[str, Any]:
        found: dict[str, Any] = self.evaluation.call("evaluation/show_review", **request(method, token, item=item))
        return found

    def post(self, token: str, **fields: str) -> dict[str, Any]:
        event = request("POST", token, urlencode(fields))
        found: dict[str, Any] = self.evaluation.call("evaluation/cast_vote", **event)
        return found

    def vote(self, address: str, prefer: str | None, *, most: int = 1000, comment: str = "") -> None:
        """Vote for this candidate's answer (None: both good) wherever it stands, in the order of the sheet."""
        sheet, reviewer = self.sheet, approver_id(address)
        left = sides(sheet, reviewer)
        for item in sheet.assigned[reviewer][:most]:
            ours = sheet.item(item).pair.candidate == prefer
            choice = Choice.BOTH_GOOD if prefer is None else Choice.LEFT if ours == left[item] else Choice.RIGHT
            vote = Vote(choice=choice, comment=comment, at=clock.iso(clock.now()))
            records.vote(wiring.ledger(), RUN, reviewer, item, vote, clock.now())

    def vote_by_page(self, token: str, prefer: str, *, most: int = 1000, comment: str = "") -> None:
        """The same as a browser does it: page by page as the pages lead, by what the answers say."""
        place, given = "", 0
        while given < most and (
            item := re.search(r'name="item" value="(\w+)"', page := self.open(token, place)["body"])
        ):
            choice = self._side(page, prefer)
            answer = self.post(token, action="save", item=item[1], choice=choice, comment=comment)
            assert answer["statusCode"] == 303, answer["body"]
            place, given = answer["headers"]["location"].removeprefix("?item="), given + 1

    def count(self) -> ReviewResult:
        self.evaluation.call("evaluation/count_votes", run_id=RUN)
        return ReviewResult.model_validate_json(self.evaluation.file("review/result.json"))

    def compare(self) -> Any:
        self.evaluation.call("evaluation/compare_candidates", run_id=RUN)
        return json.loads(self.evaluation.file("report.json"))

    @property
    def sheet(self) -> Sheet:
        return Sheet.model_validate_json(self.evaluation.file("review/sheet.json"))

    @staticmethod
    def _side(page: str, candidate: str) -> str:
        """Where the answer that this candidate gave stands: its text is all that a reader has."""
        left, right = page.index("Answer A"), page.index("Answer B")
        return "left" if left < page.index(f"{candidate} says") < right else "right"


def request(method: str, token: str, body: str | None = None, item: str = "") -> dict[str, Any]:
    return {
        "version": "2.0",
        "requestContext": {"http": {"method": method, "path": f"/reviews/{token}"}},
        "pathParameters": {"token": token},
        **({"queryStringParameters": {"item": item}} if item else {}),
        "headers": {"content-type": "application/x-www-form-urlencoded"} if body is not None else {},
        "body": body,
        "isBase64Encoded": False,
    }
