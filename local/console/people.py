"""What people get and must do: the mails, and what waits for somebody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fmops_cli.target import Target
from local.embedded import EmbeddedAws
from local.mail.inbox import Mail
from local.mail.sns import CONFIRM_PATH

_LINK = re.compile(r"https?://[^\s<>\"']+")
_AFTER_A_LINK = ".,;:!?)"


@dataclass(frozen=True)
class Piece:
    """A part of a mail's text; a link where it has an address."""

    text: str
    href: str | None = None


@dataclass(frozen=True)
class Wait:
    """Something that waits for a person."""

    who: str
    what: str
    href: str
    """The mail that asks them."""


def pieces(text: str) -> list[Piece]:
    """A mail's text with its links."""
    found, end = [], 0
    for match in _LINK.finditer(text):
        link = match[0].rstrip(_AFTER_A_LINK)
        found += [Piece(text[end : match.start()]), Piece(link, link)]
        end = match.start() + len(link)
    return [piece for piece in (*found, Piece(text[end:])) if piece.text]


def links(text: str) -> list[str]:
    return [piece.href for piece in pieces(text) if piece.href]


def waits(aws: EmbeddedAws, target: Target) -> list[Wait]:
    """Addresses to confirm, answers to compare and approvals to decide, each with the mail that asks."""
    mails = aws.mailbox.messages()
    return [*_approvals(target, mails), *_reviews(target, mails), *_confirmations(aws, mails)]


def _confirmations(aws: EmbeddedAws, mails: list[Mail]) -> Iterator[Wait]:
    pages = aws.client("sns").get_paginator("list_subscriptions").paginate()
    for subscription in (found for page in pages for found in page["Subscriptions"]):
        if subscription["SubscriptionArn"] != "PendingConfirmation":
            continue
        asked = [
            mail
            for mail in mails
            if (mail.to, mail.topic) == (subscription["Endpoint"], subscription["TopicArn"])
            and any(CONFIRM_PATH in link for link in links(mail.text))
        ]
        if asked:
            topic = subscription["TopicArn"].rpartition("-")[2]
            yield Wait(asked[0].to, f"confirms their address, to get {topic}", f"/mail/{asked[0].number}")


def _approvals(target: Target, mails: list[Mail]) -> Iterator[Wait]:
    for approval in target.ledger.of_kind("approval_open"):
        run_id = approval["run_id"]
        asked: dict[str, Mail] = {}
        for mail in mails:
            if run_id in mail.text and any("/approvals/" in link for link in links(mail.text)):
                asked.setdefault(mail.to, mail)
        for mail in asked.values():
            yield Wait(mail.to, f"decides about {approval['use_case']} ({run_id})", f"/mail/{mail.number}")


def _reviews(target: Target, mails: list[Mail]) -> Iterator[Wait]:
    for ballot in target.ledger.of_kind("ballot", newest=50):
        if ballot["status"] != "open":
            continue
        run_id, address = ballot["run_id"], ballot["address"]
        asked = [
            m for m in mails if m.to == address and run_id in m.text and any("/reviews/" in x for x in links(m.text))
        ]
        if asked:
            yield Wait(address, f"compares answers for {ballot['use_case']} ({run_id})", f"/mail/{asked[0].number}")


def subject(mail: Mail) -> dict[str, Any]:
    """A mail's line in the list."""
    return {"number": mail.number, "to": mail.to, "subject": mail.subject, "at": mail.sent_at}
