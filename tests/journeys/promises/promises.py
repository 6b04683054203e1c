"""The system's promises, as what may never be seen: each function raises AssertionError where one is broken.

A promise is looked at after every step; `kept_in_the_end` once nothing moves any more.
"""

import re
from datetime import timedelta
from typing import Any

from fmops.core.clock import parse
from fmops.monitoring.windows import closed
from tests.journeys.promises.world import ENDPOINT, PREFIX, RUN_USD, World

_FINAL_RUNS = {"approved", "rejected", "expired", "superseded", "completed", "failed"}
_ENOUGH = 30
"""Records below which a window can't be judged, as the use case has it by default."""


def effects_happen_once(world: World) -> None:
    """1. However often an event comes, there is one run for a dataset version and one job for each of its tasks."""
    versions = [
        row["trigger"]["dataset"]["version"] for row in world.rows("RUN") if row["trigger"]["kind"] == "dataset"
    ]
    assert len(versions) == len(set(versions)), f"two runs of one dataset version: {versions}"
    assert not world.cloud.twice, f"launched although a job of the same task runs or is complete: {world.cloud.twice}"
    released = [row["model_package_arn"] for row in world.rows("RELEASE") if not row.get("back")]
    assert len(released) == len(set(released)), f"two releases of one package: {released}"


def gate_fails_closed(world: World) -> None:
    """2. Whatever was promoted has every score, of it and of what it was compared with."""
    for run in world.rows("RUN"):
        if run["verdict"] != "PROMOTE":
            continue
        for candidate in run["candidates"]:
            jobs = [
                name
                for name in world.seen.quality
                if re.fullmatch(rf"{PREFIX}-score-{run['run_id']}-{candidate}(-\d+)?", name)
            ]
            qualities = [world.seen.quality[name] for name in jobs]
            assert qualities, f"{run['run_id']} was promoted without results of {candidate}"
            assert qualities[-1] in ("good", "poor"), f"{run['run_id']} was promoted on {qualities} of {candidate}"


def only_what_people_approved_serves(world: World) -> None:
    """3. What a release claims was approved by a person, as it is now; so is what production's endpoint serves."""
    approved = world.seen.approved_by_people
    for release in world.rows("RELEASE"):
        assert release["run_id"] in approved, f"{release['release_id']} was approved by nobody"
        assert release["run_id"] not in world.seen.replaced, f"{release['release_id']} is not what was approved"
    if world.cloud.things["endpoint"].get(ENDPOINT):
        container = world.cloud.container_of(ENDPOINT)
        uri = container["ModelDataSource"]["S3DataSource"]["S3Uri"]
        assert any(run_id in uri for run_id in approved), f"{ENDPOINT} serves {uri}, which nobody approved"


def decisions_stand(world: World) -> None:
    """4. A link decides once: what was decided stays, rests on what people posted, and each has one vote."""
    for approval in world.rows("APPROVAL"):
        run_id, status = approval["run_id"], approval["status"]
        voters = [vote["approver"] for vote in approval["votes"]]
        assert len(voters) == len(set(voters)), f"two votes of one approver on {run_id}"
        before = world.seen.decided.get(run_id, status)
        assert before == status, f"{run_id} was {before} and is {status}"
        if status != "pending":
            world.seen.decided[run_id] = status
        if status == "approved":
            assert run_id in world.seen.approved_by_people, f"{run_id} was approved by nobody"


def nothing_runs_for_nobody(world: World) -> None:
    """5. What a run started, it stops: once the reconciler has looked, nothing is left of an execution that is over.

    SageMaker deletes no endpoint while it is being made: until then the reconciler comes again.
    """
    assert not world.forgotten, f"these run, and nobody waits for them: {world.forgotten}"


def money_is_reserved_first(world: World) -> None:
    """6. Nothing is made without its worst case in the ledger, and the caps hold.

    What ran longer than its worst case, for nobody was there to stop it, is billed all the same: beyond the cap.
    """
    assert not world.cloud.unpaid, f"made without a reservation: {world.cloud.unpaid}"
    reservations = list(world.rows("SPEND#"))
    for spent, most in [*((month, world.month_usd) for month in world.rows("MONTH#")), *_runs_spent(world)]:
        same = "run_id" if "run_id" in spent else "month"
        over = sum(
            max(0.0, one["settled_usd"] - one["reserved_usd"])
            for one in reservations
            if one["settled_usd"] is not None and one[same] == spent[same]
        )
        assert spent["committed_usd"] <= most + over + 1e-4, f"{spent[same]}: {spent['committed_usd']} USD of {most}"


def _runs_spent(world: World) -> list[tuple[dict[str, Any], float]]:
    return [(spent, RUN_USD) for spent in world.rows("SPEND") if spent.get("journey") == "evaluation"]


def silence_is_no_consent(world: World) -> None:
    """7. A window with too little to judge is never called fine."""
    for window in world.rows("WINDOW#"):
        if window["status"] == "judged" and window["records"] < _ENOUGH:
            assert window["verdict"] == "INSUFFICIENT_DATA", f"{window['window']}: {window['verdict']}"


def nothing_needs_the_internet(world: World) -> None:
    """8. No function opens a connection, and no job brings anything from outside of the account and the hub."""
    assert not world.connections, f"connected to {world.connections}"
    for kind in ("training_job", "processing_job", "model"):
        for name, request in world.cloud.things[kind].items():
            uris = set(re.findall(r"https?://[^'\"\s]+", str(request)))
            assert not uris, f"{name} asks for {uris}"


EACH_STEP = (
    effects_happen_once,
    gate_fails_closed,
    only_what_people_approved_serves,
    decisions_stand,
    nothing_runs_for_nobody,
    money_is_reserved_first,
    silence_is_no_consent,
    nothing_needs_the_internet,
)


def kept_in_the_end(world: World) -> None:
    """When all is quiet: nothing was lost, nothing goes on, all money is settled, and every failure was told."""
    _everything_ended(world)
    _every_dataset_was_taken(world)
    _every_window_was_judged(world)
    _every_failure_was_told(world)
    for check in EACH_STEP:
        check(world)


def _everything_ended(world: World) -> None:
    going = [name for name, status in world.aws.states.statuses.items() if status == "RUNNING"]
    assert not going, f"executions go on: {going}"
    left = [name for name in world.cloud.running() if name != ENDPOINT]
    assert not left, f"left running: {left}"
    for run in world.rows("RUN"):
        assert run["status"] in _FINAL_RUNS, f"{run['run_id']} is {run['status']} for ever"
    unsettled = [row["name"] for row in world.rows("SPEND#") if row["status"] != "settled"]
    assert not unsettled, f"money is still reserved for {unsettled}"
    for release in world.rows("RELEASE"):
        status = release["status"]
        assert status in ("released", "rolled_back") or _is_left_to_people(world, release), (
            f"{release['release_id']} is {status} for ever"
        )
    pending = world.unannounced()
    assert not pending, f"never announced: {pending}"


def _is_left_to_people(world: World, release: dict[str, Any]) -> bool:
    """A verified release whose execution failed serves already; people redrive it."""
    name = str(release["execution_arn"]).rsplit(":", 1)[1]
    return release["status"] in ("verified", "claimed", "prepared") and world.aws.states.statuses[name] == "FAILED"


def _every_dataset_was_taken(world: World) -> None:
    known = {row["sk"].removeprefix("VERSION#") for row in world.rows("VERSION#")}
    started = {row["trigger"]["dataset"]["version"] for row in world.rows("RUN") if row["trigger"]["kind"] == "dataset"}
    dropped = set(world.seen.versions)
    assert dropped == known, f"dropped {sorted(dropped)}, registered {sorted(known)}"
    assert dropped == started, f"dropped {sorted(dropped)}, evaluated {sorted(started)}"


def _every_window_was_judged(world: World) -> None:
    """Of what serves now: those windows that were due when the schedule fired last."""
    champions = list(world.rows("CHAMPION"))
    if not champions:
        return
    judged = {row["window"]: row["status"] for row in world.rows("WINDOW#")}
    monitoring = world.use_case.monitoring
    lateness = timedelta(minutes=monitoring.lateness_minutes)
    due = closed(world.last_scheduled, parse(champions[0]["released_at"]), monitoring.window_hours, lateness)
    for window in due:
        failed = any(window.name in alert or "monitoring" in alert for alert in world.alerts())
        assert judged.get(window.name) == "judged" or failed, f"nobody says what became of {window.name}"


def _every_failure_was_told(world: World) -> None:
    told = "\n".join(world.alerts())
    for name, status in world.aws.states.statuses.items():
        if status in ("FAILED", "TIMED_OUT", "ABORTED"):
            assert name in told, f"nobody was told that {name} is {status}"
