"""JumpStart's documents, as far as we read them. AWS adds members as it likes: what we do not know is passed over."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from fmops.core.models import Theirs


def _unpack(value: Any) -> Any:
    """Some publishers write nested documents as JSON text."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


class _Document(BaseModel):
    """A part of a hub document: members in PascalCase."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal, populate_by_name=True)


class HubSummary(Theirs):
    """One row of ListHubContents."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal, populate_by_name=True)

    hub_content_name: str
    hub_content_version: str
    hub_content_arn: str
    support_status: str = "Supported"
    hub_content_search_keywords: list[str] = Field(default_factory=list)

    @property
    def task(self) -> str:
        """What follows `@task:` among the keywords, or an empty text."""
        tasks = [word.removeprefix("@task:") for word in self.hub_content_search_keywords if word.startswith("@task:")]
        return tasks[0] if tasks else ""


class EnvironmentVariable(_Document):
    name: str
    default: str | int | float | bool | None = None
    required_for_model_class: bool = False


class Hyperparameter(_Document):
    name: str
    type: str = "text"
    default: str | int | float | bool | None = None
    scope: str = "algorithm"
    min: float | None = None
    max: float | None = None
    options: list[str] | None = None


class TrainingMetric(_Document):
    name: str
    regex: str


class VariantProperties(_Document):
    image_uri: str | None = None
    environment_variables: dict[str, str] = {}
    gated_model_env_var_uri: str | None = None


class Variant(_Document):
    properties: VariantProperties = Field(default_factory=VariantProperties)


class InstanceTypeVariants(_Document):
    variants: dict[str, Variant] = {}

    def for_instance(self, instance_type: str) -> VariantProperties:
        """The family's properties under the exact type's, as the SageMaker SDK looks them up."""
        family = self._of(instance_type.split(".")[1])
        exact = self._of(instance_type)
        return VariantProperties(
            image_uri=exact.image_uri or family.image_uri,
            environment_variables={**family.environment_variables, **exact.environment_variables},
            gated_model_env_var_uri=exact.gated_model_env_var_uri or family.gated_model_env_var_uri,
        )

    def _of(self, name: str) -> VariantProperties:
        return self.variants[name].properties if name in self.variants else VariantProperties()


class Hosting(_Document):
    """What an inference configuration may say instead of the document."""

    hosting_ecr_uri: str | None = None
    hosting_artifact_uri: str | None = None
    hosting_artifact_compression_type: str | None = None
    hosting_artifact_s3_data_type: str | None = Field(default=None, alias="HostingArtifactS3DataType")
    hosting_instance_type_variants: Annotated[InstanceTypeVariants | None, BeforeValidator(_unpack)] = None
    inference_environment_variables: Annotated[list[EnvironmentVariable] | None, BeforeValidator(_unpack)] = None
    supported_inference_instance_types: list[str] | None = None


class InferenceConfig(_Document):
    component_names: list[str] = []


class Ranking(_Document):
    rankings: list[str] = []


class HubDocument(Hosting):
    """A `HubContentDocument`: how JumpStart hosts and trains one version of a model."""

    provider: str = ""
    task: str = ""
    url: str = ""
    gated_bucket: bool = False
    hosting_eula_uri: str | None = None
    default_inference_instance_type: str | None = None
    inference_enable_network_isolation: bool = False
    model_data_download_timeout: int | None = None
    container_startup_health_check_timeout: int | None = None

    inference_configs: Annotated[dict[str, InferenceConfig] | None, BeforeValidator(_unpack)] = None
    inference_config_components: Annotated[dict[str, Hosting] | None, BeforeValidator(_unpack)] = None
    inference_config_rankings: Annotated[dict[str, Ranking] | None, BeforeValidator(_unpack)] = None

    inference_volume_size: int | None = None

    training_supported: bool = False
    fine_tuning_supported: bool | None = None
    training_script_uri: str | None = None
    training_artifact_uri: str | None = None
    training_ecr_uri: str | None = None
    training_instance_type_variants: Annotated[InstanceTypeVariants | None, BeforeValidator(_unpack)] = None
    supported_training_instance_types: list[str] | None = None
    hyperparameters: Annotated[list[Hyperparameter] | None, BeforeValidator(_unpack)] = None
    training_metrics: Annotated[list[TrainingMetric] | None, BeforeValidator(_unpack)] = None
    training_volume_size: int | None = None
    training_enable_network_isolation: bool = False
    encrypt_inter_container_traffic: bool = False
    disable_output_compression: bool = False

    # Newer documents say what the model is; in older ones these are missing.
    license: str | None = None
    languages: list[str] | None = None
    context_window: int | str | None = None
    input_modalities: list[str] | None = None
    output_modalities: list[str] | None = None
    data_type: str | None = None
    model_access: str | None = None
    model_size: str | None = None
    """A class, as `70B-100B`."""

    @property
    def gated(self) -> bool:
        """Whether a person must accept the licence first."""
        return self.gated_bucket or bool(self.hosting_eula_uri) or (self.model_access or "").lower() == "gated"
