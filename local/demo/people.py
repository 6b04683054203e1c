"""What people do in the demonstration: confirm an address, read a mail, open its link, decide, as a browser would."""

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

_LINK = re.compile(r"https?://[^\s<>\"]+")


class Refused(Exception):
    """A page that a server answered instead of doing what was asked."""

    def __init__(self, status: int, page: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.page = status, page


class _Form(HTMLParser):
    """The first form of a page: where it posts, and its fields with their values."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = given.get("action", "")
        elif tag in ("input", "textarea", "button") and given.get("name"):
            if given.get("type") in ("radio", "submit") or tag == "button":
                self.choices.setdefault(given["name"], []).append(given.get("value", ""))
            else:
                self.fields[given["name"]] = given.get("value", "")


def links(text: str) -> list[str]:
    """The links in a mail's text, in their order."""
    return [link.rstrip(".,)") for link in _LINK.findall(text)]


def confirm(mails: Iterable[Mapping[str, Any]]) -> list[str]:
    """Open the link of each of the mails that asks to confirm an address; whose addresses those were."""
    asking = [mail for mail in mails if "confirm" in mail["subject"].lower()]
    for mail in asking:
        open_link(links(mail["text"])[0])
    return [mail["to"] for mail in asking]


def open_link(url: str) -> str:
    """What a browser shows for a link. Refused where the answer is no success."""
    return _read(Request(url))  # noqa: S310 - links of this machine's own mailbox


def approve(url: str, confirmation: str, reason: str) -> str:
    """Open an approver's link, fill in the form that it shows, and post it; the page that follows.

    ValueError where the page holds no such form.
    """
    form = _Form()
    form.feed(open_link(url))
    if form.action is None or "approve" not in form.choices.get("decision", []):
        raise ValueError("the approval page holds no form to approve with")
    fields = {**form.fields, "decision": "approve", "confirmation": confirmation, "reason": reason}
    return post(urljoin(url, form.action) if form.action else url, fields)


def post(url: str, fields: dict[str, str]) -> str:
    """Send a form as a browser does; the page that follows. Refused where the answer is no success."""
    request = Request(url, data=urlencode(fields).encode(), method="POST")  # noqa: S310
    request.add_header("Content-Type", "application/x-www-form-urlencoded")
    return _read(request)


def _read(request: Request) -> str:
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            text: str = answer.read().decode()
            return text
    except HTTPError as error:
        with error:
            raise Refused(error.code, error.read().decode()) from None


def is_for(mail: dict[str, Any], address: str, words: str) -> bool:
    """Whether a mail went to this address and says these words."""
    return mail["to"] == address and words in mail["subject"] + "\n" + mail["text"]
