"""How an approver's mail gets to them: by SNS as plain text, or by SES with an HTML part beside it."""

from typing import Any, Protocol

from fmops.approval.mail import Mail
from fmops.approval.models import Approver
from fmops.links.people import Topic


class Post(Protocol):
    """Whoever takes mails."""

    def send(self, to: Approver, mail: Mail) -> str:
        """Hand over one approver's mail; its message id."""


class SnsPost:
    """Through the topic of personal mails: the filter on each subscription lets a person's own mails through alone."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    def send(self, to: Approver, mail: Mail) -> str:
        return self._topic.send(to.id, mail.subject, mail.text)


class SesPost:
    """Straight to the address. Who may be written to is still decided by the topic's confirmed subscriptions."""

    def __init__(self, sesv2: Any, sender: str) -> None:
        """`sesv2` is a boto3 client of SES v2, `sender` an address whose identity is verified there."""
        self._sesv2, self._sender = sesv2, sender

    def send(self, to: Approver, mail: Mail) -> str:
        content = {
            "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": mail.text, "Charset": "UTF-8"},
                "Html": {"Data": mail.html, "Charset": "UTF-8"},
            },
        }
        answer = self._sesv2.send_email(
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [to.address]},
            Content={"Simple": content},
        )
        return str(answer["MessageId"])
