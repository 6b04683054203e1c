"""The models of this Bedrock: each is a folder of weights under a model id, and an inference profile beside it."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.protocol import ACCOUNT, PARTITION, REGION, AwsError

GEOGRAPHY = "us"
_MODEL_ARN = f"arn:{PARTITION}:bedrock:{REGION}::foundation-model/"
_PROFILE_ARN = f"arn:{PARTITION}:bedrock:{REGION}:{ACCOUNT}:inference-profile/"


@dataclass(frozen=True)
class FoundationModel:
    """A published model."""

    model_id: str
    name: str
    provider: str
    folder: Path

    @property
    def arn(self) -> str:
        return f"{_MODEL_ARN}{self.model_id}"

    @property
    def profile_id(self) -> str:
        return f"{GEOGRAPHY}.{self.model_id}"

    @property
    def profile_arn(self) -> str:
        return f"{_PROFILE_ARN}{self.profile_id}"

    def called(self, identifier: str) -> str:
        """How logs name it where it was asked for so: an inference profile by its ARN."""
        return self.profile_arn if identifier in (self.profile_id, self.profile_arn) else self.model_id

    def summary(self) -> dict[str, Any]:
        """As ListFoundationModels has it."""
        return {
            "modelArn": self.arn,
            "modelId": self.model_id,
            "modelName": self.name,
            "providerName": self.provider,
            "inputModalities": ["TEXT"],
            "outputModalities": ["TEXT"],
            "responseStreamingSupported": False,
            "customizationsSupported": [],
            "inferenceTypesSupported": ["ON_DEMAND", "INFERENCE_PROFILE"],
            "modelLifecycle": {"status": "ACTIVE"},
        }

    def profile(self) -> dict[str, Any]:
        """As ListInferenceProfiles has it."""
        return {
            "inferenceProfileName": f"US {self.name}",
            "inferenceProfileArn": self.profile_arn,
            "inferenceProfileId": self.profile_id,
            "models": [{"modelArn": self.arn}],
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        }


class Catalogue:
    """What was published."""

    def __init__(self) -> None:
        self._models: dict[str, FoundationModel] = {}
        self._lock = threading.Lock()

    def publish(self, model: FoundationModel) -> None:
        with self._lock:
            self._models[model.model_id] = model

    def all(self) -> list[FoundationModel]:
        with self._lock:
            return list(self._models.values())

    def find(self, identifier: str) -> FoundationModel | None:
        """By the id or ARN of a model or of its inference profile; None where there is none."""
        for model in self.all():
            if identifier in (model.model_id, model.arn, model.profile_id, model.profile_arn):
                return model
        return None

    def require(self, identifier: str) -> FoundationModel:
        """AwsError `ResourceNotFoundException` where there is none."""
        found = self.find(identifier)
        if found is None:
            raise AwsError("ResourceNotFoundException", "The specified foundation model does not exist.", 404)
        return found
