"""What handlers are made of: settings, clients and the verbs over them, made once a process, on first use."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from fmops.core.artifacts import Store
from fmops.core.events import Emitter
from fmops.core.ledger import Ledger
from fmops.core.settings import Settings

# Step Functions retries the state; the client only rides over a hiccup. Jitter is part of botocore's standard mode.
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=3, read_timeout=25)


@cache
def settings() -> Settings:
    return Settings()


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    """The process's one client of an AWS service."""
    return _session().client(service, config=_CONFIG)


@cache
def ledger() -> Ledger:
    return Ledger(client("dynamodb"), settings().table)


@cache
def store() -> Store:
    return Store(client("s3"))


@cache
def emitter() -> Emitter:
    return Emitter(client("events"), settings().bus)
