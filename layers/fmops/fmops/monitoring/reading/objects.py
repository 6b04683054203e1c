"""The objects of a window, as its plan pins them."""

from collections.abc import Iterator

from fmops.core.artifacts import Location, Opened, Store, location
from fmops.core.errors import NotFound, WindowUnusable
from fmops.monitoring.models import CapturedObject
from fmops.monitoring.reading import files


def planned(store: Store, plan: Location) -> list[CapturedObject]:
    """What a window's plan names; nothing where it has expired."""
    try:
        return [CapturedObject.model_validate(one) for one in store.read_json(plan)]
    except NotFound:
        return []


def lines(store: Store, one: CapturedObject) -> Iterator[bytes]:
    """Its lines, piece by piece. WindowUnusable where it is no longer what was planned, NotFound where it is gone."""
    opened: Opened = store.open_pinned(Location(one.bucket, one.key), one.version)
    if opened.etag is not None and opened.etag != one.etag:
        raise WindowUnusable(f"s3://{one.bucket}/{one.key} was changed after the window was planned")
    for some in files.lines(opened.body):
        yield from some


def body(store: Store, uri: str) -> bytes:
    """What Bedrock put apart. ValueError where it is not there: then its record is unreadable."""
    try:
        return b"\n".join(line for some in files.lines(store.open_pinned(location(uri)).body) for line in some)
    except NotFound as error:
        raise ValueError(f"{uri} does not exist") from error
