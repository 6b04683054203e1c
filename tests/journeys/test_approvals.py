"""Approvals on the deployed stack when nobody answers, with mails by SES."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fmops.approval.models import Occasion
from local.demo import people
from tests.fakes.approvals import ANN, BOB, CAT, DAYS, WINNER, Office, office

SENDER = "models@example.com"
DAY = 86_400


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), repo, MailFrom=SENDER) as made:
        made.aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
        yield made


def test_mail_by_ses_has_text_and_html_with_the_same_link(desk: Office) -> None:
    case = desk.ask()

    link = case.link(ANN)

    mail = desk.aws.mailbox.messages(ANN)[0]
    assert (mail.sender, mail.to, mail.topic) == (SENDER, ANN, None)
    assert mail.html is not None
    assert f'href="{link}"' in mail.html
    # Nothing below it that a scanner could open to take the approver off the list.
    assert "unsubscribe" not in mail.text + mail.html
    people.approve(link, WINNER, "")
    assert case.outcome() == "approved"


def test_who_does_not_answer_is_reminded_and_then_a_second_list_is_asked(desk: Office) -> None:
    case = desk.ask(approvers=(ANN, BOB), needed=2, escalate_to=[CAT])
    case.settled(mails=2)
    people.approve(case.link(ANN), WINNER, "")

    desk.aws.clock.advance(DAYS * DAY / 2 + 1)
    case.settled(mails=3)
    reminded = case.mails(BOB)[0]
    desk.aws.clock.advance(DAYS * DAY / 4 + 1)
    case.settled(mails=5)
    people.approve(case.link(CAT), WINNER, "for bob")

    assert "Half of the time to decide is over" in reminded
    assert [mark.partition(":")[0] for mark in case.approval.mailed] == [
        *[Occasion.ASK] * 2,
        Occasion.REMIND,
        *[Occasion.ESCALATE] * 2,
    ]
    assert len(case.mails(ANN)) == 1
    assert case.outcome() == "approved"


def test_nobodys_answer_expires_and_the_owner_is_told(desk: Office) -> None:
    case = desk.ask()
    case.settled(mails=2)
    link = case.link(ANN)

    desk.aws.clock.advance(DAYS * DAY / 2)
    case.settled(mails=4)
    desk.aws.clock.advance(DAYS * DAY / 2 + 1)

    assert case.outcome() == "expired"
    assert case.package["ModelApprovalStatus"] == "Rejected"
    with pytest.raises(people.Refused) as late:
        people.approve(link, WINNER, "too late")
    assert late.value.status == 410
    subject = f"Approval for {case.approval.use_case} expired"
    desk.until(lambda: [alert for alert in desk.alerts() if alert["subject"] == subject])
