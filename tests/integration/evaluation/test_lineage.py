"""From a model package back to everything that it was made from."""

import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import location
from fmops.evaluation import runs
from fmops.serving.models import Artifact
from fmops.serving.objects import FINE_TUNING
from fmops_cli.failures import CommandFailed
from fmops_cli.lineage import show, trace
from fmops_cli.target import Target
from tests.integration.evaluation.conftest import RUN, Evaluation
from tests.integration.evaluation.test_evaluation_steps import TUNE_JOB, registered


def target() -> Target:
    return Target("fmops", {"LedgerName": wiring.settings().table}, wiring.client, local=True)


def test_package_leads_back_to_data_code_jobs_scores_and_decision(evaluation: Evaluation) -> None:
    answer = registered(evaluation)

    found = trace(target(), answer["model_package_arn"])

    assert (found["run"]["run_id"], found["model"]["candidate"]) == (RUN, "tuned")
    assert (found["data"]["name"], found["data"]["version"], found["data"]["test_rows"]) == ("trivia", "v1", 40)
    assert found["code"]["library"].startswith("sha256:")
    assert found["model"]["training_job"] == TUNE_JOB
    assert [weights["sha256"] for weights in found["model"]["weights"] if weights["key"].endswith(".safetensors")]
    assert found["results"]["base"]["fingerprints"]["dataset"] == "sha256:d"
    assert found["decision"]["verdict"] == "PROMOTE"
    assert found["approval"] is None
    assert all(check["holds"] for check in found["checks"])


def test_the_code_of_the_container_that_tuned_is_named(evaluation: Evaluation) -> None:
    registered(evaluation)
    artifact = Artifact.model_validate(wiring.ledger().require(runs.candidate_key(RUN, "tuned"))["artifact"])
    wiring.store().write_json(location(artifact.data_uri).child(FINE_TUNING), {"container": "sha256:code"})

    assert trace(target(), RUN)["code"]["containers"] == {"evaluate": None, "fine_tune": "sha256:code"}


def test_run_is_as_good_a_name_as_its_package(evaluation: Evaluation) -> None:
    answer = registered(evaluation)

    assert trace(target(), RUN)["package"]["arn"] == answer["model_package_arn"]


def test_ledger_that_was_tampered_with_is_told(evaluation: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    registered(evaluation)
    ledger, place = wiring.ledger(), runs.candidate_key(RUN, "tuned")
    artifact = ledger.require(place)["artifact"]
    ledger.change(place, {"artifact": {**artifact, "prompt_template": "Lie: {input}"}}, now=clock.now())

    found = trace(target(), RUN)

    broken = [check["what"] for check in found["checks"] if not check["holds"]]
    assert broken == ["the digest is that of the artifact in the ledger"]
    show(found)
    assert "NO   the digest is that of the artifact in the ledger" in capsys.readouterr().out


def test_run_that_registered_nothing_has_no_lineage(evaluation: Evaluation) -> None:
    evaluation.plan()

    with pytest.raises(CommandFailed, match="has registered no model package"):
        trace(target(), RUN)
