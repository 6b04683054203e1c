"""A candidate as something that can be hosted."""

from typing import Any, Literal

from fmops.core.models import Ours


class ObjectRef(Ours):
    """An object of our own weights, as it was when it was registered."""

    key: str
    size: int
    version: str | None
    """None in a bucket without versions."""
    etag: str
    sha256: str | None
    """As the training job's list of files says; None for a file that is not in it."""


class Artifact(Ours):
    """All that decides what a candidate answers: weights, container, prompt template and decoding."""

    kind: Literal["jumpstart"] = "jumpstart"
    model_id: str
    model_version: str
    hub_content_arn: str
    container: dict[str, Any]
    """`PrimaryContainer` of CreateModel: image, environment, where the weights lie."""
    network_isolation: bool
    timeouts: dict[str, int]
    """Members of the endpoint configuration's production variant."""
    prompt_template: str
    decoding: dict[str, Any]
    """As the evaluation job sends it."""
    chat: bool = False
    """Whether prompts go through the model's chat template; whoever asks the endpoint must render them so."""
    system: str | None = None
    """The chat's system message."""
    training_job: str | None = None
    """What made the weights; None for the hub's own."""
    package_arn: str | None = None
    """The model package that somebody else registered, where the weights come from one."""
    objects: tuple[ObjectRef, ...] = ()
    """Our own weights. What AWS publishes is trusted by its hub ARN."""

    @property
    def is_foreign(self) -> bool:
        """Whether its weights are not as AWS publishes them: then they are looked at, listed and part of the digest."""
        return self.training_job is not None or self.package_arn is not None

    @property
    def data_uri(self) -> str:
        """Where the weights lie."""
        return str(self.container["ModelDataSource"]["S3DataSource"]["S3Uri"])

    def tuned(self, training_job: str, data_uri: str) -> "Artifact":
        """The same with weights that a training job made from it."""
        packed = data_uri.endswith(".tar.gz")
        source = {
            # SageMaker takes a prefix without its slash for the beginning of a name.
            "S3Uri": data_uri if packed else f"{data_uri.rstrip('/')}/",
            "S3DataType": "S3Object" if packed else "S3Prefix",
            "CompressionType": "Gzip" if packed else "None",
        }
        container = {**self.container, "ModelDataSource": {"S3DataSource": source}}
        return self.model_copy(update={"container": container, "training_job": training_job, "objects": ()})
