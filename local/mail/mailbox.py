"""The mailbox of a local run: all mails that SNS and SES send, and the links in them."""

import html
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import ClientError

from local.events.delivery import Counts
from local.mail.inbox import Inbox, Mail
from local.mail.ses import Ses
from local.mail.sns import CONFIRM_PATH, UNSUBSCRIBE_PATH, Sns
from local.protocol import Aws, AwsError

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class Mailbox:
    """`messages()`, `wait_for()` and `confirm()` for people and tests; `page()` or `wsgi` serve the links."""

    def __init__(self, aws: Aws) -> None:
        self.inbox = Inbox(aws.root / "mailbox")
        self.sns = Sns(aws, self.inbox)
        self._ses = Ses(aws, self.inbox)

    def start(self) -> None:
        self.sns.start()
        self._ses.start()

    def stop(self) -> None:
        self._ses.stop()
        self.sns.stop()

    @property
    def counts(self) -> Counts:
        """SNS deliveries since the start."""
        return self.sns.counts

    def drain(self, timeout: float, *, retries: bool = True) -> bool:
        """Wait (real seconds) until no SNS message is in flight."""
        return self.sns.drain(timeout, retries=retries)

    def messages(self, to: str | None = None) -> list[Mail]:
        """The mails, newest first."""
        return self.inbox.messages(to)

    def wait_for(self, predicate: Callable[[Mail], bool], timeout: float) -> Mail | None:
        """The newest mail that the predicate accepts; None if none came in `timeout` real seconds."""
        return self.inbox.wait_for(predicate, timeout)

    def confirm(self, token: str) -> str:
        """Confirm a subscription as the link in its mail does; its ARN. AwsError for a token that is no good."""
        return self.sns.confirm(token)

    def page(self, path: str, query: str) -> tuple[int, str] | None:
        """What a link in a mail shows, by GET, as AWS' own: status and HTML. None for other paths."""
        actions = {
            CONFIRM_PATH: (self.sns.confirm, "Subscription confirmed!", "You have successfully subscribed."),
            UNSUBSCRIBE_PATH: (self.sns.unsubscribe, "Subscription removed!", "You have been unsubscribed."),
        }
        if path not in actions:
            return None
        act, title, text = actions[path]
        try:
            arn = act(parse_qs(query).get("token", [""])[0])
        except (AwsError, ClientError) as error:
            return HTTPStatus.BAD_REQUEST, _page("This link is not valid", str(error))
        return HTTPStatus.OK, _page(title, f"{text} The subscription's id is: {arn}")

    def wsgi(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """The same as a WSGI application, to be mounted where the paths stay whole."""
        found = self.page(environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        status, text = found or (HTTPStatus.NOT_FOUND, _page("Not found", ""))
        start_response(f"{int(status)} {HTTPStatus(status).phrase}", [("Content-Type", "text/html; charset=utf-8")])
        return [text.encode()]


def _page(title: str, text: str) -> str:
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></html>"
    )
