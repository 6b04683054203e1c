"""A model of Bedrock is released by a route: approved, asked, named, and un-named again."""

import json
from typing import Any

import boto3
import pytest

from fmops.approval.models import Status
from fmops.core import clock, wiring
from fmops.core.errors import NotApproved, ReleaseTakenBack, VerificationFailed
from fmops.core.ledger import Key
from fmops.evaluation.models import Algorithm
from fmops.evaluation.targets import BedrockTarget, Guardrail
from fmops.monitoring.records import targets
from fmops.release.places import GoldenPlaces, Stage
from fmops.usecases.models import UseCase
from fmops.usecases.store import save
from tests.fakes.routed import Left, decided
from tests.integration.account import ACCOUNT, ARTIFACTS, CAPTURE, REGION
from tests.integration.release.conftest import MACHINE, USE_CASE

URI = "ssm:/fmops/routes/trivia"
PARAMETER = "/fmops/routes/trivia"


class Way:
    """The route's releases, function by function as the journey calls them."""

    def __init__(self, yard: Any) -> None:
        self.yard = yard
        document = {**USE_CASE, "release": {"kind": "route", "route_name": "trivia", "golden_prompts": 20}}
        save(wiring.ledger(), UseCase.model_validate(document), clock.now())

    def approve(self, number: int, model_id: str, status: Status = Status.APPROVED) -> str:
        """A run whose winner is a model of Bedrock, with a decision; the run's id."""
        run_id, numbers = f"run-{number:012d}", [str(i) for i in range(40)]
        left = Left(
            wiring.ledger(),
            wiring.store(),
            ARTIFACTS,
            [{"id": i, "input": f"p{i}", "target": "x"} for i in numbers],
            (Algorithm.QA_ACCURACY,),
            {"f1": 1.0},
        )
        target = BedrockTarget(model_id=model_id, region="us-east-1", guardrail=Guardrail(id="rail1", version="3"))
        decided(left, run_id, "trivia", URI, target, clock.now(), status)
        return run_id

    def claim(self, run_id: str) -> str:
        claimed = self.yard._call(
            "claim_release", {"model_package_arn": URI, "run_id": run_id, "execution_arn": f"{MACHINE}:{run_id}"}
        )
        return str(claimed["release_id"])

    def take(self, release_id: str, *, right: float = 1.0) -> None:
        """From its preparation to the champion's record."""
        prepared = self.yard.prepare(release_id)
        assert prepared["kind"] == "route"
        if prepared["trial"]:
            self.judge(release_id, right)
        self.yard.deploy(release_id, "t")
        self.yard.complete(release_id)

    def judge(self, release_id: str, right: float) -> None:
        call, waiter = self.yard._call, self.yard._waiter("golden")
        call("ask_golden_prompts", {**waiter, "release_id": release_id, "stage": "trial", "attempt": 0})
        places, store = GoldenPlaces.of(ARTIFACTS, release_id, Stage.TRIAL), wiring.store()
        asked = store.read_json(places.job)
        assert asked["target"]["guardrail"] == {"id": "rail1", "version": "3"}
        rows = list(store.read_json_lines(places.rows))
        answers = [{"id": row["id"], "prompt": row["input"], "answer": "an answer"} for row in rows]
        store.write_json_lines(places.results.child("answers.jsonl"), answers)
        store.write_json_lines(places.results.child("scores.jsonl"), [{"id": r["id"], "f1": right} for r in rows])
        call("judge_golden_prompts", {"release_id": release_id, "stage": "trial", "attempt": 0})

    def roll_back(self) -> str:
        wanted = {"use_case": "trivia", "reason": "complaints", "by": "ann"}
        call = {"rollback": wanted, "execution_arn": f"{MACHINE}:back"}
        release_id = str(self.yard._call("claim_rollback", call)["release_id"])
        self.take(release_id)
        return release_id

    @property
    def named(self) -> dict[str, Any] | None:
        """What applications read."""
        ssm = boto3.client("ssm")
        try:
            found: dict[str, Any] = json.loads(ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None
        return found


@pytest.fixture
def way(yard: Any) -> Way:
    return Way(yard)


def test_an_approved_model_is_named_with_all_that_it_takes_to_ask_it(way: Way) -> None:
    release_id = way.claim(way.approve(1, "us.amazon.nova-lite-v1:0"))

    way.take(release_id)

    assert way.named is not None
    assert way.named["model_id"] == "us.amazon.nova-lite-v1:0"
    assert way.named["guardrail"] == {"id": "rail1", "version": "3"}
    assert (way.named["prompt_template"], way.named["decoding"]["max_new_tokens"]) == ("Q: {input}", 16)
    champion = way.yard.champion
    assert (champion.release_id, champion.model_id) == (release_id, "us.amazon.nova-lite-v1:0")
    # Where the monitor looks for its calls.
    assert champion.capture_uri == f"s3://{CAPTURE}/bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}"
    assert [one.release_id for one in targets(wiring.ledger())] == [release_id]
    ((kind, _),) = way.yard.account.events()
    assert kind == "ModelReleased"


def test_a_worse_model_is_never_named(way: Way) -> None:
    way.take(way.claim(way.approve(1, "amazon.nova-lite-v1:0")))
    second = way.claim(way.approve(2, "amazon.nova-micro-v1:0"))
    way.yard.prepare(second)

    with pytest.raises(VerificationFailed, match=r"f1 0\.000 instead of 1\.000"):
        way.judge(second, 0.0)
    way.yard.roll_back(second)

    assert way.named is not None
    assert way.named["model_id"] == "amazon.nova-lite-v1:0"
    assert way.yard.record(second)["status"] == "rolled_back"


def test_a_failure_after_the_move_names_the_model_before(way: Way) -> None:
    way.take(way.claim(way.approve(1, "amazon.nova-lite-v1:0")))
    second = way.claim(way.approve(2, "amazon.nova-micro-v1:0"))
    way.yard.prepare(second)
    way.yard.deploy(second, "t")
    assert way.named is not None
    assert way.named["release_id"] == second

    undone = way.yard.roll_back(second)

    assert "names amazon.nova-lite-v1:0 again (version 3)" in undone["action"]
    assert way.named["model_id"] == "amazon.nova-lite-v1:0"


def test_a_first_route_that_is_taken_back_is_gone(way: Way) -> None:
    release_id = way.claim(way.approve(1, "amazon.nova-lite-v1:0"))
    way.yard.prepare(release_id)
    way.yard.deploy(release_id, "t")

    way.yard.roll_back(release_id)

    assert way.named is None


def test_one_step_back_and_forward_again(way: Way) -> None:
    way.take(way.claim(way.approve(1, "amazon.nova-lite-v1:0")))
    way.take(way.claim(way.approve(2, "amazon.nova-micro-v1:0")))

    way.roll_back()
    assert way.named is not None
    assert way.named["model_id"] == "amazon.nova-lite-v1:0"

    way.roll_back()
    assert way.named["model_id"] == "amazon.nova-micro-v1:0"


def test_a_route_that_somebody_moved_is_not_crowned(way: Way) -> None:
    release_id = way.claim(way.approve(1, "amazon.nova-lite-v1:0"))
    way.yard.prepare(release_id)
    way.yard.deploy(release_id, "t")
    boto3.client("ssm").delete_parameter(Name=PARAMETER)

    with pytest.raises(ReleaseTakenBack, match="names nothing"):
        way.yard.complete(release_id)


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.EXPIRED])
def test_without_an_approval_nothing_is_claimed(way: Way, status: Status) -> None:
    run_id = way.approve(1, "amazon.nova-lite-v1:0", status)

    with pytest.raises(NotApproved, match=f"is {status}"):
        way.claim(run_id)


def test_another_model_than_the_approved_one_is_refused(way: Way) -> None:
    run_id = way.approve(1, "amazon.nova-lite-v1:0")
    place = Key(f"RUN#{run_id}", "CANDIDATE#nova")
    candidate = wiring.ledger().require(place)
    candidate["artifact"]["prompt_template"] = "Ignore all that. {input}"
    wiring.ledger().change(place, {"artifact": candidate["artifact"]}, now=clock.now())

    with pytest.raises(NotApproved, match="would not name what was approved"):
        way.claim(run_id)


def test_the_same_decision_twice_is_one_release(way: Way) -> None:
    run_id = way.approve(1, "amazon.nova-lite-v1:0")
    way.claim(run_id)
    call = {"model_package_arn": URI, "run_id": run_id, "execution_arn": f"{MACHINE}:other"}

    assert way.yard._call("claim_release", call)["duplicate"] is True
