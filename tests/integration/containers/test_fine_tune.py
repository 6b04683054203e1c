"""Fine-tuning a tiny model for real: learning, stopping, going on, refusing."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs


@pytest.fixture(scope="module")
def outcome(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return jobs.scenarios("fine_tune_scenarios.py", tmp_path_factory.mktemp("fine_tune"))


def test_the_loss_falls_step_by_step(outcome: dict[str, Any]) -> None:
    losses = outcome["losses"]

    assert len(losses) == 30
    # So small a model learns little; what it learns is the same on every machine.
    assert sum(losses[-5:]) < 0.98 * sum(losses[:5])


def test_an_interrupted_training_ends_in_the_weights_of_one_that_was_not(outcome: dict[str, Any]) -> None:
    assert outcome["resumed"] == ["resumed step=7/30"]
    assert outcome["first"] + outcome["second"] == outcome["losses"]
    assert outcome["difference"] <= 1e-6


def test_a_stop_leaves_one_whole_checkpoint(outcome: dict[str, Any]) -> None:
    assert outcome["checkpoints"] == ["step-0000007.safetensors"]


def test_a_checkpoint_of_another_training_is_not_taken(outcome: dict[str, Any]) -> None:
    assert outcome["foreign"] == []
    assert outcome["broken_is_passed_over"]


def test_only_the_chosen_layers_change_and_the_precision_stays(outcome: dict[str, Any]) -> None:
    assert {name.split(".")[2] for name in outcome["changed"]} == {"1"}
    assert len(outcome["changed"]) == 7
    assert outcome["dtype"] == "torch.float16"


def test_the_files_of_the_model_are_listed_with_their_checksums(outcome: dict[str, Any]) -> None:
    listed = {file["path"]: file["sha256"] for file in outcome["listed"]}

    assert listed == outcome["digests"]
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= listed.keys()
    assert all(file["size"] > 0 for file in outcome["listed"])


def test_pickled_weights_are_refused(outcome: dict[str, Any]) -> None:
    assert outcome["pickled"] == (
        "The model channel holds only pytorch_model.bin, which may run code when it is read; "
        "weights must be safetensors."
    )


def test_a_missing_model_is_said(outcome: dict[str, Any]) -> None:
    assert outcome["empty"].startswith("The model channel holds no model")


def test_a_loss_that_is_no_number_ends_the_job(outcome: dict[str, Any]) -> None:
    assert outcome["diverged"].endswith("lower the learning_rate.")


def test_prompts_are_padded_on_the_left_and_only_completions_are_labels(outcome: dict[str, Any]) -> None:
    tokens, mask, positions, labels = outcome["batch"]

    assert tokens == [[5, 6, 7, 1], [0, 0, 8, 1]]
    assert mask == [[1, 1, 1, 1], [0, 0, 1, 1]]
    assert positions == [[0, 1, 2, 3], [0, 0, 0, 1]]
    assert labels == [[7, 1, -100], [-100, 1, -100]]


def test_an_epoch_visits_every_row_once_and_can_be_entered_anywhere(outcome: dict[str, Any]) -> None:
    assert outcome["epoch"] == list(range(10))
    assert outcome["later_batches_agree"]


def test_sigterm_makes_the_container_write_a_checkpoint_and_end(jobs: Jobs, tmp_path: Path) -> None:
    root = tmp_path / "ml"
    (root / "input" / "config").mkdir(parents=True)
    (root / "input" / "data").mkdir()
    settings = {"epochs": "100000", "learning_rate": "0.01", "batch_size": "8"}
    (root / "input" / "config" / "hyperparameters.json").write_text(json.dumps(settings))
    make = "import sys, tiny; from pathlib import Path; tiny.make_model(Path(sys.argv[1])/'model')"
    make += "; tiny.make_rows(Path(sys.argv[1])/'training')"
    run = f"{make}; import runpy; runpy.run_path(sys.argv[2], run_name='__main__')"
    here = str(Path(__file__).parent)
    more = {"FMOPS_ML_ROOT": str(root), "PYTHONPATH": f"{jobs.environment['PYTHONPATH']}:{here}"}

    with jobs.start(
        "-c", run, str(root / "input" / "data"), str(jobs.repo / "containers" / "fine_tune" / "main.py"), more=more
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step=3/"):
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        code = process.wait(60)

    assert code == 128 + signal.SIGTERM
    assert "stopped after step" in rest
    assert len(list((root / "checkpoints").glob("step-*.safetensors"))) == 1
    assert not (root / "model").exists()
    assert not (root / "output" / "failure").exists()
