"""Which runs may evaluate now, and which wait in which order: rules without I/O."""

from collections.abc import Mapping

from pydantic import Field

from fmops.core.models import Ours
from fmops.evaluation.planning.plans import Plan
from fmops.launches.models import JobKind
from fmops.launches.options import in_order, quota_name, within_quota


class Turn(Ours):
    """A run that evaluates, or waits to."""

    run_id: str
    use_case: str
    execution_arn: str
    task_token: str = Field(default="", repr=False)
    """Of the task that is still to be told; empty once it was."""
    asked_at: str
    needs: dict[str, int] = Field(default_factory=dict)
    """How many instances of each quota it may hold at once."""
    quotas: dict[str, float] = Field(default_factory=dict)


class Turns(Ours):
    """The ledger's one record of them; runs wait in the order in which they asked."""

    running: list[Turn] = Field(default_factory=list)
    waiting: list[Turn] = Field(default_factory=list)

    def asked(self, turn: Turn) -> "Turns":
        """With this run in the queue, or with its newest task bound to the place that it has."""
        if self.has(turn.run_id):
            binding = {"task_token": turn.task_token, "execution_arn": turn.execution_arn}
            return Turns(
                running=[
                    each.model_copy(update=binding) if each.run_id == turn.run_id else each for each in self.running
                ],
                waiting=[
                    each.model_copy(update=binding) if each.run_id == turn.run_id else each for each in self.waiting
                ],
            )
        return Turns(running=self.running, waiting=[*self.waiting, turn])

    def without(self, *run_ids: str) -> "Turns":
        return Turns(
            running=[each for each in self.running if each.run_id not in run_ids],
            waiting=[each for each in self.waiting if each.run_id not in run_ids],
        )

    def told(self, run_id: str, task_token: str) -> "Turns":
        """With this task answered."""
        return Turns(
            running=[
                each.model_copy(update={"task_token": ""})
                if (each.run_id, each.task_token) == (run_id, task_token)
                else each
                for each in self.running
            ],
            waiting=self.waiting,
        )

    def admitted(self, most: int) -> "Turns":
        """With as many of the waiting as fit, the first first: nobody passes a run that waits for a rare instance."""
        running, waiting = list(self.running), list(self.waiting)
        while waiting and len(running) < most and _fits(waiting[0], running):
            running.append(waiting.pop(0))
        return Turns(running=running, waiting=waiting)

    def has(self, run_id: str) -> bool:
        return any(each.run_id == run_id for each in (*self.running, *self.waiting))

    def is_waiting(self, run_id: str) -> bool:
        return any(each.run_id == run_id for each in self.waiting)


def needs(plan: Plan) -> dict[str, int]:
    """How many instances of each quota a run may hold at once: of the first type of each candidate that has one."""
    found: dict[str, int] = {}
    for candidate in plan.candidates:
        names = {_first(JobKind.PROCESSING, plan, plan.evaluation.instance_type, *plan.evaluation.other_instance_types)}
        if candidate.needs_endpoint and candidate.instance_type:
            names.add(_first(JobKind.ENDPOINT, plan, candidate.instance_type, *candidate.other_instance_types))
        if candidate.tune:
            tune = candidate.tune
            names.add(_first(JobKind.TRAINING, plan, tune.instance_type, *tune.other_instance_types, spot=tune.spot))
        for name in names:
            found[name] = found.get(name, 0) + 1
    return {name: min(count, plan.evaluation.parallel_candidates) for name, count in sorted(found.items())}


def quota_names(plan: Plan) -> list[str]:
    """All quotas that may matter to a run."""
    evaluation, found = plan.evaluation, set[str]()

    def add(kind: JobKind, *instance_types: str, spot: bool = False) -> None:
        found.update(quota_name(kind, option) for option in in_order(instance_types, spot=spot))

    add(JobKind.PROCESSING, evaluation.instance_type, *evaluation.other_instance_types)
    for candidate in plan.candidates:
        if candidate.needs_endpoint and candidate.instance_type:
            add(JobKind.ENDPOINT, candidate.instance_type, *candidate.other_instance_types)
        if candidate.tune:
            tune = candidate.tune
            add(JobKind.TRAINING, tune.instance_type, *tune.other_instance_types, spot=tune.spot)
    return sorted(found)


def _first(kind: JobKind, plan: Plan, *instance_types: str, spot: bool = False) -> str:
    options = within_quota(kind, in_order(instance_types, spot=spot), plan.no_quota)
    return quota_name(kind, options[0])


def _fits(turn: Turn, running: list[Turn]) -> bool:
    return all(
        # A run that alone needs more than there is takes its candidates' waits on itself.
        _held(running, name) + count <= max(turn.quotas[name], count)
        for name, count in turn.needs.items()
        if name in turn.quotas
    )


def _held(running: list[Turn], name: str) -> int:
    return sum(_need(turn.needs, name) for turn in running)


def _need(needed: Mapping[str, int], name: str) -> int:
    return needed.get(name, 0)
