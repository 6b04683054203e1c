"""The queue of runs, in the ledger: who is told, what people see, and what a crash leaves."""

from typing import Any

import pytest

from fmops.core import wiring
from fmops.evaluation import runs
from fmops.evaluation.turns.desk import KEY
from tests.integration.evaluation.conftest import RUN, Evaluation

SECOND, THIRD = "run-2", "run-3"


def arn(run_id: str) -> str:
    return f"arn:aws:states:us-east-1:123456789012:execution:fmops-evaluation:{run_id}"


@pytest.fixture
def crowded(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """Three planned runs, of which one may evaluate."""
    monkeypatch.setenv("FMOPS_MAX_RUNS", "1")
    for run_id in (RUN, SECOND, THIRD):
        evaluation.call(
            "evaluation/plan_run",
            run_id=run_id,
            use_case="trivia",
            trigger={"kind": "dataset", "dataset": {"name": "trivia", "version": "v1"}},
            execution_arn=arn(run_id),
        )
        ask(evaluation, run_id)
    return evaluation


def ask(evaluation: Evaluation, run_id: str, token: str = "") -> Any:
    return evaluation.call(
        "evaluation/await_turn",
        run_id=run_id,
        use_case="trivia",
        execution_arn=arn(run_id),
        task_token=token or f"token-{run_id}",
    )


def status(run_id: str) -> str:
    return str(wiring.ledger().require(runs.key(run_id))["status"])


def told(evaluation: Evaluation) -> list[str]:
    return [token for token, _ in evaluation.states.successes]


def test_run_that_has_its_turn_is_told_at_once_and_the_next_is_shown_as_waiting(crowded: Evaluation) -> None:
    assert told(crowded) == [f"token-{RUN}"]
    assert [status(run_id) for run_id in (RUN, SECOND, THIRD)] == ["evaluating", "waiting", "waiting"]


def test_end_of_a_turn_tells_the_next_in_order(crowded: Evaluation) -> None:
    for run_id in (RUN, RUN, SECOND):
        crowded.call("evaluation/end_turn", run_id=run_id)

    assert told(crowded) == [f"token-{run_id}" for run_id in (RUN, SECOND, THIRD)]
    assert status(THIRD) == "evaluating"


def test_retried_wait_is_told_by_its_newest_token(crowded: Evaluation) -> None:
    ask(crowded, SECOND, "newer")

    crowded.call("evaluation/end_turn", run_id=RUN)

    assert told(crowded)[-1] == "newer"


def test_reconciler_takes_the_turn_of_an_aborted_run_and_closes_it(crowded: Evaluation) -> None:
    crowded.states.over[arn(RUN)] = "ABORTED"

    done = crowded.call("operations/reconcile")

    assert (done["closed"], done["turns_ended"]) == ([RUN], [RUN])
    assert told(crowded)[-1] == f"token-{SECOND}"
    run = wiring.ledger().require(runs.key(RUN))
    assert (run["status"], run["failure"]) == ("failed", "Aborted: its execution was stopped by somebody")
    assert run["ended_at"]


def test_reconciler_closes_a_run_once_and_leaves_those_that_go_on(crowded: Evaluation) -> None:
    crowded.states.over[arn(SECOND)] = "TIMED_OUT"
    crowded.call("operations/reconcile")

    again = crowded.call("operations/reconcile")

    assert (again["closed"], again["turns_ended"]) == ([], [])
    assert [status(run_id) for run_id in (RUN, SECOND, THIRD)] == ["evaluating", "failed", "waiting"]
    assert {record["run_id"] for record in runs.open_runs(wiring.ledger())} == {RUN, THIRD}


def test_turn_that_a_crash_left_untold_is_told_by_the_reconciler(crowded: Evaluation) -> None:
    crowded.states.broken = 1
    with pytest.raises(Exception, match="InternalServerError"):
        crowded.call("evaluation/end_turn", run_id=RUN)

    crowded.call("operations/reconcile")

    assert told(crowded)[-1] == f"token-{SECOND}"
    assert all(not turn["task_token"] for turn in wiring.ledger().require(KEY)["running"])
