"""What Lambda knows about functions, versions, aliases and layers."""

import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from local.protocol import ACCOUNT, REGION, AwsError

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}"


@dataclass(frozen=True)
class Function:
    """One configuration of a function; a changed one gets a new `revision` and so new processes."""

    name: str
    role: str
    handler: str
    folder: Path
    runtime: str
    timeout: int
    memory_mb: int
    environment: dict[str, str]
    layers: tuple[Path, ...]
    log_group: str
    modified: float
    request: dict[str, Any]
    """What it was created with, for answers that repeat it."""
    version: str = "$LATEST"
    code_size: int = 0
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        return f"{ARN}:function:{self.name}"

    @property
    def qualified_arn(self) -> str:
        return self.arn if self.version == "$LATEST" else f"{self.arn}:{self.version}"

    def changed(self, **changes: Any) -> "Function":
        """The same function with other settings, as a new revision."""
        return replace(self, revision=str(uuid.uuid4()), **changes)


@dataclass
class AsyncSettings:
    """What happens to an event that the function does not take."""

    retries: int = 2
    max_age_seconds: int = 21_600
    on_success: str | None = None
    on_failure: str | None = None
    modified: float = 0.0


@dataclass
class Entry:
    """A function's name and all that hangs on it."""

    latest: Function
    versions: dict[str, Function] = field(default_factory=dict)
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """Qualifier ("" for none) -> statement id -> statement."""
    asynchronous: dict[str, AsyncSettings] = field(default_factory=dict)
    reserved_concurrency: int | None = None

    def resolve(self, qualifier: str | None) -> Function:
        """The configuration behind a version or an alias. AwsError when there is none."""
        if qualifier in (None, "", "$LATEST"):
            return self.latest
        version = self.aliases[qualifier]["FunctionVersion"] if qualifier in self.aliases else qualifier
        if version == "$LATEST":
            return self.latest
        if version not in self.versions:
            raise not_found(f"{self.latest.arn}:{qualifier}")
        return self.versions[version]


def split_name(name: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """Name and qualifier from any of the forms that Lambda takes: name, partial ARN, ARN, each with a qualifier."""
    parts = name.split(":")
    if "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    elif len(parts) > 2:
        raise AwsError("InvalidParameterValueException", f"{name} is no function name")
    return parts[0], parts[1] if len(parts) > 1 else qualifier


def not_found(what: str) -> AwsError:
    """Lambda's answer to a function that is not there."""
    return AwsError("ResourceNotFoundException", f"Function not found: {what}", 404, {"Type": "User"})
