"""Topics, subscriptions and queues."""

import json
from typing import Any

from local.deploy.making import Deployment, Made, Properties, tag_list, tag_map


def topic(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::SNS::Topic"""
    sns, name = d.client("sns"), p.take("TopicName") or d.physical(logical)
    subscriptions, tags = p.take("Subscription", []), p.take("Tags", [])
    attributes = {key: _text(value) for key, value in p.some("DisplayName", "KmsMasterKeyId", "FifoTopic").items()}
    arn = sns.create_topic(Name=name, Attributes=attributes, Tags=tag_list(tags))["TopicArn"]
    for one in subscriptions:
        sns.subscribe(TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    return Made(arn, {"TopicArn": arn, "TopicName": name})


def subscription(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::SNS::Subscription"""
    request = p.some("TopicArn", "Protocol", "Endpoint")
    attributes = {name: _text(value) for name, value in p.rest().items()}
    made = d.client("sns").subscribe(**request, Attributes=attributes, ReturnSubscriptionArn=True)
    return Made(made["SubscriptionArn"], {"Arn": made["SubscriptionArn"]})


def topic_policy(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::SNS::TopicPolicy"""
    document = json.dumps(p.take("PolicyDocument"))
    for arn in p.take("Topics"):
        d.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document)
    return Made(d.physical(logical))


def queue(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::SQS::Queue"""
    name, tags = p.take("QueueName") or d.physical(logical, 80), p.take("Tags", [])
    attributes = {key: _text(value) for key, value in p.rest().items()}
    url = d.client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tag_map(tags))["QueueUrl"]
    return Made(url, {"Arn": d.arn("sqs", name), "QueueName": name, "QueueUrl": url})


def queue_policy(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::SQS::QueuePolicy"""
    document = json.dumps(p.take("PolicyDocument"))
    for url in p.take("Queues"):
        d.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    return Made(d.physical(logical))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)
