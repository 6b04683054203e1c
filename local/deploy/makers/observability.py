"""Alarms, dashboards and log groups."""

import json

from local.deploy.making import Deployment, Made, Properties, tag_list, tag_map


def alarm(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::CloudWatch::Alarm"""
    name, tags = p.take("AlarmName") or d.physical(logical), tag_list(p.take("Tags", []))
    d.client("cloudwatch").put_metric_alarm(**p.rest(), AlarmName=name, Tags=tags)
    return Made(name, {"Arn": d.arn("cloudwatch", f"alarm:{name}")})


def composite_alarm(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::CloudWatch::CompositeAlarm"""
    name, tags = p.take("AlarmName") or d.physical(logical), tag_list(p.take("Tags", []))
    d.client("cloudwatch").put_composite_alarm(**p.rest(), AlarmName=name, Tags=tags)
    return Made(name, {"Arn": d.arn("cloudwatch", f"alarm:{name}")})


def dashboard(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::CloudWatch::Dashboard"""
    name, body = p.take("DashboardName") or d.physical(logical), p.take("DashboardBody")
    text = body if isinstance(body, str) else json.dumps(body)
    d.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=text)
    return Made(name)


def log_group(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::Logs::LogGroup"""
    logs, name = d.client("logs"), p.take("LogGroupName") or d.physical(logical)
    more = {}
    if key := p.take("KmsKeyId"):
        more["kmsKeyId"] = key
    if kind := p.take("LogGroupClass"):
        more["logGroupClass"] = kind
    if tags := p.take("Tags"):
        more["tags"] = tag_map(tags)
    logs.create_log_group(logGroupName=name, **more)
    if days := p.take("RetentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
    return Made(name, {"Arn": d.arn("logs", f"log-group:{name}:*")})


def log_policy(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::Logs::ResourcePolicy"""
    name, document = p.take("PolicyName"), p.take("PolicyDocument")
    d.client("logs").put_resource_policy(policyName=name, policyDocument=document)
    return Made(name)
