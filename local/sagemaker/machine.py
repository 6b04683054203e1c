"""What jobs and endpoints of this machine share."""

import threading
from pathlib import Path

from local.protocol import Aws
from local.sagemaker.faults import Faults, Quotas
from local.sagemaker.metrics import Metrics
from local.sagemaker.processes import Processes
from local.sagemaker.settings import JobSettings
from local.sagemaker.tags import Tags
from local.sagemaker.transfer import Transfer

_SOURCE = "aws.sagemaker"


class Machine:
    """The means by which SageMaker's parts do their work."""

    def __init__(self, aws: Aws, settings: JobSettings) -> None:
        self.aws = aws
        self.clock = aws.clock
        self.settings = settings
        self.folder: Path = aws.root / "sagemaker"
        self.processes = Processes()
        self.transfer = Transfer(aws, self.folder / "objects")
        self.metrics = Metrics(aws)
        self.tags = Tags()
        self.faults = Faults()
        self.quotas = Quotas()
        self.slots = threading.Semaphore(settings.parallel_jobs)

    def tell(self, detail_type: str, detail: dict[str, object], arn: str) -> None:
        """Put one of SageMaker's events on the default bus."""
        self.aws.emit(_SOURCE, detail_type, detail, [arn])
