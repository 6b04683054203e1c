"""Function processes and job processes killed at random while journeys run: each ends as ever, or fails clearly."""

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from fmops_cli.redrive import received, send
from local.demo import people
from tests.journeys.life import APPROVER, SUMS, Life, life, use_case
from tests.soak.table import Result

KILLS = 200
_AT_ONCE = 4
"""Use cases whose journeys run side by side in a round."""
_IN_A_ROUND = 25
"""Kills, at most: so they fall into many journeys."""
_PATIENCE = 600.0
_LONGEST_SECONDS = 3600.0
"""No round begins after that: a slow machine kills less often, and the table says how often."""
_MINUTE = 60.0
_ENDED = ("approved", "rejected", "expired", "superseded", "completed", "failed")
_JOBS = ("fine_tune.py", "evaluate.py")
ROOT = Path(__file__).resolve().parents[2]


def run(seed: int, scale: float) -> list[Result]:
    wanted = max(1, int(KILLS * scale))
    chance = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder, life(Path(folder), ROOT) as stack:
        rounds = Rounds(stack, chance)
        end = time.monotonic() + _LONGEST_SECONDS
        while rounds.kills.total() < wanted and time.monotonic() < end:
            rounds.play(min(wanted, rounds.kills.total() + _IN_A_ROUND))
            print(f"   {rounds.kills.total()} of {wanted} kills; runs: {dict(rounds.ends)}", flush=True)
        return rounds.results()


class Rounds:
    """Rounds of journeys side by side. After each round nothing may be left of what failed."""

    def __init__(self, stack: Life, chance: random.Random) -> None:
        self._stack, self._chance = stack, chance
        self.kills: Counter[str] = Counter()
        """Of function and of job processes."""
        self.ends: Counter[str] = Counter()
        """Runs by their status at the end, releases by theirs."""
        self.redriven = 0
        """Dead letters that were sent again."""
        self._number = 0

    def play(self, most: int) -> None:
        """A round in which processes are killed until there were `most` kills in all."""
        self._number += 1
        names = [f"kill-{self._number}-{n}" for n in range(_AT_ONCE)]
        for name in names:
            self._stack.save(use_case(name))
        with self._killing(most):
            for name in names:
                self._stack.drop(f"inbox/{name}/rows.jsonl", SUMS)
            self._until(lambda: self._are_decided(names))
        self._until(lambda: self._are_decided(names) and not self._running())
        self._until(lambda: not _left(self._stack))
        runs = self._runs(names)
        self.ends["runs failed before they were planned"] += len(names) - len(runs)
        for one in runs.values():
            self._must_be_clear(one)

    def results(self) -> list[Result]:
        runs = ", ".join(f"{count} {what}" for what, count in sorted(self.ends.items()) if count)
        found = (
            f"each run ended as ever or failed with a sentence, and nothing was left of any: {runs}; "
            f"{self.redriven} dead letters were redriven"
        )
        return [Result(f"kills of {kind} processes at random moments", n, found) for kind, n in self.kills.items()]

    # ---- people, and time

    def _are_decided(self, names: list[str]) -> bool:
        """Whether every run has ended; on the way people approve what asks them."""
        runs = self._runs(names)
        for one in runs.values():
            if one["status"] == "awaiting_approval":
                self._approve(one)
        ended = {name for name, one in runs.items() if one["status"] in _ENDED}
        return {*names} == ended | self._never_planned({*names} - runs.keys())

    def _runs(self, names: list[str]) -> dict[str, dict[str, Any]]:
        return {one["use_case"]: one for one in self._stack.reader.runs() if one["use_case"] in names}

    def _never_planned(self, names: set[str]) -> set[str]:
        """Those whose execution failed before it could write a run down, and whose people were told."""
        told = [str(alert) for alert in self._stack.reader.alerts()]
        failed = [one for one in self._stack.reader.executions("evaluation") if one["status"] == "FAILED"]
        inputs = {one["name"]: self._stack.reader.execution(one["executionArn"])["input"] for one in failed}
        return {
            name
            for name in names
            for run_id, text in inputs.items()
            if f'"{name}"' in text and any(run_id in alert for alert in told)
        }

    def _approve(self, run: dict[str, Any]) -> None:
        mails = [mail for mail in self._stack.mails(run["run_id"], APPROVER) if "/approvals/" in mail["text"]]
        for mail in mails[:1]:
            url = next(link for link in people.links(mail["text"]) if "/approvals/" in link)
            # The page's function may be killed too: people click again. A page that is decided has no form.
            with contextlib.suppress(people.Refused, OSError, ValueError):
                people.approve(url, run["winner"], "better")

    def _running(self) -> list[str]:
        journeys = ("evaluation", "release", "monitoring")
        return [
            one["executionArn"]
            for j in journeys
            for one in self._stack.reader.executions(j)
            if one["status"] == "RUNNING"
        ]

    def _until(self, done: Any) -> None:
        """Let time pass at many times its speed: what was killed is tried again minutes later."""
        end = time.monotonic() + _PATIENCE
        while not done():
            assert time.monotonic() < end, f"left: {_left(self._stack)}, running: {self._running()}"
            self._redrive()
            time.sleep(2)
            self._stack.aws.clock.advance(_MINUTE / 2)

    def _redrive(self) -> None:
        """What was killed three times lies in the dead-letter queue, and is sent again by whoever operates it."""
        queue, sqs = self._stack.outputs["DeadLettersUrl"], self._stack.target.client("sqs")
        for held in received(self._stack.target, queue):
            if send(self._stack.target, held) is None:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=held.receipt)
                self.redriven += 1

    # ---- the killer

    @contextmanager
    def _killing(self, most: int) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._kill_until, args=(over, most), name="killer", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _kill_until(self, over: threading.Event, most: int) -> None:
        while not over.wait(self._chance.uniform(0.2, 2.0)) and self.kills.total() < most:
            kinds = {"function": self._functions(), "job": self._jobs()}
            found = [kind for kind, pids in kinds.items() if pids]
            if found:
                kind = self._chance.choice(found)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._chance.choice(kinds[kind]), signal.SIGKILL)
                    self.kills[kind] += 1

    def _functions(self) -> list[int]:
        return self._stack.aws.lambdas.pool.busy()

    def _jobs(self) -> list[int]:
        """The processes of training and processing jobs; those that serve are not among them."""
        found = []
        for init in self._stack.aws.sagemaker.machine.processes.running():
            with contextlib.suppress(OSError, ValueError):
                child = int(Path(f"/proc/{init}/task/{init}/children").read_text().split()[0])
                if any(job in Path(f"/proc/{child}/cmdline").read_text() for job in _JOBS):
                    found.append(child)
        return found

    # ---- what must hold

    def _must_be_clear(self, run: dict[str, Any]) -> None:
        self.ends[f"runs {run['status']}"] += 1
        if run["status"] == "failed":
            assert run.get("sentence") or self._stack.mails(run["run_id"]), f"nobody says why {run['run_id']} failed"
        for release in self._stack.reader.releases():
            if release["run_id"] == run["run_id"]:
                self.ends[f"releases {release['status']}"] += 1


def _left(stack: Life) -> list[str]:
    """What a journey that has ended may not leave."""
    rows = _rows(stack)
    money = [row["pk"] for row in rows if row["sk"].startswith("SPEND#") and row["status"] != "settled"]
    turns = [
        f"turn of {turn['run_id']}"
        for row in rows
        if row["sk"] == "TURNS"
        for turn in [*row.get("running", []), *row.get("waiting", [])]
    ]
    unannounced = [f"unannounced {row['emit_type']}" for row in rows if "emit_pending" in row]
    client = stack.target.client("sagemaker")
    jobs = [
        job[name]
        for list_jobs, key, name in (
            (client.list_training_jobs, "TrainingJobSummaries", "TrainingJobName"),
            (client.list_processing_jobs, "ProcessingJobSummaries", "ProcessingJobName"),
        )
        for job in list_jobs(StatusEquals="InProgress")[key]
    ]
    serving = {release.get("endpoint") for release in stack.reader.releases()}
    endpoints = [name for name in stack.endpoints() if name not in serving]
    return [*money, *turns, *unannounced, *jobs, *endpoints]


def _rows(stack: Life) -> list[dict[str, Any]]:
    read = TypeDeserializer().deserialize
    pages = stack.target.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["LedgerName"])
    return [{key: read(value) for key, value in item.items()} for page in pages for item in page["Items"]]
