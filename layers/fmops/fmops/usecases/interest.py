"""Which new models are of interest to a use case, and which of these start a run: rules without I/O."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from fmops.core.models import Ours
from fmops.usecases.candidates import InstanceType

Source = Literal["jumpstart", "bedrock"]
Patterns = Annotated[list[str], Field(max_length=50)]


class Discovery(Ours):
    """Which new models of the hub and of Bedrock a team wants, and what happens then. An empty list limits nothing."""

    model_ids: Patterns = []
    """Patterns with `*` and `?` on the model's id; none: no new model is of interest."""
    sources: list[Source] = ["jumpstart"]
    tasks: list[str] = ["text-generation"]
    """Of JumpStart's models; Bedrock names none."""
    providers: Patterns = []
    """Patterns in any case, as for `licences`."""
    licences: Patterns = []
    max_billion_parameters: float | None = Field(default=None, gt=0)
    fine_tunable: bool = False
    """Whether only models count that their publisher's trainer can fine-tune."""
    then: Literal["run", "digest"] = "run"
    """`run`: each is evaluated; `digest`: one mail for a look at the catalogue says which there are."""
    runs_a_week: int = Field(default=5, ge=0, le=100)
    """So many new models start a run in any seven days; the others are in the mail."""
    instance_type: InstanceType | None = None
    """Where a discovered model is hosted; the document's default where this is left out."""


class NewModel(Ours):
    """A model version that nobody had seen, as far as its publisher tells of it."""

    source: Source
    model_id: str
    version: str
    """Empty for Bedrock, whose ids carry it."""
    task: str = ""
    provider: str | None = None
    licence: str | None = None
    billion_parameters: float | None = None
    fine_tunable: bool | None = None
    obstacle: str = ""
    """Why no run can ask it as it is."""
    unreadable: bool = False
    """Whether its publisher's document is none that we understand."""

    @property
    def name(self) -> str:
        return f"{self.model_id} {self.version}".strip()


class Noticed(NamedTuple):
    """A model that a team is told of, and why it is not evaluated."""

    model: NewModel
    why: str


class Selection(NamedTuple):
    """What becomes of new models."""

    runs: list[tuple[NewModel, list[str]]]
    """Each model, and the use cases that evaluate it."""
    digests: dict[str, list[Noticed]]
    """By use case, what it is told of."""

    def evaluated(self, use_case: str) -> list[str]:
        """The names of those that a use case evaluates."""
        return [model.name for model, names in self.runs if use_case in names]


def may_want(discovery: Discovery, source: Source, model_id: str, task: str) -> bool:
    """By what a catalogue's list tells already."""
    return (
        source in discovery.sources
        and (source == "bedrock" or task in discovery.tasks)
        and any(fnmatchcase(model_id, pattern) for pattern in discovery.model_ids)
    )


def wants(discovery: Discovery, model: NewModel) -> bool:
    """Whether the model is of interest. What its publisher does not say of it meets no condition.

    Of an unreadable one by its id and task alone: better told of one too many than of none.
    """
    if not may_want(discovery, model.source, model.model_id, model.task):
        return False
    size, most = model.billion_parameters, discovery.max_billion_parameters
    return model.unreadable or (
        _fits(model.provider, discovery.providers)
        and _fits(model.licence, discovery.licences)
        and (most is None or (size is not None and size <= most))
        and (not discovery.fine_tunable or model.fine_tunable is True)
    )


def select(discoveries: Mapping[str, Discovery], models: Iterable[NewModel], recent: Mapping[str, int]) -> Selection:
    """What becomes of `models`, in their order. `recent`: how many runs of a use case new models started of late."""
    runs: list[tuple[NewModel, list[str]]] = []
    digests: dict[str, list[Noticed]] = {}
    left = {name: rule.runs_a_week - recent.get(name, 0) for name, rule in discoveries.items()}
    for model in models:
        evaluating: list[str] = []
        for name, rule in discoveries.items():
            if not wants(rule, model):
                continue
            why = _why_not(rule, model, left[name])
            if why:
                digests.setdefault(name, []).append(Noticed(model, why))
            else:
                left[name] -= 1
                evaluating.append(name)
        runs.append((model, evaluating))
    return Selection(runs, digests)


def _why_not(rule: Discovery, model: NewModel, left: int) -> str:
    """Why a model of interest starts no run; empty where it does."""
    if rule.then == "digest":
        return "the use case takes a digest instead of runs (discovery.then)"
    if model.obstacle:
        return model.obstacle
    return (
        "" if left > 0 else f"{rule.runs_a_week} new models started a run within a week already (discovery.runs_a_week)"
    )


def _fits(value: str | None, patterns: list[str]) -> bool:
    if not patterns:
        return True
    return value is not None and any(fnmatchcase(value.lower(), pattern.lower()) for pattern in patterns)
