"""SNS and SES: who gets what, and who has confirmed."""

import json
import re
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.mail.inbox import Mail
from local.protocol import ACCOUNT, REGION
from tests.integration.events.world import World


def topic(world: World) -> str:
    arn: str = world.client("sns").create_topic(Name="news")["TopicArn"]
    return arn


def subscribe(world: World, topic_arn: str, address: str = "ann@example.com", **attributes: str) -> str:
    """Subscribe a person; the link in the mail that asks for confirmation."""
    world.client("sns").subscribe(TopicArn=topic_arn, Protocol="email", Endpoint=address, Attributes=attributes)
    mail = world.mailbox.wait_for(lambda mail: mail.to == address and "Confirmation" in mail.subject, 5)
    assert mail is not None
    found: list[str] = re.findall(r"http://\S+", mail.text)
    return found[-1]


def visit(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - a link of this machine
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def publish(world: World, topic_arn: str, text: str = "hello", **more: Any) -> str:
    message_id: str = world.client("sns").publish(TopicArn=topic_arn, Message=text, **more)["MessageId"]
    assert world.mailbox.drain(10)
    return message_id


def received(world: World, address: str = "ann@example.com") -> list[Mail]:
    return [mail for mail in world.mailbox.messages(address) if "Confirmation" not in mail.subject]


def test_subscription_by_mail_waits_for_its_confirmation(world: World) -> None:
    sns, arn = world.client("sns"), topic(world)

    answer = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ann@example.com")

    assert answer["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["SubscriptionsPending"] == "1"
    publish(world, arn)
    assert received(world) == []


def test_link_in_the_mail_confirms(world: World) -> None:
    arn = topic(world)

    status, page = visit(subscribe(world, arn))

    assert status == 200
    assert "Subscription confirmed!" in page
    message_id = publish(world, arn, Subject="News")
    (mail,) = received(world)
    assert mail.subject == "News"
    assert mail.text.startswith("hello\n\n--\nIf you wish to stop receiving notifications")
    assert (mail.sender, mail.topic, mail.message_id) == ("no-reply@sns.amazonaws.com", arn, message_id)
    (listed,) = world.client("sns").list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(f"{arn}:")


def test_token_confirms_by_the_api_too(world: World) -> None:
    arn = topic(world)
    token = subscribe(world, arn).partition("token=")[2]

    world.client("sns").confirm_subscription(TopicArn=arn, Token=token)

    publish(world, arn)
    assert len(received(world)) == 1


def test_link_expires_after_two_days(world: World) -> None:
    url = subscribe(world, topic(world))
    world.clock.advance(2 * 86400 + 1)

    status, page = visit(url)

    assert status == 400
    assert "not valid" in page


def test_made_up_token_confirms_nothing(world: World) -> None:
    with pytest.raises(ClientError, match="Token"):
        world.client("sns").confirm_subscription(TopicArn=topic(world), Token="x")


def test_unsubscribe_link_ends_the_subscription(world: World) -> None:
    arn = topic(world)
    visit(subscribe(world, arn))
    publish(world, arn)

    status, _ = visit(re.findall(r"http://\S+unsubscribe\S+", received(world)[0].text)[0])

    assert status == 200
    publish(world, arn)
    assert len(received(world)) == 1
    assert world.client("sns").list_subscriptions()["Subscriptions"] == []


def test_link_cannot_end_a_subscription_that_was_confirmed_so(world: World) -> None:
    arn = topic(world)
    token = subscribe(world, arn).partition("token=")[2]
    world.client("sns").confirm_subscription(TopicArn=arn, Token=token, AuthenticateOnUnsubscribe="true")
    publish(world, arn)

    status, _ = visit(re.findall(r"http://\S+unsubscribe\S+", received(world)[0].text)[0])

    assert status == 400
    assert len(world.client("sns").list_subscriptions()["Subscriptions"]) == 1


def test_each_person_gets_only_what_their_filter_lets_through(world: World) -> None:
    arn = topic(world)
    for name in ("ann", "bob"):
        visit(subscribe(world, arn, f"{name}@example.com", FilterPolicy=json.dumps({"approver": [name]})))

    publish(world, arn, "for ann", MessageAttributes={"approver": {"DataType": "String", "StringValue": "ann"}})
    publish(world, arn, "for nobody")

    assert [mail.text.splitlines()[0] for mail in received(world, "ann@example.com")] == ["for ann"]
    assert received(world, "bob@example.com") == []


@pytest.mark.parametrize(
    "policy,scope,text,attributes,delivered",
    [
        ({"n": [{"numeric": [">", 5]}]}, "MessageAttributes", "m", {"n": ("Number", "6")}, True),
        ({"n": [{"numeric": [">", 5]}]}, "MessageAttributes", "m", {"n": ("String", "6")}, False),
        ({"who": ["a"]}, "MessageAttributes", "m", {"who": ("String.Array", '["b", "a"]')}, True),
        ({"who": [{"anything-but": ["a"]}]}, "MessageAttributes", "m", {"who": ("String", "a")}, False),
        ({"who": [{"exists": False}]}, "MessageAttributes", "m", {}, True),
        ({"who": [{"prefix": "a"}], "n": [1]}, "MessageAttributes", "m", {"who": ("String", "ab")}, False),
        ({"a": {"b": ["c"]}}, "MessageBody", '{"a": {"b": "c"}}', {}, True),
        ({"a": {"b": ["c"]}}, "MessageBody", '{"a": {"b": "d"}}', {}, False),
        ({"a": ["c"]}, "MessageBody", "no json", {}, False),
    ],
)
def test_filter_policy(
    world: World,
    policy: dict[str, Any],
    scope: str,
    text: str,
    attributes: dict[str, tuple[str, str]],
    delivered: bool,
) -> None:
    arn = topic(world)
    visit(subscribe(world, arn, FilterPolicy=json.dumps(policy), FilterPolicyScope=scope))

    publish(
        world,
        arn,
        text,
        MessageAttributes={
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()
        },
    )

    assert len(received(world)) == delivered


def test_message_structure_gives_each_protocol_its_text(world: World) -> None:
    arn = topic(world)
    visit(subscribe(world, arn))

    publish(world, arn, json.dumps({"default": "d", "email": "e"}), MessageStructure="json")

    assert received(world)[0].text.startswith("e\n")
    with pytest.raises(ClientError, match="No default entry"):
        publish(world, arn, json.dumps({"email": "e"}), MessageStructure="json")


def test_lambda_gets_records(world: World) -> None:
    arn = topic(world)
    function = world.lambdas.permit("fn", "sns.amazonaws.com", ArnLike={"aws:SourceArn": arn})
    world.client("sns").subscribe(TopicArn=arn, Protocol="lambda", Endpoint=function)

    publish(world, arn, "hello", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})

    (event,) = world.lambdas.events("fn")
    (record,) = event["Records"]
    assert record["EventSource"] == "aws:sns"
    assert (record["Sns"]["Message"], record["Sns"]["TopicArn"], record["Sns"]["Subject"]) == ("hello", arn, None)
    assert record["Sns"]["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}


def test_lambda_that_did_not_permit_sns_gets_nothing(world: World) -> None:
    arn = topic(world)
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:fn"
    world.client("sns").subscribe(TopicArn=arn, Protocol="lambda", Endpoint=function)

    publish(world, arn)

    assert world.lambdas.given == []
    assert world.mailbox.counts.lost == 1


def test_queue_gets_an_envelope(world: World) -> None:
    arn = topic(world)
    queue = world.queue("jobs", "sns.amazonaws.com")
    world.client("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)

    message_id = publish(world, arn, "hello", Subject="s")

    (message,) = world.messages("jobs")
    body = json.loads(message["Body"])
    assert (body["Type"], body["MessageId"], body["Message"], body["Subject"]) == (
        "Notification",
        message_id,
        "hello",
        "s",
    )


def test_protocol_that_is_not_embedded_is_refused(world: World) -> None:
    arn = topic(world)

    with pytest.raises(ClientError, match="NotImplementedByEmbeddedAws"):
        world.client("sns").subscribe(TopicArn=arn, Protocol="https", Endpoint="https://example.com")

    assert world.client("sns").list_subscriptions()["Subscriptions"] == []


def test_mails_lie_on_disk(world: World) -> None:
    subscribe(world, topic(world))

    (file,) = (world.root / "mailbox").glob("*.json")

    document = json.loads(file.read_text(encoding="utf-8"))
    assert file.name == "0001.json"
    assert set(document) == {"to", "from", "subject", "text", "html", "sent_at", "message_id", "topic"}


def test_waiting_for_a_mail_that_does_not_come_ends(world: World) -> None:
    assert world.mailbox.wait_for(lambda _: True, 0.05) is None


def test_ses_mail_lands_in_each_inbox(world: World) -> None:
    ses = world.client("ses")
    ses.verify_email_identity(EmailAddress="from@example.com")
    body = {"Text": {"Data": "plain"}, "Html": {"Data": "<p>rich</p>"}}

    answer = ses.send_email(
        Source="from@example.com",
        Destination={"ToAddresses": ["ann@example.com"], "CcAddresses": ["bob@example.com"]},
        Message={"Subject": {"Data": "s"}, "Body": body},
    )

    assert {mail.to for mail in world.mailbox.messages()} == {"ann@example.com", "bob@example.com"}
    mail = world.mailbox.messages()[0]
    assert (mail.subject, mail.text, mail.html, mail.message_id) == ("s", "plain", "<p>rich</p>", answer["MessageId"])


def test_second_version_of_ses_lands_there_too(world: World) -> None:
    ses = world.client("sesv2")
    ses.create_email_identity(EmailIdentity="from@example.com")
    simple = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "plain"}}}
    raw = b"From: from@example.com\r\nTo: bob@example.com\r\nSubject: r\r\n\r\nraw text\r\n"

    ses.send_email(
        FromEmailAddress="from@example.com",
        Destination={"ToAddresses": ["ann@example.com"]},
        Content={"Simple": simple},
    )
    ses.send_email(FromEmailAddress="from@example.com", Content={"Raw": {"Data": raw}})

    assert [(mail.to, mail.subject) for mail in world.mailbox.messages()] == [
        ("bob@example.com", "r"),
        ("ann@example.com", "s"),
    ]


def test_sender_that_is_not_verified_is_refused(world: World) -> None:
    with pytest.raises(ClientError, match="not verified"):
        world.client("ses").send_email(
            Source="from@example.com",
            Destination={"ToAddresses": ["ann@example.com"]},
            Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
        )

    assert world.mailbox.messages() == []
