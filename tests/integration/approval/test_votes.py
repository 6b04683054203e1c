"""Several approvers, four eyes, reminders, the second list, and newer runs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fmops.core import wiring
from fmops.core.errors import NoApprovers

ANN, BOB, CAT = "ann@example.org", "bob@example.org", "cat@example.org"
OWNER = "owner@example.org"
OLD, NEW = "run-00000000aaaa", "run-00000000bbbb"
MORNING, NOON = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)


def two_of_three(desk: Any) -> dict[str, str]:
    desk.use_case(approvers=[ANN, BOB, CAT], approval={"needed": 2})
    desk.confirm(ANN, BOB, CAT)
    desk.ask()
    return {address: desk.link(address) for address in (ANN, BOB, CAT)}


def test_first_of_two_approvals_waits_for_the_second(desk: Any) -> None:
    links = two_of_three(desk)

    first = desk.approve(links[ANN])
    assert first["statusCode"] == 200
    assert "1 of 2 are there" in first["body"]
    assert desk.tasks.succeeded == []

    desk.approve(links[BOB])
    assert desk.approval["status"] == "approved"
    assert [vote["approver"] for vote in desk.approval["votes"]] == [
        approver["id"] for approver in desk.approval["approvers"][:2]
    ]
    assert len(desk.tasks.succeeded) == 1


def test_only_what_nobody_has_decided_is_listed_as_waiting(desk: Any) -> None:
    def waiting() -> list[str]:
        return [record["run_id"] for record in wiring.ledger().of_kind("approval_open")]

    links = two_of_three(desk)
    asked = waiting()
    desk.approve(links[ANN])
    assert asked == waiting() == [desk.approval["run_id"]]

    desk.approve(links[BOB])

    assert waiting() == []


def test_expired_is_not_waiting(desk: Any) -> None:
    two_of_three(desk)

    desk.record()

    assert wiring.ledger().of_kind("approval_open") == []


def test_same_approver_twice_is_one_approval(desk: Any) -> None:
    links = two_of_three(desk)

    codes = [desk.approve(links[ANN])["statusCode"] for _ in range(2)]

    assert codes == [200, 200]
    assert desk.approval["status"] == "pending"
    assert len(desk.approval["votes"]) == 1


def test_approver_cannot_change_their_mind(desk: Any) -> None:
    links = two_of_three(desk)
    desk.approve(links[ANN])

    assert desk.reject(links[ANN])["statusCode"] == 409
    assert desk.approval["status"] == "pending"


def test_one_rejection_rejects(desk: Any) -> None:
    links = two_of_three(desk)
    desk.approve(links[ANN])

    desk.reject(links[BOB])

    assert desk.approval["status"] == "rejected"
    (decision,) = desk.decisions
    assert [vote["decision"] for vote in decision["votes"]] == ["approved", "rejected"]


@pytest.mark.usefixtures("one_at_a_time")
def test_two_votes_at_once_are_both_counted(desk: Any) -> None:
    links = two_of_three(desk)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(desk.approve, (links[ANN], links[BOB])))

    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert desk.approval["status"] == "approved"
    assert len(desk.approval["votes"]) == 2


def test_too_few_approvals_in_time_are_a_rejection_that_says_how_many(desk: Any) -> None:
    links = two_of_three(desk)
    desk.approve(links[ANN])

    assert desk.record()["decision"] == "expired"
    assert desk.approval["reason"] == "1 of 2 approved in time"


def test_submitter_who_is_an_approver_may_reject(desk: Any) -> None:
    desk.use_case(approvers=[OWNER, ANN], approval={"four_eyes": True})
    desk.confirm(OWNER, ANN)
    desk.ask()

    assert desk.reject(desk.link(OWNER))["statusCode"] == 200
    assert desk.approval["status"] == "rejected"


def test_submitter_may_approve_where_the_rule_is_off(desk: Any) -> None:
    desk.use_case(approvers=[OWNER, ANN])
    desk.confirm(OWNER, ANN)
    desk.ask()

    desk.approve(desk.link(OWNER))

    assert desk.approval["status"] == "approved"


class TestBeforeAnythingIsSpent:
    def test_enough_confirmed_approvers_have_a_timetable(self, desk: Any) -> None:
        desk.confirm(ANN)

        assert desk.check() == {"ask_seconds": 302_400, "remind_seconds": 302_400, "escalate_seconds": 0}

    def test_too_few_confirmed_say_who_is_missing_and_what_to_do(self, desk: Any) -> None:
        desk.use_case(approval={"needed": 2})
        desk.confirm(ANN)

        with pytest.raises(NoApprovers) as refused:
            desk.check()

        assert "1 of 2 approvers can approve, and 2 must" in str(refused.value)
        assert "b…@example.org has not confirmed the address" in str(refused.value)
        assert BOB not in str(refused.value)

    def test_submitter_does_not_count_with_four_eyes(self, desk: Any) -> None:
        desk.use_case(approvers=[OWNER, ANN], approval={"four_eyes": True})
        desk.confirm(OWNER)

        with pytest.raises(NoApprovers, match="submitted the run and may not approve it"):
            desk.check()


class TestReminders:
    def test_only_those_who_have_not_answered_are_reminded(self, desk: Any) -> None:
        links = two_of_three(desk)
        desk.approve(links[ANN])

        desk.ask("token-2", occasion="remind")

        assert desk.mails(ANN) == []
        (mail,) = desk.mails(BOB)
        assert "Half of the time to decide is over" in mail
        assert "1 of 2 has approved so far" in mail

    def test_links_of_mail_and_reminder_are_both_good_and_count_once(self, desk: Any) -> None:
        links = two_of_three(desk)
        desk.ask("token-2", occasion="remind")
        again = desk.link(ANN)

        codes = [desk.approve(links[ANN])["statusCode"], desk.approve(again)["statusCode"]]

        assert codes == [200, 200]
        assert len(desk.approval["votes"]) == 1

    def test_a_retry_reminds_nobody_twice(self, desk: Any) -> None:
        two_of_three(desk)

        desk.ask("token-2", occasion="remind")
        desk.ask("token-3", occasion="remind")

        assert len(desk.mails(ANN)) == 1
        assert desk.approval["task_token"] == "token-3"

    def test_a_decision_between_two_waits_is_told_to_the_second(self, desk: Any) -> None:
        links = two_of_three(desk)
        desk.reject(links[ANN])

        desk.ask("token-2", occasion="remind")

        assert [token for token, _ in desk.tasks.succeeded] == ["token-1", "token-2"]
        assert desk.mails(BOB) == []

    def test_expired_reminder_link_is_no_longer_than_the_request(
        self, desk: Any, later: Callable[[timedelta], None]
    ) -> None:
        two_of_three(desk)
        later(timedelta(days=4))
        desk.ask("token-2", occasion="remind")
        link = desk.link(BOB)
        later(timedelta(days=3, seconds=1))

        assert desk.open(link)["statusCode"] == 410


class TestTheSecondList:
    @pytest.fixture(autouse=True)
    def asked(self, desk: Any) -> None:
        desk.use_case(approvers=[ANN], approval={"escalate_to": [CAT]})
        desk.confirm(ANN, CAT)
        desk.ask()

    def test_is_not_asked_at_first(self, desk: Any) -> None:
        assert desk.mails(CAT) == []

    def test_is_asked_when_most_of_the_time_is_over_and_can_decide(self, desk: Any) -> None:
        desk.ask("token-2", occasion="escalate")

        assert desk.approve(desk.link(CAT))["statusCode"] == 200
        assert desk.approval["status"] == "approved"

    def test_does_not_stop_the_first_list_from_deciding(self, desk: Any) -> None:
        link = desk.link(ANN)
        desk.ask("token-2", occasion="escalate")
        desk.ask("token-3", occasion="escalate")

        assert "too few have answered" in desk.mails(CAT)[0]
        desk.reject(link)
        assert desk.approval["status"] == "rejected"
        assert len(desk.approval["approvers"]) == 2


class TestNewerRuns:
    @pytest.fixture(autouse=True)
    def runs(self, desk: Any) -> None:
        desk.add_run(OLD, MORNING)
        desk.add_run(NEW, NOON)
        desk.confirm(ANN)

    def test_newer_run_closes_the_request_that_waits(self, desk: Any) -> None:
        desk.ask("old", OLD)
        link = desk.link(ANN)

        desk.ask("new", NEW)

        assert [(token, "superseded" in output) for token, output in desk.tasks.succeeded] == [("old", True)]
        assert desk.approval_of(OLD)["reason"] == f"{NEW} asks instead"
        assert f"replaces the request about {OLD}" in desk.mails(ANN)[0]
        assert desk.approve(link)["statusCode"] == 409
        assert desk.record(OLD)["decision"] == "superseded"

    def test_both_are_announced(self, desk: Any) -> None:
        desk.ask("old", OLD)
        desk.account.events()

        desk.ask("new", NEW)

        found = {(kind, detail["run_id"], detail.get("decision")) for kind, detail in desk.account.events()}
        assert found == {("ApprovalRequested", NEW, None), ("ApprovalDecided", OLD, "superseded")}

    def test_older_run_that_comes_late_does_not_ask(self, desk: Any) -> None:
        desk.ask("new", NEW)
        desk.mails(ANN)

        desk.ask("old", OLD)

        assert desk.mails(ANN) == []
        assert [token for token, _ in desk.tasks.succeeded] == ["old"]
        assert desk.approval_of(NEW)["status"] == "pending"

    def test_decided_request_is_left_as_it_is(self, desk: Any) -> None:
        desk.ask("old", OLD)
        desk.approve(desk.link(ANN))

        desk.ask("new", NEW)

        assert desk.approval_of(OLD)["status"] == "approved"
        assert desk.approval_of(NEW)["supersedes"] is None

    def test_a_crash_before_the_older_one_was_told_is_made_good_by_the_retry(
        self, desk: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.ask("old", OLD)
        with monkeypatch.context() as crash:
            crash.setattr("fmops.approval.turns.records.supersede", _crash)
            with pytest.raises(RuntimeError):
                desk.ask("new", NEW)
        assert desk.approval_of(OLD)["status"] == "pending"

        desk.ask("new-2", NEW)

        assert desk.approval_of(OLD)["status"] == "superseded"

    def test_a_retry_of_the_newer_one_closes_nothing_else(self, desk: Any) -> None:
        desk.ask("old", OLD)
        desk.ask("new", NEW)

        desk.ask("new-2", NEW)

        assert [token for token, _ in desk.tasks.succeeded] == ["old"]
        assert desk.approval_of(NEW)["status"] == "pending"


def _crash(*_: Any) -> None:
    raise RuntimeError("the process is gone")
