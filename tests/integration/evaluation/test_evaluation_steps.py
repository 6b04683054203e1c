"""The steps of the evaluation journey, from the claim to the package that waits for a person."""

import json
from datetime import timedelta
from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.core.errors import BadInput, BudgetExceeded, ComparisonRefused, NotFound, ResultsUnusable, WeightsRefused
from fmops.core.ledger import Key
from fmops.evaluation import runs
from fmops.evaluation.planning.choosing import ConstraintsNotMet
from fmops.serving.digest import digest
from fmops.serving.models import Artifact
from fmops.usecases import store
from tests.fakes.run import DOCUMENT, MODEL, use_case
from tests.fakes.sagemaker import refusal
from tests.fakes.weights import safetensors
from tests.integration.account import ARTIFACTS
from tests.integration.evaluation.conftest import EXECUTION, PREFIX, RUN, Evaluation

TUNE_JOB = f"{PREFIX}-tune-{RUN}-tuned"
ENDPOINT = f"{PREFIX}-eval-{RUN}-base"
SCORE_JOB = f"{PREFIX}-score-{RUN}-base"


def test_plan_run_claims_the_run_and_writes_run_candidates_and_plan(evaluation: Evaluation) -> None:
    planned = evaluation.plan()

    assert [c["id"] for c in planned["candidates"]] == ["base", "tuned"]
    assert planned["candidates"][1]["tune"] is True
    run = evaluation.record("RUN")
    assert (run["status"], run["execution_arn"], run["candidates"]) == ("evaluating", EXECUTION, ["base", "tuned"])
    assert run["dataset"] == {"name": "trivia", "version": "v1", "train_rows": 60, "test_rows": 40}
    assert evaluation.record("CANDIDATE#tuned")["kind"] == "fine_tuned"
    assert json.loads(evaluation.file("plan.json"))["dataset"]["version"] == "v1"


def test_plan_run_of_another_execution_is_a_duplicate(evaluation: Evaluation) -> None:
    evaluation.plan()

    assert evaluation.plan(execution="arn:other") == {"outcome": "duplicate", "run_id": RUN}


def test_plan_run_again_keeps_the_versions_that_were_pinned(evaluation: Evaluation) -> None:
    first = evaluation.plan()
    evaluation.sagemaker.hub.clear()

    assert evaluation.plan() == first


def test_plan_run_of_a_dataset_that_nobody_registered_says_so(evaluation: Evaluation) -> None:
    with pytest.raises(NotFound, match="v9"):
        evaluation.plan(dataset={"name": "trivia", "version": "v9"})


def test_plan_run_counts_what_the_month_has_reserved_already(evaluation: Evaluation) -> None:
    tight = use_case(budget={"run_usd": 18, "month_usd": 19})
    store.save(wiring.ledger(), tight, clock.now())
    evaluation.plan()
    evaluation.wait("start_inference", "base", "token-1")

    # What the endpoint may yet cost is taken, though nothing was billed.
    with pytest.raises(BudgetExceeded, match=r"5\.63 of the 19\.00 USD .* are taken"):
        evaluation.call(
            "evaluation/plan_run",
            run_id="run-1",
            use_case="trivia",
            trigger={"kind": "dataset", "dataset": {"name": "trivia", "version": "v1"}},
            execution_arn=f"{EXECUTION}-1",
        )


def test_plan_run_writes_the_first_rows_apart_where_no_more_are_wanted(evaluation: Evaluation) -> None:
    store.save(wiring.ledger(), use_case(evaluation={"max_rows": 25}), clock.now())

    evaluation.plan()

    assert len(evaluation.file("dataset/test.jsonl").splitlines()) == 25
    assert json.loads(evaluation.file("plan.json"))["dataset"]["test_uri"].endswith(f"{RUN}/dataset/test.jsonl")


def test_plan_run_writes_the_feature_matrix(evaluation: Evaluation) -> None:
    evaluation.plan()

    (row,) = json.loads(evaluation.file("features.json"))["rows"]
    assert (row["candidates"], row["kept"], row["usd_per_hour"]) == (["base", "tuned"], True, 1.408)
    assert row["features"]["licence"] is None


def test_plan_run_leaves_out_candidates_that_the_conditions_cut(evaluation: Evaluation) -> None:
    base, tuned = (candidate.model_dump() for candidate in use_case().candidates)
    candidates = [base, {**tuned, "instance_type": "ml.g5.2xlarge"}]
    store.save(wiring.ledger(), use_case(candidates=candidates, constraints={"max_usd_per_hour": 1.41}), clock.now())

    planned = evaluation.plan()

    assert [candidate["id"] for candidate in planned["candidates"]] == ["base"]
    cut = json.loads(evaluation.file("features.json"))["rows"][1]
    assert (cut["candidates"], cut["kept"]) == (["tuned"], False)
    assert cut["reasons"] == ["price by the hour: 1.515 USD for ml.g5.2xlarge, above 1.41 USD"]


def test_plan_run_says_why_no_candidate_is_left(evaluation: Evaluation) -> None:
    store.save(wiring.ledger(), use_case(constraints={"licences": ["mit"]}), clock.now())

    with pytest.raises(ConstraintsNotMet, match=r"base: licence: unknown; tuned: licence: unknown"):
        evaluation.plan()

    assert json.loads(evaluation.file("features.json"))["rows"][0]["kept"] is False


def test_launch_fine_tuning_renders_the_rows_and_launches_once(evaluation: Evaluation) -> None:
    evaluation.plan()

    for token in ("token-1", "token-2"):
        evaluation.wait("launch_fine_tuning", "tuned", token)

    first = json.loads(evaluation.file("candidates/tuned/training/train.jsonl").splitlines()[0])
    assert first == {"prompt": "Question: What is 0?\nAnswer:", "completion": "It is 0"}
    assert evaluation.sagemaker.created == [TUNE_JOB]
    assert evaluation.record("CANDIDATE#tuned")["status"] == "tuning"


def test_launch_fine_tuning_by_jumpstarts_own_trainer(evaluation: Evaluation) -> None:
    trainer = {
        "TrainingSupported": True,
        "TrainingScriptUri": "s3://code/sourcedir.tar.gz",
        "TrainingArtifactUri": "s3://weights/train.tar.gz",
        "TrainingEcrUri": "registry/train:1",
        "DisableOutputCompression": True,
        "Hyperparameters": [
            {"Name": "epoch", "Type": "int", "Default": 5},
            {"Name": "instruction_tuned", "Type": "text", "Default": "False"},
        ],
    }
    evaluation.sagemaker.publish(MODEL, json.dumps(DOCUMENT | trainer), "1.3.0")
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")

    request = evaluation.sagemaker.things["training_job"][TUNE_JOB]
    assert request["AlgorithmSpecification"]["TrainingImage"] == "registry/train:1"
    assert request["HyperParameters"]["epoch"] == '"1"'
    assert request["HyperParameters"]["instruction_tuned"] == '"True"'
    assert [channel["ChannelName"] for channel in request["InputDataConfig"]] == ["training", "model", "code"]
    assert "EnableManagedSpotTraining" not in request
    first = json.loads(evaluation.file("candidates/tuned/training/train.jsonl").splitlines()[0])
    assert set(first) == {"instruction", "context", "response"}
    template = json.loads(evaluation.file("candidates/tuned/training/template.json"))
    assert template["prompt"] == "Question: {context}{instruction}\nAnswer:"


def test_launch_fine_tuning_of_a_candidate_without_tuning_is_refused(evaluation: Evaluation) -> None:
    evaluation.plan()

    with pytest.raises(BadInput, match="not to be tuned"):
        evaluation.wait("launch_fine_tuning", "base", "token-1")


def test_end_of_the_training_job_resumes_its_task_with_the_weights(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")
    uri = evaluation.sagemaker.complete_training(TUNE_JOB)

    led_to = evaluation.news("TrainingJobName", TUNE_JOB)["led_to"]

    assert led_to == "success"
    assert evaluation.states.successes[0][1]["model_data_uri"] == uri


def test_start_inference_hosts_the_tuned_weights(evaluation: Evaluation) -> None:
    evaluation.plan()
    members = {"training_job": TUNE_JOB, "model_data_uri": "s3://artifacts-bucket/runs/x/output/model"}
    wiring.store().write(Location(ARTIFACTS, "runs/x/output/model/model.safetensors"), safetensors())

    evaluation.call(
        "evaluation/start_inference",
        run_id=RUN,
        candidate="tuned",
        execution_arn=EXECUTION,
        task_token="token-1",
        **members,
    )

    [model] = evaluation.sagemaker.things["model"].values()
    source = model["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]
    assert source["S3Uri"] == "s3://artifacts-bucket/runs/x/output/model/"
    assert evaluation.record("CANDIDATE#tuned")["artifact"]["training_job"] == TUNE_JOB


def test_fault_53_tuned_weights_that_are_no_safetensors_are_never_hosted(evaluation: Evaluation) -> None:
    evaluation.plan()
    members = {"training_job": TUNE_JOB, "model_data_uri": "s3://artifacts-bucket/runs/x/output/model"}
    wiring.store().write(Location(ARTIFACTS, "runs/x/output/model/pytorch_model.bin"), b"\x80\x04.")

    with pytest.raises(WeightsRefused):
        evaluation.call(
            "evaluation/start_inference",
            run_id=RUN,
            candidate="tuned",
            execution_arn=EXECUTION,
            task_token="token-1",
            **members,
        )

    assert evaluation.sagemaker.things["model"] == {}


def test_start_inference_without_the_weights_is_refused(evaluation: Evaluation) -> None:
    evaluation.plan()

    with pytest.raises(BadInput, match="no tuned weights"):
        evaluation.wait("start_inference", "tuned", "token-1")


def test_launch_evaluation_tells_the_job_which_endpoint_to_ask_and_how(evaluation: Evaluation) -> None:
    evaluation.plan()

    evaluation.wait("launch_evaluation", "base", "token-1", endpoint_name=ENDPOINT)

    job = json.loads(evaluation.file("candidates/base/config/job.json"))
    assert job["target"]["endpoint_name"] == ENDPOINT
    assert (job["metrics"], job["dataset_file"]) == (["qa_accuracy", "qa_toxicity"], "test.jsonl")
    assert job["prompt_template"] == "Question: {input}\nAnswer:"
    assert evaluation.sagemaker.created == [SCORE_JOB]


def test_processing_job_that_hits_its_time_limit_fails_its_task(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("launch_evaluation", "base", "token-1", endpoint_name=ENDPOINT)
    evaluation.sagemaker.end("processing_job", SCORE_JOB, ProcessingJobStatus="Stopped")

    evaluation.news("ProcessingJobName", SCORE_JOB)

    [(_, error, cause)] = evaluation.states.failures
    assert (error, "Stopped" in cause) == ("JobFailed", True)


def test_stop_inference_deletes_the_endpoint_and_says_how_the_candidate_ended(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("start_inference", "base", "token-1")
    evaluation.wait("launch_evaluation", "base", "token-2", endpoint_name=ENDPOINT)
    failure = {"error": "JobFailed", "cause": "The processing job x ended as Failed: no memory"}

    for _ in range(2):
        outcome = evaluation.call("evaluation/stop_inference", run_id=RUN, candidate="base", failure=failure)

    assert outcome == {"id": "base", "ok": False, "failure": f"JobFailed: {failure['cause']}"}
    assert evaluation.sagemaker.running() == []
    record = evaluation.record("CANDIDATE#base")
    assert (record["status"], sorted(record["jobs"])) == ("failed", sorted([ENDPOINT, SCORE_JOB]))


def compared(evaluation: Evaluation, base: float = 0.1, tuned: float = 0.6) -> Any:
    evaluation.plan()
    for candidate, mean in (("base", base), ("tuned", tuned)):
        evaluation.score(candidate, {"f1": [mean + 0.01 * (i % 5) for i in range(40)], "toxicity": [0.01] * 40})
        evaluation.call("evaluation/stop_inference", run_id=RUN, candidate=candidate, failure=None)
    evaluation.account.events()
    return evaluation.call("evaluation/compare_candidates", run_id=RUN)


def test_compare_candidates_promotes_the_better_one_and_announces_it(evaluation: Evaluation) -> None:
    answer = compared(evaluation)

    assert (answer["verdict"], answer["winner"]) == ("PROMOTE", "tuned")
    run = evaluation.record("RUN")
    assert (run["status"], run["winner"], run["verdict"]) == ("deciding", "tuned", "PROMOTE")
    found = evaluation.record("CANDIDATE#tuned")["metrics"]["f1"]
    assert found["low"] <= found["value"] <= found["high"]
    assert found["n"] == 40
    report = json.loads(evaluation.file("report.json"))
    assert report["decision"]["compared_with"] == "base"
    assert report["lineage"]["dataset_version"] == "v1"
    assert b"<!doctype html>" in evaluation.file("report.html")
    [(kind, detail)] = evaluation.account.events()
    assert (kind, detail["verdict"], detail["run_id"]) == ("EvaluationCompleted", "PROMOTE", RUN)


def test_compare_candidates_again_gives_the_same_answer(evaluation: Evaluation) -> None:
    assert compared(evaluation) == evaluation.call("evaluation/compare_candidates", run_id=RUN)


def test_run_that_promotes_nobody_is_completed(evaluation: Evaluation) -> None:
    wanted = use_case(metrics=[{"name": "f1", "weight": 1}, {"name": "toxicity", "limit": 0.001}])
    store.save(wiring.ledger(), wanted, clock.now())

    answer = compared(evaluation)

    assert (answer["verdict"], answer["winner"]) == ("REJECT", None)
    assert evaluation.record("RUN")["status"] == "completed"


def test_compare_candidates_without_the_results_of_one_fails(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.score("base", {"f1": [0.1] * 40, "toxicity": [0.0] * 40})

    with pytest.raises(ResultsUnusable, match="tuned left no results"):
        evaluation.call("evaluation/compare_candidates", run_id=RUN)


def weights(evaluation: Evaluation) -> str:
    prefix = Location(ARTIFACTS, f"runs/{RUN}/candidates/tuned/model/{TUNE_JOB}/output/model/")
    files = {"config.json": b"{}", "model.safetensors": safetensors()}
    for name, content in files.items():
        wiring.store().write(prefix.child(name), content)
    listed = [{"path": name, "size": len(content), "sha256": "a" * 64} for name, content in files.items()]
    wiring.store().write_json(prefix.child("files.json"), listed)
    return prefix.uri


def registered(evaluation: Evaluation) -> Any:
    evaluation.plan()
    uri = weights(evaluation)
    evaluation.call(
        "evaluation/start_inference",
        run_id=RUN,
        candidate="tuned",
        execution_arn=EXECUTION,
        task_token="token-1",
        training_job=TUNE_JOB,
        model_data_uri=uri,
    )
    compared(evaluation)
    return evaluation.call("evaluation/register_winner", run_id=RUN)


def test_register_winner_makes_one_package_that_waits_for_a_person(evaluation: Evaluation) -> None:
    answer = registered(evaluation)

    again = evaluation.call("evaluation/register_winner", run_id=RUN)

    [package] = evaluation.sagemaker.packages
    assert again == answer
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["CustomerMetadataProperties"]["digest"] == answer["digest"]
    assert package["CustomerMetadataProperties"]["fmops_run_id"] == RUN
    run = evaluation.record("RUN")
    assert (run["status"], run["model_package_arn"]) == ("awaiting_approval", answer["model_package_arn"])


def test_register_winner_seals_the_weights_with_versions_and_checksums(evaluation: Evaluation) -> None:
    answer = registered(evaluation)

    artifact = Artifact.model_validate(evaluation.record("CANDIDATE#tuned")["artifact"])
    assert [item.key.rsplit("/", 1)[1] for item in artifact.objects] == [
        "config.json",
        "files.json",
        "model.safetensors",
    ]
    assert all(item.version for item in artifact.objects)
    assert artifact.objects[2].sha256 == "a" * 64
    assert digest(artifact) == answer["digest"]


def test_register_winner_writes_its_intent_before_the_registry_hears_of_it(evaluation: Evaluation) -> None:
    evaluation.sagemaker.refuse("create_model_package", refusal("ThrottlingException"))

    with pytest.raises(Exception, match="Throttling"):
        registered(evaluation)

    assert evaluation.record("PACKAGE")["arn"] is None


def test_register_winner_finds_the_package_that_a_crash_left_behind(evaluation: Evaluation) -> None:
    answer = registered(evaluation)
    wiring.ledger().change(Key(f"RUN#{RUN}", "PACKAGE"), {"arn": None}, now=clock.now())

    again = evaluation.call("evaluation/register_winner", run_id=RUN)

    assert again["model_package_arn"] == answer["model_package_arn"]
    assert len(evaluation.sagemaker.packages) == 1


def test_register_winner_without_the_weights_that_training_named_fails(evaluation: Evaluation) -> None:
    registered(evaluation)
    key = f"runs/{RUN}/candidates/tuned/model/{TUNE_JOB}/output/model/model.safetensors"
    evaluation.account.s3.delete_object(Bucket=ARTIFACTS, Key=key)

    with pytest.raises(ResultsUnusable, match=r"lacks model\.safetensors"):
        evaluation.call("evaluation/register_winner", run_id=RUN)


def test_reconcile_announces_what_never_reached_the_bus(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation.account.events()
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    done = evaluation.call("operations/reconcile")

    # The dataset's registration was written down and, in this test, never announced.
    assert done["announced"] == ["DatasetRegistered"]
    assert [kind for kind, _ in evaluation.account.events()] == ["DatasetRegistered"]
    assert evaluation.call("operations/reconcile")["announced"] == []


def test_reconcile_resumes_a_job_whose_event_was_lost(evaluation: Evaluation) -> None:
    evaluation.plan()
    evaluation.wait("launch_fine_tuning", "tuned", "token-1")
    evaluation.sagemaker.complete_training(TUNE_JOB)

    assert evaluation.call("operations/reconcile")["resumed"] == [TUNE_JOB]


def test_compare_candidates_refuses_results_of_other_weights_or_another_tokenizer_than_were_asked(
    evaluation: Evaluation,
) -> None:
    evaluation.plan()
    for candidate in ("base", "tuned"):
        evaluation.score(candidate, {"f1": [0.5] * 40, "toxicity": [0.01] * 40})
        evaluation.call("evaluation/stop_inference", run_id=RUN, candidate=candidate, failure=None)
    # As the launch of the evaluation writes it down: of weights, template, decoding, guardrail and tokenizer.
    place = runs.candidate_key(RUN, "tuned")
    wiring.ledger().change(place, {"fingerprint": "sha256:asked"}, now=clock.now())

    with pytest.raises(ComparisonRefused, match="results of tuned were made with another candidate than the run asks"):
        evaluation.call("evaluation/compare_candidates", run_id=RUN)


def test_compare_candidates_refuses_results_of_another_template_than_the_plan_has(evaluation: Evaluation) -> None:
    evaluation.plan()
    for candidate in ("base", "tuned"):
        evaluation.score(candidate, {"f1": [0.5] * 40, "toxicity": [0.01] * 40})
        evaluation.call("evaluation/stop_inference", run_id=RUN, candidate=candidate, failure=None)
    place = Location(ARTIFACTS, f"runs/{RUN}/candidates/tuned/results/summary.json")
    summary = wiring.store().read_json(place)
    summary["fingerprints"]["prompt_template"] = "sha256:other"
    wiring.store().write_json(place, summary)

    with pytest.raises(ComparisonRefused, match="results of tuned were made with another prompt_template"):
        evaluation.call("evaluation/compare_candidates", run_id=RUN)
