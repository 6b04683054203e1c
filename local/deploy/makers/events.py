"""Buses, rules and schedules."""

import json
from typing import Any

from local.deploy.making import Deployment, Made, Properties, tag_list
from local.protocol import LocalError


def bus(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::Events::EventBus"""
    name = p.take("Name")
    tags = {"Tags": tag_list(p.take("Tags"))} if p.get("Tags") else {}
    arn = d.client("events").create_event_bus(**p.rest(), **tags, Name=name)["EventBusArn"]
    return Made(name, {"Arn": arn, "Name": name})


def rule(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Events::Rule"""
    client, targets = d.client("events"), p.take("Targets", [])
    request: dict[str, Any] = {"Name": p.take("Name") or d.physical(logical)}
    if (pattern := p.take("EventPattern")) is not None:
        request["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
    if tags := p.take("Tags"):
        request["Tags"] = tag_list(tags)
    request |= p.rest()
    arn = client.put_rule(**request)["RuleArn"]
    where = {"EventBusName": request["EventBusName"]} if "EventBusName" in request else {}
    if targets and (failed := client.put_targets(Rule=request["Name"], Targets=targets, **where)["FailedEntries"]):
        raise LocalError("; ".join(f"target {entry['TargetId']}: {entry['ErrorMessage']}" for entry in failed))
    return Made(request["Name"], {"Arn": arn})


def schedule(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Scheduler::Schedule"""
    name = p.take("Name") or d.physical(logical)
    arn = d.client("scheduler").create_schedule(**p.rest(), Name=name)["ScheduleArn"]
    return Made(name, {"Arn": arn})


def schedule_group(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Scheduler::ScheduleGroup"""
    name = p.take("Name") or d.physical(logical)
    arn = d.client("scheduler").create_schedule_group(**p.rest(), Name=name)["ScheduleGroupArn"]
    return Made(name, {"Arn": arn})
