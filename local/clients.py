"""boto3 clients of the embedded AWS, untouched by what this machine is configured for."""

import threading
from collections.abc import Callable
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from local.protocol import REGION

_ROOT = {"AWS_ACCESS_KEY_ID": "AKIAEMBEDDEDROOT0000", "AWS_SECRET_ACCESS_KEY": "embedded", "AWS_SESSION_TOKEN": ""}
_CONFIG = Config(
    # Lambda's longest call is fifteen minutes.
    read_timeout=910,
    connect_timeout=10,
    max_pool_connections=64,
    # A repeated invocation would be a second one.
    retries={"total_max_attempts": 1},
    # Not even where the machine has a proxy.
    proxies={},
)


def own_session() -> boto3.Session:
    """A session without profile and configuration files: what AWS_PROFILE says on this machine means nothing here."""
    names = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, None, None, None))
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=names), region_name=REGION)


class Clients:
    """One client for each service and role, made once."""

    def __init__(self, url: Callable[[], str], credentials: Callable[[str], dict[str, str]]) -> None:
        self._url = url
        self._credentials = credentials
        self._guard = threading.Lock()
        self._made: dict[tuple[str, str | None], Any] = {}
        self._session = own_session()

    def get(self, service: str, role_arn: str | None = None) -> Any:
        """A client as a role, or as root. Clients may be shared between threads; making them may not."""
        credentials = _ROOT if role_arn is None else self._credentials(role_arn)
        with self._guard:
            if (service, role_arn) not in self._made:
                self._made[service, role_arn] = self._session.client(
                    service,
                    region_name=REGION,
                    endpoint_url=self._url(),
                    aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
                    aws_session_token=credentials["AWS_SESSION_TOKEN"] or None,
                    config=_CONFIG,
                )
            return self._made[service, role_arn]

    def close(self) -> None:
        """Close every connection."""
        with self._guard:
            for client in self._made.values():
                client.close()
            self._made.clear()
