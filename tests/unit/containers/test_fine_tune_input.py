"""What the fine-tuning job reads, and the sentences with which it refuses."""

import json
from pathlib import Path

import pytest

from containers.fine_tune.failures import LONGEST, TrainingFailed, sentence
from containers.fine_tune.hyperparameters import Hyperparameters, read_hyperparameters
from containers.fine_tune.rows import Row, read_rows

GOOD = '{"prompt": "2 + 2?", "completion": "4"}'


def write(folder: Path, text: str) -> Path:
    (folder / "train.jsonl").write_text(text)
    return folder


def test_rows_are_read_in_order_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    other = GOOD.replace("4", "four")

    rows = read_rows(write(tmp_path, f"{GOOD}\n\n{other}\n"))

    assert rows == [Row(prompt="2 + 2?", completion="4"), Row(prompt="2 + 2?", completion="four")]


@pytest.mark.parametrize(
    "line",
    [
        "{broken",
        '{"prompt": "p"}',
        '{"prompt": "p", "completion": ""}',
        '{"prompt": "p", "completion": 4}',
        '{"prompt": "p", "completion": "c", "more": 1}',
        '["p", "c"]',
    ],
)
def test_a_malformed_row_is_refused_by_file_and_line(tmp_path: Path, line: str) -> None:
    folder = write(tmp_path, f"{GOOD}\n{line}\n")

    with pytest.raises(TrainingFailed, match=r"^train\.jsonl, line 2: "):
        read_rows(folder)


def test_a_file_that_is_not_utf_8_is_refused_by_line(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(GOOD.encode() + b'\n{"prompt": "\xff", "completion": "c"}\n')

    with pytest.raises(TrainingFailed, match="line 2"):
        read_rows(tmp_path)


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_channel_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path, text)

    with pytest.raises(TrainingFailed, match="holds no rows"):
        read_rows(folder)


def test_hyperparameters_are_strings_quoted_or_not(tmp_path: Path) -> None:
    file = tmp_path / "hyperparameters.json"
    file.write_text(json.dumps({"epochs": "3", "learning_rate": '"0.002"', "sagemaker_region": '"us-east-1"'}))

    settings = read_hyperparameters(file)

    assert settings == Hyperparameters(epochs=3, learning_rate=0.002)


@pytest.mark.parametrize("given", [{"epochs": "0"}, {"lora_r": "many"}, {"epoch": "3"}])
def test_a_wrong_hyperparameter_is_named(tmp_path: Path, given: dict[str, str]) -> None:
    file = tmp_path / "hyperparameters.json"
    file.write_text(json.dumps(given))

    with pytest.raises(TrainingFailed, match=f"Hyperparameter {next(iter(given))} is wrong"):
        read_hyperparameters(file)


def test_a_failure_is_one_line_that_sagemaker_shows_whole() -> None:
    told = sentence(ValueError("x" * 5000 + "\nsecond line"))

    assert told.startswith("The training broke off with ValueError: xxx")
    assert len(told) == LONGEST
    assert "second" not in told


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_out_of_memory_says_what_to_change(error: Exception) -> None:
    assert "lower batch_size" in sentence(error)
