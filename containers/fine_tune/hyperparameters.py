"""The settings of a training job: SageMaker passes each as a string."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from containers.fine_tune.failures import TrainingFailed


class Hyperparameters(BaseModel):
    """Defaults suit a small data set on a small GPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=1, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=2e-4, gt=0)
    lora_r: int = Field(default=16, ge=1)
    lora_layers: int | None = Field(default=None, ge=1)
    batch_size: int = Field(default=8, ge=1)
    max_length: int = Field(default=512, ge=16)
    seed: int = Field(default=1, ge=0)
    checkpoint_seconds: float = Field(default=30.0, gt=0)
    """Between two checkpoints; what lies between is done again after a machine was lost."""


def read_hyperparameters(file: Path) -> Hyperparameters:
    """The hyperparameters of `file`. TrainingFailed names the one that is wrong. A missing file means all defaults."""
    if not file.is_file():
        return Hyperparameters()
    given = {
        name: _unquoted(value)
        for name, value in json.loads(file.read_text()).items()
        if not name.startswith("sagemaker_")  # The SageMaker SDK adds those for its own use.
    }
    try:
        return Hyperparameters.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise TrainingFailed(f"Hyperparameter {name} is wrong: {first['msg']}.") from error


def _unquoted(value: str) -> str:
    # The SDK writes each value as JSON, which puts quotes around strings.
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
