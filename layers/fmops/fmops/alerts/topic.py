"""The topic of alerts: operators get all of them, owners their own."""

import json
from typing import Any

from fmops.alerts.mail import message, subject
from fmops.alerts.models import Alert, Episode, Notice
from fmops.core.ids import short_hash

ATTRIBUTE = "recipient"
"""The message attribute that an owner's subscription filters on. An operator's has no filter."""
_NOBODY = "nobody"


def recipient_id(address: str) -> str:
    """What stands for an address in message attributes and filters."""
    return short_hash("recipient", address.strip().lower(), length=16)


class Topic:
    def __init__(self, sns: Any, arn: str, dashboard_url: str = "") -> None:
        """`sns` is a boto3 client of SNS."""
        self._sns, self._arn, self._dashboard_url = sns, arn, dashboard_url

    def subscribe(self, address: str) -> None:
        """Subscribe an owner to what concerns them. They get a mail to confirm; doing it again is no harm."""
        policy = json.dumps({ATTRIBUTE: [recipient_id(address)]})
        pages = self._sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._arn)
        if any(found["Endpoint"].lower() == address.lower() for page in pages for found in page["Subscriptions"]):
            return
        self._sns.subscribe(TopicArn=self._arn, Protocol="email", Endpoint=address, Attributes={"FilterPolicy": policy})

    def send(self, alert: Alert, episode: Episode, notice: Notice, recipients: list[str]) -> str:
        """Publish what is said of a cause to the operators and these addresses; the message's id."""
        ids = [recipient_id(address) for address in dict.fromkeys(recipients)] or [_NOBODY]
        answer = self._sns.publish(
            TopicArn=self._arn,
            Subject=subject(alert, episode, notice),
            Message=message(alert, episode, notice, self._dashboard_url),
            MessageAttributes={ATTRIBUTE: {"DataType": "String.Array", "StringValue": json.dumps(ids)}},
        )
        return str(answer["MessageId"])
