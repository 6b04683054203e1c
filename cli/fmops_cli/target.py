"""The stack that a command talks to: one on this machine, or one in an account."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from fmops.core.artifacts import Store
from fmops.core.ledger import Ledger

LOCAL_FILE = Path(__file__).resolve().parents[2] / ".local" / "stack.json"
"""Where a local run says how it is reached; it is there as long as the run lasts."""

# The embedded AWS knows its person by these.
_OPERATOR = ("operator", "operator")


class NoTarget(Exception):
    """There is no such stack, or it can't be reached; the text says what to do."""


@dataclass(frozen=True)
class Target:
    """A stack's name, its outputs, and clients that reach it."""

    name: str
    outputs: dict[str, str]
    client: Callable[[str], Any]
    local: bool
    console_url: str | None = None

    def output(self, name: str) -> str:
        """NoTarget where the stack has no such output (it is older than this command)."""
        if name not in self.outputs:
            raise NoTarget(f"the stack {self.name} has no output {name}; deploy it anew with this version")
        return self.outputs[name]

    @property
    def credentials(self) -> Any:
        """With which requests that no client makes are signed; None where there are none."""
        return Credentials(*_OPERATOR) if self.local else boto3.session.Session().get_credentials()

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.client("dynamodb"), self.output("LedgerName"))

    @property
    def store(self) -> Store:
        return Store(self.client("s3"))


def local_target(file: Path = LOCAL_FILE) -> Target:
    """The local run that `file` describes. NoTarget where none is up."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoTarget("no local run is up: start one with `make local` (or `fmops local up`)") from None
    except ValueError:
        raise NoTarget(f"{file} is damaged: remove it and start the local run anew") from None
    return Target(
        name=found["stack"],
        outputs=found["outputs"],
        client=local_clients(found["endpoint"]),
        local=True,
        console_url=found.get("console"),
    )


def local_clients(endpoint: str) -> Callable[[str], Any]:
    """Clients of the embedded AWS, with the operator's rights."""
    session = boto3.session.Session(
        aws_access_key_id=_OPERATOR[0],
        aws_secret_access_key=_OPERATOR[1],
        region_name="us-east-1",
    )
    config = Config(connect_timeout=5, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 2})

    @lru_cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoint, config=config)

    return client


def deployed_target(stack: str) -> Target:
    """A stack in the account that the environment's credentials are of."""
    session = boto3.session.Session()
    client = lru_cache(session.client)
    try:
        found = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (ClientError, BotoCoreError) as error:
        raise NoTarget(f"the stack {stack} can't be read: {error}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return Target(name=stack, outputs=outputs, client=client, local=False)
