"""Whether a run's chain holds: the rows, the heads over them, and the objects that the rows name."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fmops.audit import chain, heads
from fmops.audit.chain import Fault, Row
from fmops.audit.heads import Head
from fmops.core.artifacts import Location, Store, location
from fmops.core.errors import NotFound
from fmops.signin import rs256

OBJECTS = "objects"
"""The member of facts that lists objects in S3: `[{"uri", "version", "sha256"}]`."""
_PIECE = 1024 * 1024


class Proof(NamedTuple):
    """What was found."""

    rows: int
    signed: int
    """The highest row that a genuine head covers; 0 without one."""
    faults: list[Fault]

    @property
    def holds(self) -> bool:
        return not self.faults


def prove(run_id: str, rows: Sequence[Row], found: Iterable[Head], key: rs256.PublicKey) -> Proof:
    """Check rows against each other and against every head that was kept of them.

    A run with rows and no genuine head is not proven: whoever can write the table could have written all of them.
    """
    faults, signed = chain.faults(run_id, rows), 0
    for head in found:
        if why := heads.problem(head, run_id, key):
            faults.append(Fault(head.number, why))
            continue
        signed = max(signed, head.number)
        faults += heads.differences(head, rows)
    if rows and not signed:
        faults.append(Fault(0, "no head of this run was signed yet: nothing proves its rows"))
    return Proof(len(rows), signed, sorted(set(faults)))


def pinned(store: Store, place: Location) -> dict[str, Any]:
    """An object as it is now, for a row's facts. NotFound where there is none."""
    opened = store.open_pinned(place)
    return {"uri": place.uri, "version": opened.version, "sha256": _sha256(opened.body)}


def newest(rows: Iterable[Row]) -> list[Row]:
    """The last row of each step and subject: a redriven state may have done its work once more."""
    return list({(row.step, row.subject): row for row in rows}.values())


def replaced(store: Store, rows: Iterable[Row]) -> list[Fault]:
    """The objects that the rows name and that are not what they were."""
    return [
        Fault(row.number, f"{named['uri']} of {row.name} {why}")
        for row in newest(rows)
        for named in json.loads(row.facts).get(OBJECTS, [])
        if (why := _replaced(store, location(named["uri"]), named))
    ]


def _replaced(store: Store, place: Location, named: dict[str, Any]) -> str:
    try:
        now = pinned(store, place)
    except NotFound:
        return "is gone"
    if now["sha256"] != named["sha256"]:
        return "was replaced: it has another content"
    return ""


def _sha256(body: Any) -> str:
    hashed = hashlib.sha256()
    while piece := body.read(_PIECE):
        hashed.update(piece)
    return hashed.hexdigest()
