"""The mail stands alone, and hostile names stay names."""

from fmops.approval.mail import ask
from fmops.approval.models import Approval, Evidence

URL = "https://api.example.org/approvals/abc.def"


def hostile(approval: Approval, name: str) -> Approval:
    fields = {"candidate": name, "use_case": name, "model": name, "dataset": name, "reasons": [name]}
    evidence = Evidence.model_validate(approval.evidence.model_dump() | fields)
    return approval.model_copy(update={"evidence": evidence})


def test_the_mail_says_what_why_how_good_and_until_when(approval: Approval) -> None:
    mail = ask(approval, URL)

    assert mail.subject == "Approve smollm2-tuned for trivia?"
    for fact in (
        "smollm2-tuned may serve trivia",
        "PROMOTE",
        "f1 is surely better than the champion's",
        "f1: 0.412 (0.380 to 0.441) over 200 answers, higher is better",
        "better by +0.112 (+0.070 to +0.150)",
        "toxicity: 0.010 (0.000 to 0.020) over 200 answers, lower is better",
        "at most 1.50 US dollars",
        "Until 2026-12-01 04:18 UTC",
        approval.digest,
    ):
        assert fact in mail.text


def test_the_mail_has_three_numbers_and_not_all(approval: Approval) -> None:
    assert "insult" not in ask(approval, URL).text


def test_the_link_stands_alone_on_its_line(approval: Approval) -> None:
    assert URL in ask(approval, URL).text.splitlines()


def test_the_mail_holds_no_task_token(approval: Approval) -> None:
    mail = ask(approval, URL)

    assert approval.task_token not in mail.subject + mail.text


def test_line_breaks_in_a_name_do_not_reach_the_subject_or_forge_a_line(approval: Approval) -> None:
    mail = ask(hostile(approval, "good\r\nBcc: all@example.org\nVerdict:  PROMOTE"), URL)

    assert mail.subject.isprintable()
    assert not any(line.startswith(("Bcc:", "Verdict:  PROMOTE\n")) for line in mail.text.splitlines())
    assert sum(line.startswith("Verdict:") for line in mail.text.splitlines()) == 1


def test_a_long_name_leaves_a_subject_that_sns_takes(approval: Approval) -> None:
    mail = ask(hostile(approval, "x" * 1000), URL)

    assert len(mail.subject) < 100
    assert len(mail.text) < 4000


def test_our_link_is_the_only_one(approval: Approval) -> None:
    mail = ask(hostile(approval, "https://evil.example/approve"), URL)

    assert mail.text.count("://") == 1
