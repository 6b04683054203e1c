"""Where an execution stands, drawn from its definition and its history: what was, what is, and what comes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

Document = dict[str, Any]

# States that only route or shape data: they pass in no time, so they are shown only where an execution ends or fails.
_SILENT = frozenset({"Choice", "Pass"})
_ENDS = frozenset({"Succeed", "Fail"})
_BAD_ENDS = ("Failed", "TimedOut", "Aborted")


class Stand(StrEnum):
    """How a state stands."""

    DONE = "done"
    CURRENT = "current"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True)
class Step:
    """A state of the picture."""

    name: str
    kind: str
    stand: Stand
    comment: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    lanes: tuple["Lane", ...] = ()
    """What runs inside: the iterations of a map, the branches of a parallel state."""


@dataclass(frozen=True)
class Lane:
    """One iteration or branch."""

    label: str
    steps: tuple[Step, ...]


class _Place(NamedTuple):
    """An iteration of a map."""

    map: str
    number: int


_Context = tuple[_Place, ...]


@dataclass
class _Visit:
    name: str
    began: datetime
    given: str
    ended: datetime | None = None
    failed: bool = False


@dataclass
class _Track:
    """What a history tells, by the iteration that it happened in."""

    visits: dict[_Context, dict[str, _Visit]] = field(default_factory=dict)
    over: set[_Context] = field(default_factory=set)

    def of(self, context: _Context) -> dict[str, _Visit]:
        """The visited states, in the order of their last visits."""
        return self.visits.get(context, {})


def draw(definition: Document, events: Iterable[Document], *, running: bool) -> tuple[Step, ...]:
    """The states of an execution, in the order in which they were or will be reached.

    Of what is still to come the longest way is shown, errors aside: it is the one that does the work.
    """
    return tuple(_steps(definition, (), _track(events), running))


def current(steps: Iterable[Step]) -> str:
    """Where the execution is, in one line: `EvaluateCandidates (base: LaunchEvaluation, tuned: StopInference)`."""
    return ", ".join(_whereabouts(steps))


def _whereabouts(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if step.stand is Stand.CURRENT:
            inside = [f"{lane.label}: {where}" for lane in step.lanes if (where := current(lane.steps))]
            yield f"{step.name} ({', '.join(inside)})" if inside else step.name


def _track(events: Iterable[Document]) -> _Track:
    track = _Track()
    contexts: dict[int, _Context] = {0: ()}
    kinds: dict[int, str] = {}
    for event in events:
        kind, previous = event["type"], event["previousEventId"]
        here = contexts.get(previous, ())
        if kind.startswith("MapIteration"):
            details = event[f"m{kind[1:]}EventDetails"]
            place = _Place(details["name"], details["index"])
            here = _at_iteration(track, here, place, started=kind == "MapIterationStarted")
        elif kind.endswith("StateEntered"):
            _enter(track, here, event)
        elif kind.endswith("StateExited"):
            here = _leave(track, here, event, failed=kinds.get(previous, "").endswith(_BAD_ENDS))
        contexts[event["id"]], kinds[event["id"]] = here, kind
    return track


def _at_iteration(track: _Track, here: _Context, place: _Place, *, started: bool) -> _Context:
    if started:
        inner = (*here, place)
        track.over.discard(inner)  # a redrive goes on in it
        return inner
    track.over.add(here)
    return here[:-1]


def _enter(track: _Track, here: _Context, event: Document) -> None:
    details = event["stateEnteredEventDetails"]
    visits = track.visits.setdefault(here, {})
    visits.pop(details["name"], None)
    visits[details["name"]] = _Visit(details["name"], event["timestamp"], details.get("input", ""))


def _leave(track: _Track, here: _Context, event: Document, *, failed: bool) -> _Context:
    name = event["stateExitedEventDetails"]["name"]
    # A map that failed is left from wherever its last iteration was.
    while here and (name not in track.of(here) or track.of(here)[name].ended):
        here = here[:-1]
    visit = track.of(here).get(name)
    if visit:
        visit.ended, visit.failed = event["timestamp"], failed
    return here


def _steps(machine: Document, context: _Context, track: _Track, alive: bool) -> Iterator[Step]:
    states, visits = machine["States"], track.of(context)
    for visit in visits.values():
        if visit.name in states:
            step = _step(visit, states[visit.name], context, track, alive)
            if step.kind not in _SILENT or step.stand in (Stand.CURRENT, Stand.FAILED):
                yield step
    if alive:
        for name in _ahead(machine, [name for name in visits if name in states]):
            state = states[name]
            if state["Type"] not in _SILENT | _ENDS:
                yield Step(name, state["Type"], Stand.WAITING, state.get("Comment", ""))


def _step(visit: _Visit, state: Document, context: _Context, track: _Track, alive: bool) -> Step:
    if visit.failed or state["Type"] == "Fail":
        stand = Stand.FAILED
    elif visit.ended:
        stand = Stand.DONE
    elif alive:
        stand = Stand.CURRENT
    else:
        stand = Stand.DONE if state["Type"] == "Succeed" else Stand.FAILED
    lanes = tuple(_lanes(visit.name, state, context, track, stand is Stand.CURRENT))
    return Step(visit.name, state["Type"], stand, state.get("Comment", ""), visit.began, visit.ended, lanes)


def _lanes(name: str, state: Document, context: _Context, track: _Track, alive: bool) -> Iterator[Lane]:
    for number, branch in enumerate(state.get("Branches", ()), start=1):
        yield Lane(f"branch {number}", tuple(_steps(branch, context, track, alive)))
    if "ItemProcessor" not in state:
        return
    inside = [inner for inner in track.visits if inner[:-1] == context and inner and inner[-1].map == name]
    for inner in sorted(inside, key=lambda inner: inner[-1].number):
        steps = _steps(state["ItemProcessor"], inner, track, alive and inner not in track.over)
        yield Lane(_label(track.of(inner), inner[-1].number), tuple(steps))


def _label(visits: dict[str, _Visit], number: int) -> str:
    """What tells an iteration apart: its item's id, else its number."""
    given = next(iter(visits.values())).given
    try:
        item = json.loads(given)
    except ValueError:
        item = None
    named = item.get("id") if isinstance(item, dict) else None
    return str(named) if named else str(number + 1)


def _ahead(machine: Document, visited: list[str]) -> list[str]:
    """What is still to come on the longest way; nothing where the execution has left that way."""
    way = _longest(machine, machine["StartAt"], frozenset())
    if not visited:
        return way
    return way[way.index(visited[-1]) + 1 :] if visited[-1] in way else []


def _longest(machine: Document, name: str, behind: frozenset[str]) -> list[str]:
    """The longest way from a state to an end that passes no state twice and no Catch."""
    state = machine["States"][name]
    targets = [state.get("Next"), state.get("Default"), *(choice.get("Next") for choice in state.get("Choices", ()))]
    ways = [
        _longest(machine, target, behind | {name})
        for target in dict.fromkeys(targets)
        if target is not None and target != name and target not in behind
    ]
    return [name, *max(ways, key=lambda way: _work(machine, way), default=[])]


def _work(machine: Document, way: list[str]) -> int:
    return sum(machine["States"][name]["Type"] not in _SILENT | _ENDS for name in way)
