"""Buckets, tables, keys and parameters."""

import json
from collections.abc import Mapping
from typing import Any

from local.deploy.making import Deployment, Made, Properties, tag_list
from local.protocol import LocalError


def bucket(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::S3::Bucket"""
    s3, name = d.client("s3"), p.take("BucketName") or d.physical(logical, 63).lower()
    ownership = p.take("OwnershipControls")
    more = {"ObjectOwnership": ownership["Rules"][0]["ObjectOwnership"]} if ownership else {}
    if p.take("ObjectLockEnabled", False) in (True, "true"):
        more["ObjectLockEnabledForBucket"] = True
    s3.create_bucket(Bucket=name, **more)
    if versioning := p.take("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if (notification := p.take("NotificationConfiguration")) is not None:
        _notify(s3, name, notification)
    if encryption := p.take("BucketEncryption"):
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [_encryption(rule) for rule in encryption["ServerSideEncryptionConfiguration"]]
            },
        )
    if block := p.take("PublicAccessBlockConfiguration"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    if lifecycle := p.take("LifecycleConfiguration"):
        rules = [_lifecycle(rule) for rule in lifecycle["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    if logging := p.take("LoggingConfiguration"):
        enabled = {"TargetBucket": logging["DestinationBucketName"], "TargetPrefix": logging.get("LogFilePrefix", "")}
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": enabled})
    if lock := p.take("ObjectLockConfiguration"):
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=_lock(lock))
    if tags := p.take("Tags"):
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(tags)})
    return Made(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.us-east-1.amazonaws.com",
        },
    )


def _notify(s3: Any, name: str, notification: Mapping[str, Any]) -> None:
    if unknown := set(notification) - {"EventBridgeConfiguration"}:
        raise LocalError(f"bucket notifications go to EventBridge only, not {sorted(unknown)}")
    if notification.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", True) in (True, "true"):
        configuration: dict[str, Any] = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)


def _encryption(rule: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(rule) - {"ServerSideEncryptionByDefault", "BucketKeyEnabled"}:
        raise LocalError(f"bucket encryption {sorted(unknown)}")
    made: dict[str, Any] = {}
    if by_default := rule.get("ServerSideEncryptionByDefault"):
        made["ApplyServerSideEncryptionByDefault"] = by_default
    if "BucketKeyEnabled" in rule:
        made["BucketKeyEnabled"] = rule["BucketKeyEnabled"]
    return made


def _lock(configuration: Mapping[str, Any]) -> dict[str, Any]:
    rule = configuration.get("Rule", {})
    if unknown := set(rule) - {"DefaultRetention"}:
        raise LocalError(f"object lock rules with {sorted(unknown)}")
    retention = dict(rule.get("DefaultRetention", {}))
    for unit in ("Days", "Years"):
        if unit in retention:
            retention[unit] = int(retention[unit])
    return {"ObjectLockEnabled": "Enabled", **({"Rule": {"DefaultRetention": retention}} if retention else {})}


def _lifecycle(rule: Mapping[str, Any]) -> dict[str, Any]:
    """CloudFormation writes expirations and filters flat where the API nests them."""
    left = dict(rule)
    made: dict[str, Any] = {"Status": left.pop("Status"), "Filter": {"Prefix": left.pop("Prefix", "")}}
    for name in ("ID", "Id"):
        if name in left:
            made["ID"] = left.pop(name)
    if (days := left.pop("ExpirationInDays", None)) is not None:
        made["Expiration"] = {"Days": int(days)}
    if (marker := left.pop("ExpiredObjectDeleteMarker", None)) is not None:
        made["Expiration"] = {**made.get("Expiration", {}), "ExpiredObjectDeleteMarker": marker}
    if (days := left.pop("NoncurrentVersionExpirationInDays", None)) is not None:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(days)}
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in left:
            made[name] = left.pop(name)
    if (transitions := left.pop("Transitions", None)) is not None:
        made["Transitions"] = [
            {"StorageClass": step["StorageClass"], "Days": int(step["TransitionInDays"])} for step in transitions
        ]
    if left:
        raise LocalError(f"lifecycle rules with {sorted(left)}")
    return made


def bucket_policy(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::S3::BucketPolicy"""
    name = p.take("Bucket")
    d.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(p.take("PolicyDocument")))
    return Made(name)


def table(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::DynamoDB::Table"""
    dynamodb = d.client("dynamodb")
    recovery, expiry = p.take("PointInTimeRecoverySpecification"), p.take("TimeToLiveSpecification")
    more: dict[str, Any] = {}
    if encryption := p.take("SSESpecification"):
        more["SSESpecification"] = {
            "Enabled" if name == "SSEEnabled" else name: value for name, value in encryption.items()
        }
    if stream := p.take("StreamSpecification"):
        more["StreamSpecification"] = {"StreamEnabled": True, **stream}
    name = p.take("TableName") or d.physical(logical)
    made = dynamodb.create_table(**p.rest(), **more, TableName=name)["TableDescription"]
    if recovery:
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if expiry:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
    attributes = {"Arn": made["TableArn"]}
    if "LatestStreamArn" in made:
        attributes["StreamArn"] = made["LatestStreamArn"]
    return Made(name, attributes)


def key(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::KMS::Key"""
    kms = d.client("kms")
    request = p.some("Description", "KeySpec", "KeyUsage", "MultiRegion")
    if policy := p.take("KeyPolicy"):
        request["Policy"] = json.dumps(policy)
    if tags := p.take("Tags"):
        request["Tags"] = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tag_list(tags)]
    made = kms.create_key(**request)["KeyMetadata"]
    if p.take("EnableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    if p.take("Enabled", True) in (False, "false"):
        kms.disable_key(KeyId=made["KeyId"])
    p.take("PendingWindowInDays")  # how long a deleted key waits: nothing is deleted here
    return Made(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})


def key_alias(d: Deployment, _: str, p: Properties) -> Made:
    """AWS::KMS::Alias"""
    name, target = p.take("AliasName"), p.take("TargetKeyId")
    d.client("kms").create_alias(AliasName=name, TargetKeyId=target.rsplit("/", 1)[-1])
    return Made(name)


def parameter(d: Deployment, logical: str, p: Properties) -> Made:
    """AWS::SSM::Parameter"""
    name, kind, value = p.take("Name") or d.physical(logical), p.take("Type"), str(p.take("Value"))
    tags = {"Tags": tag_list(p.take("Tags"))} if p.get("Tags") else {}
    d.client("ssm").put_parameter(**p.rest(), **tags, Name=name, Type=kind, Value=value)
    return Made(name, {"Type": kind, "Value": value})
