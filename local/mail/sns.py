"""SNS on top of moto's records: real deliveries, filters, and e-mail addresses that must confirm."""

import json
import uuid
from typing import Any, Final

import moto.sns.models
import moto.sns.responses
from moto.core.responses import ActionResult
from moto.sns.exceptions import InvalidParameterValue, SNSNotFoundError

from local.events.delivery import Counts, Dispatcher
from local.mail.inbox import Inbox
from local.mail.notifications import SENDER, Message, Notification, Subscriber
from local.mail.patches import Patches
from local.mail.subscriptions import Confirmations, listed, pending
from local.protocol import Aws, NotImplementedByEmbeddedAws

_MAIL_PROTOCOLS: Final = ("email", "email-json")
_PROTOCOLS: Final = (*_MAIL_PROTOCOLS, "sqs", "lambda")
# What the links in mails begin with, on the HTTP API's port.
CONFIRM_PATH: Final = "/_mail/confirm"
UNSUBSCRIBE_PATH: Final = "/_mail/unsubscribe"


class Sns:
    """Replaces how moto publishes and subscribes, from start to stop. moto calls it with its own lock held."""

    def __init__(self, aws: Aws, inbox: Inbox) -> None:
        self._aws = aws
        self._inbox = inbox
        self.confirmations = Confirmations()
        self._dispatcher = Dispatcher(aws.clock, "sns", workers=4)
        self._patches = Patches()

    def start(self) -> None:
        self._dispatcher.start()
        part = self

        def publish(topic: Any, message: str, subject: str | None = None, **options: Any) -> str:
            return part._publish(topic, message, subject, options)

        def subscribe(response: Any) -> Any:
            return part._subscribed(response, before(response))

        def confirm(response: Any) -> Any:
            arn = part._confirm(response.backend, response._get_param("Token"))
            if str(response._get_param("AuthenticateOnUnsubscribe")).lower() == "true":
                part.confirmations.guard(arn)
            return ActionResult({"SubscriptionArn": arn})

        def list_all(response: Any) -> Any:
            return _listed(*response.backend.list_subscriptions(next_token=response._get_param("NextToken")))

        def list_by_topic(response: Any) -> Any:
            topic, token = response._get_param("TopicArn"), response._get_param("NextToken")
            return _listed(*response.backend.list_subscriptions_by_topic(topic, next_token=token))

        responses = moto.sns.responses.SNSResponse
        self._patches.set(moto.sns.models.Topic, "publish", publish)
        self._patches.set(moto.sns.models.SNSBackend, "publish_batch", _no_batch)
        before = self._patches.set(responses, "subscribe", subscribe)
        self._patches.set(responses, "confirm_subscription", confirm)
        self._patches.set(responses, "list_subscriptions", list_all)
        self._patches.set(responses, "list_subscriptions_by_topic", list_by_topic)
        self._patches.set(responses, "get_topic_attributes", _counting(responses.get_topic_attributes))

    def stop(self) -> None:
        self._patches.undo()
        self._dispatcher.stop()

    @property
    def counts(self) -> Counts:
        """Deliveries since the start: delivered, buried, lost."""
        return self._dispatcher.counts

    def drain(self, timeout: float, *, retries: bool = True) -> bool:
        """Wait (real seconds) until no message is in flight."""
        return self._dispatcher.drain(timeout, retries=retries)

    # ---------------------------------------------------------------- links

    def confirm(self, token: str) -> str:
        """Confirm the subscription of a mail's link; its ARN. AwsError for a token that is no good."""
        arn = self.confirmations.confirmed(token, self._aws.clock.now())
        topic = arn.rpartition(":")[0]
        self._aws.client("sns").confirm_subscription(TopicArn=topic, Token=token)
        return arn

    def unsubscribe(self, token: str) -> str:
        """End the subscription of a mail's link; its ARN. AwsError for a token that is no good."""
        arn = self.confirmations.unsubscribed(token)
        self._aws.client("sns").unsubscribe(SubscriptionArn=arn)
        return arn

    # ---------------------------------------------------------------- in moto's place

    def _publish(self, topic: Any, message: str, subject: str | None, options: dict[str, Any]) -> str:
        if topic.fifo_topic:
            raise NotImplementedByEmbeddedAws("publishing to FIFO topics")
        structured = options.get("message_structure") == "json"
        if structured:
            _check_structure(message)
        sent = Message(
            id=str(uuid.uuid4()),
            topic=topic.arn,
            subject=subject,
            body=message,
            structured=structured,
            attributes=options.get("message_attributes") or {},
            sent_at=self._aws.clock.iso(),
        )
        for subscription in topic.sns_backend._get_topic_subscriptions(topic):
            if pending(subscription):
                continue
            subscriber = _subscriber(subscription)
            if subscriber.wants(sent):
                url = self._link(UNSUBSCRIBE_PATH, self.confirmations.unsubscribe_token(subscriber.arn))
                self._dispatcher.submit(Notification(self._aws, self._inbox, sent, subscriber, url))
        # moto's own record, which its tests and tools look at.
        topic.sent_notifications.append((sent.id, message, subject, options.get("message_attributes"), None))
        return sent.id

    def _subscribed(self, response: Any, result: Any) -> Any:
        protocol = response._get_param("Protocol")
        arn = result.result["SubscriptionArn"]
        subscription = response.backend.subscriptions[arn]
        if protocol not in _PROTOCOLS:
            del response.backend.subscriptions[arn]
            raise NotImplementedByEmbeddedAws(f"SNS subscriptions of the protocol {protocol}")
        if protocol in _MAIL_PROTOCOLS and not subscription.confirmed:
            subscription.attributes["PendingConfirmation"] = True
            subscription.attributes["ConfirmationWasAuthenticated"] = False
            self._ask(subscription)
        wanted = str(response._get_param("ReturnSubscriptionArn")).lower() == "true"
        shown = arn if wanted or not pending(subscription) else "pending confirmation"
        return ActionResult({"SubscriptionArn": shown})

    def _ask(self, subscription: Any) -> None:
        token = self.confirmations.ask(subscription.arn, self._aws.clock.now())
        link = self._link(CONFIRM_PATH, token)
        self._inbox.put(
            to=subscription.endpoint,
            sender=SENDER,
            subject="AWS Notification - Subscription Confirmation",
            text=(
                f"You have chosen to subscribe to the topic:\n{subscription.topic_arn}\n\n"
                "To confirm this subscription, click or visit the link below (If this was in error no action is "
                f"necessary):\n{link}\n"
            ),
            sent_at=self._aws.clock.iso(),
            message_id=str(uuid.uuid4()),
            topic=subscription.topic_arn,
        )

    def _confirm(self, backend: Any, token: str) -> str:
        arn = self.confirmations.confirmed(token, self._aws.clock.now())
        subscription = backend.subscriptions.get(arn)
        if subscription is None:
            raise SNSNotFoundError("Subscription does not exist")
        subscription.confirmed = True
        subscription.attributes["PendingConfirmation"] = False
        return arn

    def _link(self, path: str, token: str) -> str:
        return f"{self._aws.api_url}{path}?token={token}"


def _subscriber(subscription: Any) -> Subscriber:
    attributes = subscription.attributes
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    return Subscriber(
        arn=subscription.arn,
        protocol=subscription.protocol,
        endpoint=subscription.endpoint,
        filter_policy=subscription._filter_policy,
        filter_scope=attributes.get("FilterPolicyScope") or "MessageAttributes",
        raw=bool(attributes.get("RawMessageDelivery")),
        dead_letters=redrive.get("deadLetterTargetArn"),
    )


def _listed(subscriptions: list[Any], next_token: Any) -> Any:
    shown = [listed(subscription) for subscription in subscriptions]
    return ActionResult({"Subscriptions": shown, "NextToken": next_token})


def _counting(before: Any) -> Any:
    """Topic attributes with the numbers of subscriptions that moto does not count."""

    def get_topic_attributes(response: Any) -> Any:
        result = before(response)
        topic = response.backend.get_topic(response._get_param("TopicArn"))
        waiting = [pending(each) for each in response.backend._get_topic_subscriptions(topic)]
        result.result["Attributes"]["SubscriptionsPending"] = sum(waiting)
        result.result["Attributes"]["SubscriptionsConfirmed"] = len(waiting) - sum(waiting)
        return result

    return get_topic_attributes


def _check_structure(message: str) -> None:
    try:
        texts = json.loads(message)
    except ValueError as error:
        raise InvalidParameterValue(
            "Invalid parameter: Message Structure - JSON message body failed to parse"
        ) from error
    if not isinstance(texts, dict) or "default" not in texts:
        raise InvalidParameterValue("Invalid parameter: Message Structure - No default entry in JSON message body")


def _no_batch(*_args: Any, **_options: Any) -> Any:
    raise NotImplementedByEmbeddedAws("PublishBatch of SNS")
