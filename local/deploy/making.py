"""What every maker of resources works with."""

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from local.deploy.template import LOCAL_BUCKET
from local.protocol import ACCOUNT, PARTITION, REGION, LocalError

if TYPE_CHECKING:
    from local.embedded import EmbeddedAws


class Made(NamedTuple):
    """A resource that was made: what Ref gives, and what GetAtt gives."""

    id: str
    attributes: Mapping[str, Any] = {}


class Properties(dict[str, Any]):
    """A resource's properties; remembers which were read, so that none is dropped in silence."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.unread = set(values)

    def take(self, name: str, default: Any = None) -> Any:
        """One property."""
        self.unread.discard(name)
        return super().get(name, default)

    def rest(self) -> dict[str, Any]:
        """All that are not read yet, for an API that takes them by the same names and refuses unknown ones itself."""
        found = {name: self[name] for name in self if name in self.unread}
        self.unread.clear()
        return found

    def some(self, *names: str) -> dict[str, Any]:
        """Those of the named ones that are given."""
        return {name: self.take(name) for name in names if name in self}


class Deployment(NamedTuple):
    """A stack while it is made."""

    aws: "EmbeddedAws"
    stack_name: str
    api_bodies: dict[str, Any]
    """OpenAPI bodies by API id, for the stages that come after."""

    @property
    def stack_id(self) -> str:
        """The stack's ARN; its GUID follows from the name, so that names made of it stay the same."""
        guid = uuid.uuid5(uuid.NAMESPACE_URL, f"embedded/{self.stack_name}")
        return f"arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{self.stack_name}/{guid}"

    def client(self, service: str) -> Any:
        """A client of the embedded AWS."""
        return self.aws.client(service)

    def arn(self, service: str, rest: str) -> str:
        """An ARN of the account and region."""
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"

    def physical(self, logical: str, most: int = 64) -> str:
        """A name as CloudFormation makes one, but the same each time."""
        tail = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.stack_name}/{logical}").hex[:12].upper()
        half = (most - len(tail) - 2) // 2
        return f"{self.stack_name[:half]}-{logical[:half]}-{tail}"


def local_path(location: Mapping[str, Any], bucket: str, key: str) -> Path:
    """The place on this machine that an S3 location of the translated template stands for."""
    if location.get(bucket) != LOCAL_BUCKET:
        raise LocalError(f"code in S3 is not deployed locally: {location}")
    return Path(f"/{location[key]}")


def tag_map(tags: Any) -> dict[str, str]:
    """Tags as a map, whichever way CloudFormation writes them."""
    if isinstance(tags, Mapping):
        return {str(key): str(value) for key, value in tags.items()}
    return {tag["Key"]: str(tag["Value"]) for tag in tags or []}


def tag_list(tags: Any) -> list[dict[str, str]]:
    """Tags as a list of Key and Value."""
    return [{"Key": key, "Value": value} for key, value in tag_map(tags).items()]


def lower_first(value: Any) -> Any:
    """Every key with a small first letter, as Step Functions' API writes them."""
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: lower_first(item) for key, item in value.items()}
    return [lower_first(item) for item in value] if isinstance(value, list) else value


Maker = Callable[[Deployment, str, Properties], Made]
