"""Faults 26, 27 and 28: endpoints that are stuck, deletes that fail, executions that somebody stops."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.life import OWNER, Life, life
from tests.journeys.releases import Releases, served


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[Life]:
    with life(tmp_path_factory.mktemp("faults"), repo) as deployed:
        yield deployed


def trial_of(stack: Life) -> str:
    found: list[str] = stack.until(lambda: [name for name in stack.endpoints() if name.endswith("-trial")])
    return found[0]


def test_fault_26_a_first_endpoint_stuck_in_creating_alerts_at_its_deadline_and_goes_when_it_may(stack: Life) -> None:
    releases = Releases(stack, served("stuck"))
    stack.aws.sagemaker.faults.hold("*-stuck")
    arn = releases.execution(releases.approve())
    releases.at(arn, "DeployRelease")

    stack.aws.clock.advance(releases.deadline(arn))

    assert stack.until(lambda: stack.mails("is stuck", OWNER))
    stack.until(lambda: releases.state(arn) == "RollBackRelease")
    assert releases.endpoint["EndpointStatus"] == "Creating"
    stack.aws.sagemaker.faults.let_go("*-stuck")
    stack.until(lambda: releases.endpoint["EndpointStatus"] == "InService")
    ended = releases.ended_moving(arn)
    assert ended["error"] == "ReleaseRolledBack"
    assert "States.Timeout: nothing was heard in time" in ended["cause"]
    stack.until(lambda: not [name for name in stack.endpoints() if name.endswith("-stuck")])


def test_fault_26_a_trial_stuck_in_creating_ends_the_release_and_is_removed_by_the_reconciler(stack: Life) -> None:
    releases = Releases(stack, served("held"))
    first = releases.released(releases.approve())
    stack.aws.sagemaker.faults.hold("*-trial")
    arn = releases.execution(releases.approve())
    trial = trial_of(stack)
    releases.at(arn, "StartTrial")

    stack.aws.clock.advance(5401)

    ended = releases.ended_moving(arn)
    assert (ended["error"], trial in stack.endpoints()) == ("ReleaseLeftovers", True)
    assert "Cannot update in-progress endpoint" in ended["cause"]
    assert stack.until(lambda: stack.mails("release rolled back", OWNER))
    stack.aws.sagemaker.faults.let_go("*-trial")
    stack.until(lambda: releases.sagemaker.describe_endpoint(EndpointName=trial)["EndpointStatus"] == "InService")
    stack.aws.clock.advance(301)
    stack.until(lambda: trial not in stack.endpoints())
    assert releases.endpoint["EndpointConfigName"] == first["endpoint_config"]


def test_fault_27_a_delete_that_fails_once_is_tried_again(stack: Life) -> None:
    releases = Releases(stack, served("sticky"))
    releases.released(releases.approve())
    stack.aws.sagemaker.faults.refuse("delete_endpoint", "*-trial")
    package = releases.approve()
    arn = releases.execution(package)

    releases.bake(arn)

    assert releases.ended(arn)["status"] == "SUCCEEDED"
    retried = [state for state, failed in releases.tasks(arn) if failed]
    assert retried == ["StopTrial"]
    assert not any(name.endswith("-trial") for name in stack.endpoints())


@pytest.mark.parametrize("state", ["StartTrial", "AwaitRelease"])
def test_fault_28_a_release_whose_execution_is_stopped_is_taken_back(stack: Life, state: str) -> None:
    releases = Releases(stack, served(f"stopped-{state.lower()}"))
    first = releases.released(releases.approve())
    package = releases.approve()
    arn = releases.execution(package)
    releases.at(arn, state)

    stack.target.client("stepfunctions").stop_execution(executionArn=arn, cause="a person changed their mind")

    def taken_back() -> Any:
        # The reconciler comes every five minutes, and needs two visits: one begins, one confirms.
        stack.aws.clock.advance(150)
        return releases.record(package)["status"] == "rolled_back"

    stack.until(taken_back)
    assert releases.record(package)["reason"].startswith("its execution is ABORTED")
    assert releases.endpoint["EndpointStatus"] == "InService"
    assert releases.endpoint["EndpointConfigName"] == first["endpoint_config"]
    stack.until(lambda: not any(name.endswith("-trial") for name in stack.endpoints()))
    stack.until(lambda: releases.alarms() == [])
