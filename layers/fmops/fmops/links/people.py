"""Who is asked: opaque ids of people, and the topic through which each gets mail of their own."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from fmops.core.ids import short_hash

ATTRIBUTE = "approver"
"""The message attribute that a subscription filters on."""


def approver_id(address: str) -> str:
    """What stands for a person in links, messages and filters, whatever they are asked.

    The same in every use case: SNS holds one subscription, and so one filter, for an address on a topic.
    """
    return short_hash("approver", address.strip().lower(), length=16)


def filter_policy(approver: str) -> str:
    """The filter of a person's subscription, as the topic wants it."""
    return json.dumps({ATTRIBUTE: [approver]})


class Topic:
    """The dedicated topic of mails that ask one person."""

    def __init__(self, sns: Any, arn: str) -> None:
        """`sns` is a boto3 client of SNS."""
        self._sns, self._arn = sns, arn

    def subscribe(self, address: str) -> None:
        """Subscribe a person to their own mails alone. They get a mail to confirm; doing it again is no harm."""
        policy = filter_policy(approver_id(address))
        for subscription in self._subscriptions():
            if subscription["Endpoint"].lower() == address.lower() and _is_confirmed(subscription):
                # AWS refuses to subscribe again with another filter, and who has none would get everybody's links.
                self._sns.set_subscription_attributes(
                    SubscriptionArn=subscription["SubscriptionArn"],
                    AttributeName="FilterPolicy",
                    AttributeValue=policy,
                )
                return
        self._sns.subscribe(TopicArn=self._arn, Protocol="email", Endpoint=address, Attributes={"FilterPolicy": policy})

    def confirmed(self, among: Collection[str] | None = None) -> set[str]:
        """The opaque ids whose subscription is confirmed and lets their own mails through; of these where given."""
        found: set[str] = set()
        for subscription in self._subscriptions():
            # Only those in question are looked at closely: each look is a call.
            is_wanted = among is None or approver_id(subscription["Endpoint"]) in among
            if is_wanted and subscription["Protocol"] == "email" and _is_confirmed(subscription):
                found |= set(self._filter(subscription["SubscriptionArn"]))
        return found

    def send(self, approver: str, subject: str, text: str) -> str:
        """Hand one person's mail to SNS; its message id."""
        answer = self._sns.publish(
            TopicArn=self._arn,
            Subject=subject,
            Message=text,
            MessageAttributes={ATTRIBUTE: {"DataType": "String", "StringValue": approver}},
        )
        return str(answer["MessageId"])

    def _subscriptions(self) -> Iterable[dict[str, Any]]:
        pages = self._sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._arn)
        for page in pages:
            yield from page.get("Subscriptions", [])

    def _filter(self, subscription: str) -> list[str]:
        attributes = self._sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
        # Somebody without a filter would get everybody's links, and so counts as nobody.
        policy = json.loads(attributes.get("FilterPolicy") or "{}")
        return [value for value in policy.get(ATTRIBUTE, []) if isinstance(value, str)]


def _is_confirmed(subscription: dict[str, Any]) -> bool:
    return str(subscription["SubscriptionArn"]).startswith("arn:")
