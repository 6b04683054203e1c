"""Whatever happens, in whatever order: the promises of the system hold.

Hypothesis interleaves duplicates, reorderings, losses, crashes, time-outs, approvals, replacements and clock jumps over
the three journeys. Here it is always the same thousand steps; `make soak` takes ten thousand others each time.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.journeys.promises import promises
from tests.journeys.promises.world import World

STEPS_EACH = 100
MOST_DATASETS = 3
_HOW_JOBS_END = ("Completed", "Completed", "Failed", "Stopped", "Capacity")
_QUALITIES = ("good", "good", "poor", "empty", "few", "absent")
_REFUSALS = (
    ("create_training_job", "ThrottlingException"),
    ("create_training_job", "ResourceLimitExceeded"),
    ("create_processing_job", "ResourceLimitExceeded"),
    ("create_endpoint", "ResourceLimitExceeded"),
    ("create_endpoint", "ThrottlingException"),
    ("delete_endpoint", "ThrottlingException"),
    ("describe_endpoint", "ThrottlingException"),
)
MINUTE, HOUR, DAY = 60, 3600, 86_400
numbers = strategies.integers(0, 1000)


class Life(RuleBasedStateMachine):
    """One use case. `number`s choose among what there is, so that a step means something wherever it stands."""

    steps: ClassVar[int] = 0
    world: World

    @initialize(month_usd=strategies.sampled_from([2000, 60]), rounds=strategies.sampled_from([0, 3, 5, 12]))
    def begin(self, month_usd: float, rounds: int) -> None:
        """A dataset is there, and its run as far as these rounds take it: begun, asked about, released."""
        self.world = World(month_usd)
        self.world.drop_dataset()
        for _ in range(rounds):
            self.as_usual(approve=rounds > 5)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.world.come_to_rest()
            promises.kept_in_the_end(self.world)
        finally:
            self.world.close()

    # ---- what should happen

    @precondition(lambda self: len(self.world.seen.versions) < MOST_DATASETS)
    @rule()
    def a_dataset_is_dropped(self) -> None:
        self.world.drop_dataset()

    @rule(approve=strategies.booleans())
    def as_usual(self, approve: bool) -> None:
        """A round in which all goes well; perhaps people approve what they are asked about."""
        self.world.go_on()
        self.world.pass_time(5)
        if approve:
            for link in self.world.open_approvals():
                self.world.decide(link, "approve")

    @rule()
    def the_schedules_fire(self) -> None:
        self.world.look_after()

    @rule(calm=strategies.booleans())
    def traffic_comes(self, calm: bool) -> None:
        self.world.traffic(calm=calm)

    # ---- events

    @precondition(lambda self: self.world.pending)
    @rule(number=numbers)
    def an_event_arrives(self, number: int) -> None:
        """Any of those that are under way: later ones may be first."""
        self.world.deliver(self.world.pending.pop(number % len(self.world.pending)))

    @precondition(lambda self: self.world.past)
    @rule(number=numbers)
    def an_event_arrives_again(self, number: int) -> None:
        """However long ago it was delivered."""
        self.world.deliver_again(self.world.past[number % len(self.world.past)])

    @precondition(lambda self: any(event.may_be_lost for event in self.world.pending))
    @rule(number=numbers)
    def news_of_a_job_is_lost(self, number: int) -> None:
        lost = [event for event in self.world.pending if event.may_be_lost]
        self.world.pending.remove(lost[number % len(lost)])

    @precondition(lambda self: self.world.dead)
    @rule()
    def dead_letters_are_sent_again(self) -> None:
        self.world.redrive_dead_letters()

    # ---- jobs and endpoints

    @precondition(lambda self: self.world.running_jobs())
    @rule(number=numbers, how=strategies.sampled_from(_HOW_JOBS_END), quality=strategies.sampled_from(_QUALITIES))
    def a_job_ends(self, number: int, how: str, quality: Any) -> None:
        running = self.world.running_jobs()
        self.world.end_job(*running[number % len(running)], how, quality)

    @precondition(lambda self: self.world.cloud.changing())
    @rule(number=numbers, works=strategies.booleans())
    def an_endpoint_changes(self, number: int, works: bool) -> None:
        changing = self.world.cloud.changing()
        self.world.move_endpoint(changing[number % len(changing)], works=works)

    @rule(which=strategies.sampled_from(_REFUSALS))
    def sagemaker_will_refuse(self, which: tuple[str, str]) -> None:
        self.world.refuse(*which)

    # ---- crashes, time, and people who stop things

    @rule(calls=strategies.integers(1, 25), after=strategies.booleans())
    def a_function_will_crash(self, calls: int, after: bool) -> None:
        """Before or after one of the next calls that functions make."""
        self.world.fragility.arm(calls, after=after)

    @rule(seconds=strategies.sampled_from([5, MINUTE, 20 * MINUTE, 3 * HOUR]))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @rule(seconds=strategies.sampled_from([HOUR, DAY, 4 * DAY, 100 * DAY]))
    def the_clock_jumps(self, seconds: int) -> None:
        """Tasks that wait time out."""
        self.world.pass_time(seconds, at_once=True)

    @precondition(lambda self: self.world.executions("RUNNING"))
    @rule(number=numbers)
    def somebody_stops_an_execution(self, number: int) -> None:
        running = self.world.executions("RUNNING")
        self.world.steps.stop_execution(executionArn=running[number % len(running)])

    @precondition(lambda self: self.world.executions("FAILED"))
    @rule(number=numbers)
    def somebody_redrives_an_execution(self, number: int) -> None:
        failed = self.world.executions("FAILED")
        self.world.redrive(failed[number % len(failed)])

    # ---- approvals and replacements

    @precondition(lambda self: self.world.links())
    @rule(number=numbers, method=strategies.sampled_from(["GET", "HEAD"]))
    def a_link_is_opened(self, number: int, method: str) -> None:
        """Promise 4, its other half: opening a link changes nothing."""
        links, before = self.world.links(), self.world.everything()
        status = self.world.open_link(links[number % len(links)], method)
        assert status in (200, 403, 410, 502), status
        assert self.world.everything() == before

    @precondition(lambda self: self.world.links())
    @rule(number=numbers, decision=strategies.sampled_from(["approve", "reject"]))
    def an_approver_decides(self, number: int, decision: str) -> None:
        """By any link that was ever mailed."""
        links = self.world.links()
        status = self.world.decide(links[number % len(links)], decision)
        assert status in (200, 403, 409, 410, 502), status

    @precondition(lambda self: self.world.cloud.packages)
    @rule(number=numbers, status=strategies.sampled_from(["Approved", "Rejected"]))
    def the_console_flips_a_package(self, number: int, status: str) -> None:
        packages = self.world.cloud.packages
        self.world.flip(packages[number % len(packages)]["ModelPackageArn"], status)

    @precondition(lambda self: self.world.cloud.packages)
    @rule(number=numbers)
    def a_package_is_replaced(self, number: int) -> None:
        packages = self.world.cloud.packages
        self.world.replace_weights(packages[number % len(packages)])

    @invariant()
    def promises_hold(self) -> None:
        Life.steps += 1
        for promise in promises.EACH_STEP:
            promise(self.world)


def live(steps: int, seed: int | None = None) -> None:
    """So many steps, in lives of a hundred: always the same ones, or those of a seed."""
    chosen = settings(
        # Hypothesis begins a fourth of its lives in vain: it has had them before.
        max_examples=steps * 4 // 3 // STEPS_EACH,
        stateful_step_count=STEPS_EACH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        print_blob=True,
        derandomize=seed is None,
    )
    run_state_machine_as_test(Life if seed is None else hypothesis.seed(seed)(Life), settings=chosen)


def test_the_promises_hold_whatever_happens(repo: Path) -> None:
    """In a process of its own: a world replaces what its process connects with and tells the time by."""
    program = "from tests.journeys.promises.test_promises import Life, live; live(1000); print(Life.steps)"
    paths = os.pathsep.join(map(str, (repo, repo / "layers" / "fmops", repo / "cli")))

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=repo,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-8000:]
    assert int(done.stdout.split()[-1]) >= 1000
