"""Which event leads where, as the template's rules have it, and an event on its way."""

from dataclasses import dataclass
from typing import Any

_TOLD = (
    "DatasetRejected NothingStarted EvaluationCompleted ApprovalDecided ModelReleased ReleaseRolledBack EndpointStuck "
    "DriftDetected ToxicityDetected MonitoringCompleted"
)
ROUTES: dict[str, list[str]] = {
    "Object Created": ["intake/register_dataset"],
    "DatasetRegistered": ["intake/start_evaluations"],
    "RetrainingRequested": ["intake/start_evaluations", "operations/raise_alert"],
    "SageMaker Training Job State Change": ["operations/resume_journey"],
    "SageMaker Processing Job State Change": ["operations/resume_journey"],
    "SageMaker Endpoint State Change": ["operations/resume_journey"],
    "SageMaker Model Package State Change": ["intake/review_package"],
    **{kind: ["operations/raise_alert"] for kind in _TOLD.split()},
    "Step Functions Execution Status Change": ["operations/raise_alert"],
}
NEWS_OF = {
    "training_job": ("SageMaker Training Job State Change", "TrainingJobName"),
    "processing_job": ("SageMaker Processing Job State Change", "ProcessingJobName"),
    "endpoint": ("SageMaker Endpoint State Change", "EndpointName"),
}


@dataclass
class Event:
    """On its way to one function or machine."""

    kind: str
    body: dict[str, Any]
    to: str
    tries: int = 0

    @property
    def may_be_lost(self) -> bool:
        """Whether only the reconciler can make up for it. All others EventBridge keeps until they are delivered."""
        return self.to == "operations/resume_journey"
