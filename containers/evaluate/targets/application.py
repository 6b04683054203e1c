"""Asks an application as a whole, over HTTPS or as a Lambda function: chains and retrieval are part of the answer."""

import json
from typing import Any, NamedTuple

import boto3
import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.targets.asking import NotAnswered, Reply, Trouble, of_client_error, of_status, patient
from fmops.evaluation.targets import HttpsTarget, LambdaTarget

_MOST_BYTES = 1024 * 1024
_CODES = {
    "ResourceNotFoundException": Trouble.FORBIDDEN,
    "AccessDeniedException": Trouble.FORBIDDEN,
    "TooManyRequestsException": Trouble.THROTTLED,
}


class HttpsApplication(NamedTuple):
    """A URL and how it is asked. Redirects are not followed: they would lead past the allow-list."""

    pool: urllib3.PoolManager
    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, target: HttpsTarget, connections: int) -> "HttpsApplication":
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if target.authorization_secret:
            headers["Authorization"] = _secret(target.authorization_secret, target.region)
        pool = urllib3.PoolManager(maxsize=connections, retries=False, timeout=urllib3.Timeout(connect=10, read=120))
        return cls(pool, target.url, headers)

    def ask(self, prompt: str) -> Reply:
        """The answer to one prompt. NotAnswered where there is none."""
        try:
            response = self.pool.request(
                "POST", self.url, body=json.dumps({"input": prompt}), headers=self.headers, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise NotAnswered(type(error).__name__, Trouble.BROKEN) from error
        if 300 <= response.status < 400:
            raise NotAnswered(f"the application answered {response.status}, a redirect", Trouble.FORBIDDEN)
        if response.status != 200:
            raise NotAnswered(
                f"the application answered {response.status}", of_status(response.status), _retry_after(response)
            )
        return reply_of(response.data)


class LambdaApplication(NamedTuple):
    """A function and how it is asked."""

    client: Any
    function_arn: str

    @classmethod
    def of(cls, target: LambdaTarget, connections: int) -> "LambdaApplication":
        return cls(boto3.client("lambda", region_name=target.region, config=patient(connections)), target.function_arn)

    def ask(self, prompt: str) -> Reply:
        """The answer to one prompt. NotAnswered where there is none."""
        try:
            response = self.client.invoke(
                FunctionName=self.function_arn, Payload=json.dumps({"input": prompt}).encode()
            )
            body = response["Payload"].read()
        except ClientError as error:
            raise of_client_error(error, _CODES) from error
        except BotoCoreError as error:
            raise NotAnswered(f"{type(error).__name__}: {error}", Trouble.BROKEN) from error
        if response.get("FunctionError"):
            raise NotAnswered(f"the function failed: {_error_of(body)}", Trouble.BROKEN)
        return reply_of(body)


def reply_of(body: bytes) -> Reply:
    """The answer in an application's response. NotAnswered where the response has another form."""
    if len(body) > _MOST_BYTES:
        raise NotAnswered("the response is larger than 1 MB", Trouble.REFUSED)
    try:
        document = json.loads(body)
        reply = Reply(document["answer"], _count(document, "input_tokens"), _count(document, "output_tokens"))
    except (ValueError, LookupError, TypeError) as error:
        raise NotAnswered('the response is not of the form {"answer": text}', Trouble.REFUSED) from error
    if not isinstance(reply.text, str):
        raise NotAnswered("`answer` is no text", Trouble.REFUSED)
    return reply


def _count(document: dict[str, Any], name: str) -> int | None:
    value = document.get(name)
    return value if isinstance(value, int) and value >= 0 else None


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None


def _error_of(body: bytes) -> str:
    try:
        # The type alone: a message may hold the prompt.
        return str(json.loads(body)["errorType"])
    except (ValueError, LookupError, TypeError):
        return "no reason is given"


def _secret(name: str, region: str) -> str:
    try:
        return str(boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=name)["SecretString"])
    except (ClientError, BotoCoreError, LookupError) as error:
        raise EvaluationFailed(f"The secret {name} of the application could not be read: {error}.") from error
