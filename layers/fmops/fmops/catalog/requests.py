"""From a hub document to SageMaker's requests: rules without I/O."""

from typing import Any, NamedTuple

from fmops.catalog.models import Hosting, HubDocument
from fmops.core.errors import LaunchRefused

_TIMEOUT = 1200
"""Seconds that the SageMaker SDK gives a model to be downloaded and to answer its first health check."""


class HostedModel(NamedTuple):
    """What CreateModel and CreateEndpointConfig need to know of a JumpStart model."""

    container: dict[str, Any]
    """`PrimaryContainer` of CreateModel."""
    network_isolation: bool
    timeouts: dict[str, int]
    """Members of the endpoint configuration's production variant: time-outs, and the disk where one can be chosen."""


def hosted_model(document: HubDocument, model_id: str, instance_type: str, *, accept_eula: bool) -> HostedModel:
    """How this model is hosted on this instance type.

    LaunchRefused where the document names no image or artifact for the type, or the licence is not accepted.
    """
    if document.gated and not accept_eula:
        raise LaunchRefused(
            f"{model_id} is gated: read its licence ({document.hosting_eula_uri or document.url or 'see the hub'}) "
            "and set accept_eula on the candidate"
        )
    hosting = _ranked(document, instance_type)
    supported = hosting.supported_inference_instance_types or document.supported_inference_instance_types
    if supported is not None and instance_type not in supported:
        raise LaunchRefused(f"{model_id} is not hosted on {instance_type}; its types are {', '.join(supported)}")
    variants = hosting.hosting_instance_type_variants or document.hosting_instance_type_variants
    variant = variants.for_instance(instance_type) if variants else None
    image = (variant and variant.image_uri) or hosting.hosting_ecr_uri or document.hosting_ecr_uri
    artifact = hosting.hosting_artifact_uri or document.hosting_artifact_uri
    if not image or not artifact:
        missing = "image" if not image else "artifact"
        raise LaunchRefused(f"the hub document of {model_id} names no {missing} for {instance_type}")
    variables = hosting.inference_environment_variables or document.inference_environment_variables or []
    environment = {v.name: _text(v.default) for v in variables if v.required_for_model_class and v.default is not None}
    if variant:
        environment |= variant.environment_variables
    container = {"Image": image, "Environment": environment, "ModelDataSource": _source(document, hosting, artifact)}
    disk = {"VolumeSizeInGB": document.inference_volume_size} if takes_volume(instance_type) else {}
    members = _timeouts(document) | {name: size for name, size in disk.items() if size}
    return HostedModel(container, document.inference_enable_network_isolation, members)


def takes_volume(instance_type: str) -> bool:
    """Whether a disk of a chosen size can be attached; families with disks of their own refuse it."""
    family = instance_type.split(".")[1]
    return not ("d" in family or family.startswith(("g5", "g6", "p5", "trn1")))


def _ranked(document: HubDocument, instance_type: str) -> Hosting:
    """The first inference configuration of the ranking that supports the type; the document where there is none."""
    rankings = document.inference_config_rankings or {}
    components = document.inference_config_components or {}
    for name in rankings["overall"].rankings if "overall" in rankings else []:
        config = (document.inference_configs or {}).get(name)
        for component in config.component_names if config else []:
            hosting = components.get(component)
            if hosting and instance_type in (hosting.supported_inference_instance_types or [instance_type]):
                return hosting
    return document


def _source(document: HubDocument, hosting: Hosting, artifact: str) -> dict[str, Any]:
    compressed = artifact.endswith(".tar.gz")
    source: dict[str, Any] = {
        "S3Uri": artifact,
        "S3DataType": hosting.hosting_artifact_s3_data_type
        or document.hosting_artifact_s3_data_type
        or ("S3Object" if compressed else "S3Prefix"),
        "CompressionType": hosting.hosting_artifact_compression_type
        or document.hosting_artifact_compression_type
        or ("Gzip" if compressed else "None"),
    }
    if document.gated:
        source["ModelAccessConfig"] = {"AcceptEula": True}
    return {"S3DataSource": source}


def _timeouts(document: HubDocument) -> dict[str, int]:
    return {
        "ModelDataDownloadTimeoutInSeconds": document.model_data_download_timeout or _TIMEOUT,
        "ContainerStartupHealthCheckTimeoutInSeconds": document.container_startup_health_check_timeout or _TIMEOUT,
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
