"""The page shows the evidence, asks for a decision while there is one to make, and runs nothing."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from fmops.approval.models import Approval, Evidence, Status, Vote
from fmops.approval.page import message, review


class Reader(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


def shown(approval: Approval, **more: str) -> Reader:
    return Reader(review(approval, approval.approvers[0], **more))


def vote(approver: str, decision: Any, reason: str = "") -> Vote:
    at = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    return Vote(approver=approver, decision=decision, reason=reason, at=at, nonce="00112233")


def decided(approval: Approval, status: Status) -> Approval:
    changes = {
        "status": status,
        "decided_by": approval.approvers[1].id,
        "decided_at": datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        "reason": "fine",
    }
    return approval.model_copy(update=changes)


def test_a_pending_approval_has_a_form_that_posts_to_its_own_address(approval: Approval) -> None:
    page = shown(approval)

    assert page.named("form") == [{"method": "post", "autocomplete": "off"}]
    assert {field.get("name") for field in page.named("input")} == {"decision", "confirmation"}


def test_no_choice_is_made_in_advance(approval: Approval) -> None:
    assert all("checked" not in field for field in shown(approval).named("input"))


def test_the_page_shows_evidence_digest_and_who_is_asked(approval: Approval) -> None:
    text = shown(approval).text

    facts = ("0.4120.380 to 0.441", "PROMOTE", approval.digest, "a…@example.org (you): has not answered")
    for fact in (*facts, "b…@example.com: has not answered"):
        assert fact in text
    assert "ann@example.org" not in text


def test_the_page_has_no_script_no_outside_resource_and_no_link(approval: Approval) -> None:
    page = shown(approval)

    names = {tag for tag, _ in page.elements}
    assert not names & {"script", "img", "iframe", "link", "a", "object", "embed", "base"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert not any(name in attributes for _, attributes in page.elements for name in ("src", "href", "style"))


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED, Status.EXPIRED, Status.SUPERSEDED])
def test_a_closed_approval_has_no_form(approval: Approval, status: Status) -> None:
    assert shown(decided(approval, status)).named("form") == []


def test_a_closed_approval_says_who_decided_when_and_why(approval: Approval) -> None:
    text = shown(decided(approval, Status.APPROVED)).text

    assert "approved by b…@example.com on 2026-11-25 09:00 UTC" in text
    assert "fine" in text


def test_hostile_names_are_text(approval: Approval) -> None:
    nasty = '</title><script>alert(1)</script><img src=x onerror="x">\u202e'
    fields = {"candidate": nasty, "model": nasty, "reasons": [nasty], "short_name": nasty, "compared_with": nasty}
    evidence = Evidence.model_validate(approval.evidence.model_dump() | fields)

    page = shown(approval.model_copy(update={"evidence": evidence}), reason=nasty + "</textarea><script>")

    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert "\u202e" not in page.text


def test_the_page_holds_no_task_token(approval: Approval) -> None:
    assert approval.task_token not in review(approval, approval.approvers[0])


def test_what_an_approver_typed_is_kept_when_the_form_was_refused(approval: Approval) -> None:
    text = shown(approval, problem="Choose approve or reject", reason="it is\ntoo slow").text

    assert "Choose approve or reject" in text
    assert "it is\ntoo slow" in text


def test_a_message_is_escaped() -> None:
    assert "<script>" not in message("<script>", "<script>")


def test_whoever_has_decided_sees_the_stand_and_no_form(approval: Approval) -> None:
    first, second = approval.approvers
    waiting = approval.model_copy(update={"needed": 2, "votes": [vote(first.id, "approved", "good enough")]})

    page = shown(waiting)

    assert page.named("form") == []
    assert "Waiting for approvals (1 of 2 are there) until 2026-12-01 04:18 UTC" in page.text
    assert "a…@example.org (you): approved on 2026-11-25 09:00 UTC, because: good enough" in page.text
    assert Reader(review(waiting, second)).named("form")


def test_submitter_sees_a_form_with_which_to_reject_only(approval: Approval) -> None:
    barred = approval.approvers[0].model_copy(update={"may_approve": False})

    page = Reader(review(approval, barred))

    assert [field["value"] for field in page.named("input")] == ["reject"]
    assert "somebody else must approve it" in page.text


def test_superseded_request_says_that_a_newer_run_asks(approval: Approval) -> None:
    assert "a newer run took its place" in shown(decided(approval, Status.SUPERSEDED)).text
