"""Custom resources: a function is asked as CloudFormation asks it, and answers where CloudFormation would read."""

import json
import uuid
from typing import Any

from botocore.exceptions import ClientError

from local.deploy.making import Deployment, Made, Properties
from local.protocol import LocalError

_ANSWERS = "cloudformation-custom-resource-response-useast1"


def custom_resource(d: Deployment, logical: str, p: Properties) -> Made:
    """Custom::Anything"""
    token = p.take("ServiceToken")
    s3, key = d.client("s3"), f"{d.stack_name}/{logical}-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=_ANSWERS)
    request = {
        "RequestType": "Create",
        "ServiceToken": token,
        "ResponseURL": s3.generate_presigned_url("put_object", Params={"Bucket": _ANSWERS, "Key": key}),
        "StackId": d.stack_id,
        "RequestId": str(uuid.uuid4()),
        "LogicalResourceId": logical,
        "ResourceType": "Custom::Resource",
        # CloudFormation makes a text of every value.
        "ResourceProperties": {"ServiceToken": token, **_texts(p.rest())},
    }
    d.aws.lambdas.invoke(token, json.dumps(request).encode())
    try:
        answer = json.loads(s3.get_object(Bucket=_ANSWERS, Key=key)["Body"].read())
    except ClientError as error:
        raise LocalError("its function sent no answer") from error
    if answer["Status"] != "SUCCESS":
        raise LocalError(f"its function says: {answer.get('Reason', 'nothing')}")
    return Made(answer["PhysicalResourceId"], answer.get("Data", {}))


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
