"""The mail stands alone, and hostile names stay names."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from fmops.approval.mail import Mail, write
from fmops.approval.models import Approval, Evidence, Occasion, Vote

URL = "https://api.example.org/approvals/v1.abc.def"
HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "line breaks": "good\r\nBcc: all@example.org\nVerdict:  PROMOTE",
    "long": "x" * 1000,
    "right to left": "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd",
    "a link": "https://evil.example/approve",
}


class Reader(HTMLParser):
    """The elements and the text of a mail's HTML."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def asked(approval: Approval, occasion: Occasion = Occasion.ASK) -> Mail:
    return write(approval, approval.approvers[0], occasion, URL)


def named(approval: Approval, name: str) -> Approval:
    fields = {"candidate": name, "use_case": name, "model": name, "dataset": name, "reasons": [name], "verdict": name}
    evidence = Evidence.model_validate(approval.evidence.model_dump() | fields)
    return approval.model_copy(update={"evidence": evidence})


FACTS = (
    "May smollm2-tuned serve trivia?",
    "You are one of 2 people who are asked; 1 approval is needed.",
    "PROMOTE",
    "f1 is surely better than the champion's",
    "0.412 (0.380 to 0.441)",
    "+0.112 (+0.070 to +0.150)",
    "0.010 (0.000 to 0.020)",
    "lower is better",
    "at most 1.50 US dollars",
    "2026-12-01 04:18 UTC; without a decision by then it is rejected",
    "sha256:" + "ab" * 32,
)


@pytest.mark.parametrize("fact", FACTS)
def test_text_and_html_say_what_why_how_good_what_it_cost_and_until_when(approval: Approval, fact: str) -> None:
    mail = asked(approval)

    assert fact in mail.text
    assert fact in Reader(mail.html).text


def test_subject_says_what_is_asked_and_until_when(approval: Approval) -> None:
    assert asked(approval).subject == "Approve smollm2-tuned for trivia? Until 2026-12-01 04:18 UTC"


def test_numbers_are_three_and_not_all(approval: Approval) -> None:
    assert "insult" not in asked(approval).text + asked(approval).html


def test_link_stands_alone_on_its_line_and_is_the_only_one_of_the_html(approval: Approval) -> None:
    mail = asked(approval)

    assert URL in mail.text.splitlines()
    assert Reader(mail.html).links == [URL]


def test_lines_fit_a_mail_program_that_does_not_wrap(approval: Approval) -> None:
    assert max(map(len, asked(approval).text.splitlines())) <= 120


def test_reminder_says_that_it_is_one_and_who_has_approved(approval: Approval) -> None:
    vote = Vote(
        approver=approval.approvers[1].id,
        decision="approved",
        reason="",
        at=datetime(2026, 11, 25, tzinfo=UTC),
        nonce="00112233",
    )
    waiting = approval.model_copy(update={"needed": 2, "votes": [vote]})

    mail = asked(waiting, Occasion.REMIND)

    assert mail.subject.startswith("Reminder: approve smollm2-tuned for trivia?")
    assert "Half of the time to decide is over, and you have not answered; 2 approvals are needed." in mail.text
    assert "1 of 2 has approved so far." in mail.text


def test_escalation_says_why_the_second_list_is_asked(approval: Approval) -> None:
    assert "too few have answered" in asked(approval, Occasion.ESCALATE).text


def test_submitter_is_told_that_somebody_else_must_approve(approval: Approval) -> None:
    barred = approval.approvers[0].model_copy(update={"may_approve": False})

    assert "somebody else must approve it" in write(approval, barred, Occasion.ASK, URL).text


def test_request_that_took_the_place_of_another_says_so(approval: Approval) -> None:
    mail = asked(approval.model_copy(update={"supersedes": "run-older"}))

    assert "This replaces the request about run-older, which is closed." in mail.text


def test_mail_holds_no_task_token(approval: Approval) -> None:
    assert approval.task_token not in "".join(asked(approval))


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_stay_names(approval: Approval, name: str) -> None:
    mail = asked(named(approval, name))
    lines = mail.text.splitlines()

    assert mail.subject.isprintable()
    assert len(mail.subject) < 100
    assert "Until 2026-12-01 04:18 UTC" in mail.subject
    assert len(mail.text) < 4000
    assert "\u202e" not in mail.subject + mail.text + mail.html
    assert sum(line.startswith("Verdict:") for line in lines) == 1
    assert not any(line.startswith("Bcc:") for line in lines)
    assert mail.text.count("://") == 1
    assert not {"script", "img"} & set(Reader(mail.html).tags)
    assert Reader(mail.html).links == [URL]
