"""SageMaker as one service of the embedded AWS: its parts, and what the rest of a local run asks of it."""

from typing import Any, ClassVar, Protocol

from local import protocol
from local.protocol import Aws, Service
from local.sagemaker.background import Repeating
from local.sagemaker.capture import Capture
from local.sagemaker.endpoints import Endpoints
from local.sagemaker.faults import Faults, Quotas
from local.sagemaker.hub import Hub
from local.sagemaker.jobs import Progress
from local.sagemaker.machine import Machine
from local.sagemaker.models import Models
from local.sagemaker.processing import ProcessingJobs
from local.sagemaker.registry import Registry
from local.sagemaker.settings import JobSettings
from local.sagemaker.training import TrainingJobs


class _Part(Protocol):
    operations: Any


class SageMaker(Service):
    """Jobs, endpoints, the registry and the hub. Operations that no part has are refused by the front."""

    name: ClassVar[str] = "sagemaker"

    def __init__(self, aws: Aws, settings: protocol.JobSettings) -> None:
        self.machine = Machine(aws, JobSettings.of(settings))
        self.training = TrainingJobs(self.machine)
        self.processing = ProcessingJobs(self.machine)
        self.registry = Registry(self.machine)
        self.models = Models(self.machine, self.registry)
        self.endpoints = Endpoints(self.machine, self.models)
        self.hub = Hub(aws, self.machine.transfer)
        self.capture = Capture(aws)
        parts: tuple[_Part, ...] = (
            self.training,
            self.processing,
            self.registry,
            self.models,
            self.endpoints,
            self.hub,
            self.machine.tags,
        )
        for part in parts:
            for operation in part.operations:
                setattr(self, operation, getattr(part, operation))
        aws.clock.before_advance(self.flush)
        self._flushing = Repeating(self.flush, self.machine.settings.sync_interval, "sagemaker-flush")

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self.machine.faults

    @property
    def quotas(self) -> Quotas:
        return self.machine.quotas

    def start(self) -> None:
        self.hub.open()
        self._flushing.start()

    def stop(self) -> None:
        self._flushing.stop()
        parts = (self.training, self.processing, self.endpoints)
        # First all are told, so that none takes the end of its process for a failure.
        for part in parts:
            part.abandon()
        self.machine.processes.stop()
        for part in parts:
            part.join()

    def flush(self) -> None:
        """Write captured records and metrics now, under the hour in which they arose."""
        self.capture.flush()
        self.machine.metrics.flush()

    def progress(self, job_name: str) -> Progress | None:
        """How far a training or processing job is, by its own word; None when it has not said."""
        return self.training.progress(job_name) or self.processing.progress(job_name)

    def interrupt(self, training_job_name: str, *, warned: bool = True) -> None:
        """Take a training job's instance away, as a spot interruption does; without `warned` as a broken machine."""
        self.training.interrupt(training_job_name, warned=warned)
