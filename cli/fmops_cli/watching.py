"""`fmops watch`: a run as it moves, until its end."""

import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple

import typer
from botocore.exceptions import ClientError
from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fmops_cli.failures import FAILED
from fmops_cli.jobs import Jobs, JobView
from fmops_cli.options import AsJson, Stack, find, out, print_json_line
from fmops_cli.picture import Stand, Step, current, draw
from fmops_cli.reading import Reader, failure
from fmops_cli.runs import RunId, status_of
from fmops_cli.target import NoTarget, Target

_MARKS = {
    Stand.DONE: ("✓", "green"),
    Stand.CURRENT: ("●", "bold blue"),
    Stand.FAILED: ("✕", "red"),
    Stand.WAITING: ("○", "dim"),
}


class Moment(NamedTuple):
    """A run at one moment."""

    status: str
    """The execution's."""
    steps: tuple[Step, ...]
    jobs: tuple[JobView, ...]
    record: dict[str, Any] | None
    """The run in the ledger; None until its execution has claimed it."""
    why: str

    @property
    def is_over(self) -> bool:
        return self.status != "RUNNING"

    @property
    def where(self) -> str:
        if self.is_over:
            end = status_of(self.record) if self.record else self.why
            return f"{self.status.lower()}{f': {end}' if end else ''}"
        return current(self.steps)


def watch(
    run_id: RunId,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 1.0,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Follow a run until its end; the exit code is 1 where it failed."""
    watched = Watched(find(stack), run_id)
    if as_json:
        last = _tell(watched, every, _as_json)
    elif out.is_terminal:
        last = _live(watched, every)
    else:
        last = _tell(watched, every, out.print)
    if last.status != "SUCCEEDED":
        raise typer.Exit(FAILED)


class Watched:
    """Looks at one run."""

    def __init__(self, target: Target, run_id: str) -> None:
        """NoTarget where there is no run of this id."""
        self.run_id = run_id
        self._reader, self._jobs = Reader(target), Jobs(target)
        machine = target.output("EvaluationMachineArn")
        self._arn = f"{machine.replace(':stateMachine:', ':execution:')}:{run_id}"
        try:
            self._definition = self._reader.definition(self._arn)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ExecutionDoesNotExist", "InvalidArn"):
                raise
            ended = status_of(self._reader.run(run_id))
            # Step Functions keeps executions for 90 days; the ledger keeps runs for ever.
            raise NoTarget(f"the run {run_id} is long over ({ended}); `fmops report {run_id}`") from error

    def look(self) -> Moment:
        shown = self._reader.execution(self._arn)
        running = shown["status"] == "RUNNING"
        pointers = self._reader.jobs(self.run_id)
        jobs = [self._jobs.view(pointer["job_kind"], pointer["name"]) for pointer in pointers]
        return Moment(
            shown["status"],
            draw(self._definition, self._reader.history(self._arn), running=running),
            tuple(job for job in jobs if job),
            self._record(),
            "" if running else failure(shown),
        )

    def moments(self, every: float) -> Iterator[Moment]:
        """What is seen, look by look; the last one is the end."""
        while True:
            found = self.look()
            yield found
            if found.is_over:
                return
            time.sleep(every)

    def _record(self) -> dict[str, Any] | None:
        try:
            return self._reader.run(self.run_id)
        except NoTarget:
            return None


def _tell(watched: Watched, every: float, say: Callable[[str], None]) -> Moment:
    """Each change once, in a line."""
    told: dict[str, str] = {}
    for moment in watched.moments(every):
        lines = {"run": f"{watched.run_id}: {moment.where}"} | {job.name: _job_line(job) for job in moment.jobs}
        for key, line in lines.items():
            if told.get(key) != line:
                told[key] = line
                say(line)
    return moment


def _as_json(line: str) -> None:
    subject, _, state = line.partition(": ")
    print_json_line({"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "subject": subject, "state": state})


def _job_line(job: JobView) -> str:
    progress = f", {job.progress}" if job.progress and not job.is_over else ""
    return f"{job.name}: {job.kind} {_words(job.status)}{progress}"


def _words(status: str) -> str:
    """`InProgress` as people say it."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in status).strip()


def _live(watched: Watched, every: float) -> Moment:
    with Live(console=out, refresh_per_second=8) as live:
        for moment in watched.moments(every):
            live.update(picture(watched.run_id, moment))
    return moment


def picture(run_id: str, moment: Moment) -> Group:
    """The whole run on a terminal."""
    parts: list[Any] = [Text.assemble((run_id, "bold"), f"  {_headline(moment)}")]
    for step in moment.steps:
        parts.append(_step_line(step, 2))
        widest = max((len(lane.label) for lane in step.lanes), default=0)
        for lane in step.lanes:
            label = f"{lane.label:<{widest}}  "
            parts.append(Text.assemble("      ", (label, "bold"), *_lane(lane.steps)))
    if moment.jobs:
        parts += [Text(), _job_table(moment.jobs)]
    return Group(*parts)


def _headline(moment: Moment) -> str:
    if moment.is_over or moment.record is None:
        return moment.where if moment.is_over else "begins"
    return status_of(moment.record)


def _step_line(step: Step, indent: int) -> Text:
    mark, style = _MARKS[step.stand]
    return Text.assemble(" " * indent, (f"{mark} {step.name}", style))


def _lane(steps: tuple[Step, ...]) -> Iterator[tuple[str, str]]:
    for step in steps:
        mark, style = _MARKS[step.stand]
        yield f"{mark} {step.name}  ", style


def _job_table(jobs: tuple[JobView, ...]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for job in jobs:
        running = job.total and not job.is_over
        bar = ProgressBar(total=job.total, completed=job.done, width=24) if running else ""
        table.add_row(job.kind, job.name, _words(job.status), bar, job.progress if running else "")
    return table
