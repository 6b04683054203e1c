"""One SNS message on its way to one subscriber."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from local.events.delivery import Failure, RetryPolicy
from local.events.patterns import compile_object
from local.events.router import text_attributes
from local.events.targets import Sender, calling, refuse_lambda_unless_allowed, send_to_queue
from local.mail.inbox import Inbox
from local.protocol import Aws

SENDER: Final = "no-reply@sns.amazonaws.com"
_PRINCIPAL: Final = "sns.amazonaws.com"
# SNS retries for AWS-managed endpoints far longer; what fails for half an hour here will not get better.
_RETRY: Final = RetryPolicy(maximum_attempts=10, maximum_age_seconds=1800)

Attributes = Mapping[str, Mapping[str, str]]
"""Message attributes by name: Type and Value."""


@dataclass(frozen=True)
class Message:
    """What was published."""

    id: str
    topic: str
    subject: str | None
    body: str
    structured: bool
    """Whether the body is JSON with a text for each protocol."""
    attributes: Attributes
    sent_at: str

    def body_for(self, protocol: str) -> str:
        """The text for a protocol."""
        if not self.structured:
            return self.body
        texts = json.loads(self.body)
        return str(texts.get(protocol, texts["default"]))


@dataclass(frozen=True)
class Subscriber:
    """A subscription as it was when the message was published."""

    arn: str
    protocol: str
    endpoint: str
    filter_policy: Mapping[str, Any] | None
    filter_scope: str
    raw: bool
    dead_letters: str | None

    def wants(self, message: Message) -> bool:
        """Whether the filter policy lets the message through."""
        if not self.filter_policy:
            return True
        matches = compile_object(dict(self.filter_policy))
        if self.filter_scope == "MessageAttributes":
            return matches({name: _value(attribute) for name, attribute in message.attributes.items()})
        try:
            body = json.loads(message.body_for(self.protocol))
        except ValueError:
            return False
        return isinstance(body, dict) and matches(body)


def _value(attribute: Mapping[str, str]) -> Any:
    kind, value = attribute["Type"], attribute["Value"]
    if kind == "Number":
        return float(value)
    if kind == "String.Array":
        return json.loads(value)
    # Binary attributes cannot be filtered on: an object matches nothing.
    return {} if kind.startswith("Binary") else value


@dataclass(frozen=True)
class Notification:
    """A delivery."""

    aws: Aws
    inbox: Inbox
    message: Message
    subscriber: Subscriber
    unsubscribe_url: str
    retry: RetryPolicy = _RETRY

    @property
    def name(self) -> str:
        return f"SNS message {self.message.id} to {self.subscriber.protocol} {self.subscriber.endpoint}"

    def attempt(self, number: int) -> None:  # noqa: ARG002 - receivers are told no attempt numbers
        """Deliver once. Raises DeliveryError."""
        deliver = {"email": self._mail, "email-json": self._mail, "lambda": self._invoke, "sqs": self._send}
        calling(deliver[self.subscriber.protocol])

    def bury(self, failure: Failure) -> bool:
        """Send to the subscription's own dead-letter queue. Raises DeliveryError."""
        queue = self.subscriber.dead_letters
        if queue is None:
            return False
        attributes = text_attributes({"ERROR_CODE": failure.code, "ERROR_MESSAGE": failure.message or failure.code})
        calling(lambda: send_to_queue(self.aws, self._sender, queue, self._envelope(), MessageAttributes=attributes))
        return True

    @property
    def _sender(self) -> Sender:
        return Sender(_PRINCIPAL, self.message.topic, None)

    @property
    def _body(self) -> str:
        return self.message.body_for(self.subscriber.protocol)

    def _mail(self) -> None:
        plain = self.subscriber.protocol == "email"
        self.inbox.put(
            to=self.subscriber.endpoint,
            sender=SENDER,
            subject=self.message.subject or "AWS Notification Message",
            text=f"{self._body}\n\n{_footer(self.unsubscribe_url)}" if plain else self._envelope(),
            sent_at=self.message.sent_at,
            message_id=self.message.id,
            topic=self.message.topic,
        )

    def _send(self) -> None:
        if not self.subscriber.raw:
            send_to_queue(self.aws, self._sender, self.subscriber.endpoint, self._envelope())
            return
        attributes = {
            name: {"DataType": attribute["Type"], "StringValue": attribute["Value"]}
            for name, attribute in self.message.attributes.items()
        }
        send_to_queue(self.aws, self._sender, self.subscriber.endpoint, self._body, MessageAttributes=attributes)

    def _invoke(self) -> None:
        refuse_lambda_unless_allowed(self.aws, _PRINCIPAL, self.message.topic, self.subscriber.endpoint)
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.subscriber.arn,
            "Sns": {
                **self._notification("SigningCertUrl", "UnsubscribeUrl"),
                "MessageAttributes": self.message.attributes,
            },
        }
        self.aws.lambdas.invoke(self.subscriber.endpoint, json.dumps({"Records": [record]}).encode(), "Event")

    def _envelope(self) -> str:
        notification = self._notification("SigningCertURL", "UnsubscribeURL")
        if self.message.subject is None:
            del notification["Subject"]
        if self.message.attributes:
            notification["MessageAttributes"] = self.message.attributes
        return json.dumps(notification, indent=2)

    def _notification(self, certificate: str, unsubscribe: str) -> dict[str, Any]:
        return {
            "Type": "Notification",
            "MessageId": self.message.id,
            "TopicArn": self.message.topic,
            "Subject": self.message.subject,
            "Message": self._body,
            "Timestamp": self.message.sent_at,
            "SignatureVersion": "1",
            # Nobody could check a signature against AWS' certificate: none is made up.
            "Signature": "",
            certificate: "",
            unsubscribe: self.unsubscribe_url,
        }


def _footer(unsubscribe_url: str) -> str:
    return (
        "--\n"
        "If you wish to stop receiving notifications from this topic, please click or visit the link below to "
        f"unsubscribe:\n{unsubscribe_url}\n\n"
        "Please do not reply directly to this email. If you have any questions or comments regarding this email, "
        "please contact us at https://aws.amazon.com/support\n"
    )
