"""Approvers are asked once, each by a mail and a link of their own."""

from typing import Any

import pytest

from fmops.core import wiring
from fmops.core.artifacts import Location
from fmops.core.errors import AlreadyExists, NoApprovers, ResultsUnusable
from fmops.links.people import approver_id, filter_policy
from tests.integration.account import ARTIFACTS

RUN, ANN, BOB = "run-0123456789ab", "ann@example.org", "bob@example.org"


def test_each_approver_gets_one_mail_with_a_link_of_their_own(desk: Any) -> None:
    desk.confirm(ANN, BOB)

    desk.ask()

    (to_ann,), (to_bob,) = desk.mails(ANN), desk.mails(BOB)
    assert "https://api.example.org/approvals/" in to_ann
    assert to_ann != to_bob


def test_the_request_is_written_down_and_announced(desk: Any) -> None:
    desk.confirm(ANN)

    desk.ask()

    assert desk.approval["status"] == "pending"
    assert desk.approval["digest"] == "sha256:" + "ab" * 32
    ((kind, detail),) = desk.account.events()
    assert kind == "ApprovalRequested"
    assert detail["approval_id"] == desk.approval["approval_id"]


def test_nobody_confirmed_raises_at_once_and_leaves_nobody_waiting(desk: Any) -> None:
    with pytest.raises(NoApprovers):
        desk.ask()

    assert desk.account.records(f"RUN#{RUN}")[-1]["status"] == "awaiting_approval"
    assert desk.account.events() == []


def test_somebody_elses_subscription_counts_for_nobody(desk: Any) -> None:
    topic = desk.account.approvals_topic
    desk.account.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="eve@example.org")

    with pytest.raises(NoApprovers):
        desk.ask()


def test_a_retry_sends_no_second_mail_and_binds_the_new_token(desk: Any) -> None:
    desk.confirm(ANN)
    desk.ask("token-1")
    desk.mails(ANN)

    desk.ask("token-2")

    assert desk.mails(ANN) == []
    assert desk.approval["task_token"] == "token-2"
    assert len(desk.account.events()) == 1


def test_a_retry_after_the_decision_is_answered_at_once(desk: Any) -> None:
    desk.confirm(ANN)
    desk.ask("token-1")
    desk.approve(desk.link(ANN))

    desk.ask("token-2")

    assert [token for token, _ in desk.tasks.succeeded] == ["token-1", "token-2"]


def test_what_was_asked_does_not_change_under_the_approvers(desk: Any) -> None:
    desk.confirm(ANN)
    desk.ask()

    with pytest.raises(AlreadyExists):
        desk.ask(digest="sha256:" + "cd" * 32)


def test_a_report_without_a_winner_asks_nobody(desk: Any) -> None:
    desk.confirm(ANN)
    place = Location(ARTIFACTS, f"runs/{RUN}/report.json")
    found = wiring.store().read_json(place)
    found["decision"]["winner"] = None
    wiring.store().write_json(place, found)

    with pytest.raises(ResultsUnusable):
        desk.ask()


def test_subscribing_again_narrows_a_subscription_without_a_filter(desk: Any) -> None:
    topic = desk.account.approvals_topic
    arn = desk.account.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=ANN)["SubscriptionArn"]

    desk.confirm(ANN)

    found = desk.account.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["FilterPolicy"]
    assert found == filter_policy(approver_id(ANN))
    desk.ask()
    assert desk.mails(ANN)
