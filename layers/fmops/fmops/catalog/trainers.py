"""How JumpStart trains a model, from its hub document: rules without I/O."""

import json
from collections.abc import Mapping
from typing import Any

from fmops.catalog.models import HubDocument, Hyperparameter, VariantProperties
from fmops.catalog.requests import takes_volume
from fmops.core.errors import LaunchRefused
from fmops.core.models import Ours

Value = str | int | float | bool

_SMALLEST_VOLUME_GB = 30
_GATED_URI = "SageMakerGatedModelS3Uri"


class Trainer(Ours):
    """JumpStart's own trainer of a model on one instance type: all that CreateTrainingJob needs to know of it."""

    image: str
    channels: list[dict[str, Any]]
    """What the trainer reads beside the rows: its code, and for most models the weights."""
    environment: dict[str, str]
    hyperparameters: dict[str, str]
    """Encoded as the trainer reads them: each value as JSON."""
    metrics: list[dict[str, str]]
    volume_gb: int
    network_isolation: bool
    encrypt_between_containers: bool
    compressed: bool
    """Whether it leaves `model.tar.gz` instead of a folder."""


def brings_trainer(document: HubDocument) -> bool:
    """Whether JumpStart can train this model."""
    return bool(document.training_supported and document.training_script_uri)


def trainer(
    document: HubDocument, model_id: str, instance_type: str, asked: Mapping[str, Value], *, accept_eula: bool
) -> Trainer:
    """How this model is trained on this instance type, with these hyperparameters over the document's.

    LaunchRefused where it cannot be, where the licence is not accepted, or where a hyperparameter is out of range.
    """
    if not brings_trainer(document):
        raise LaunchRefused(f"JumpStart brings no trainer for {model_id}; set tune.trainer to own")
    if document.gated and not accept_eula:
        raise LaunchRefused(
            f"{model_id} is gated: read its licence ({document.hosting_eula_uri or document.url or 'see the hub'}) "
            "and set accept_eula on the candidate"
        )
    supported = document.supported_training_instance_types
    if supported is not None and instance_type not in supported:
        raise LaunchRefused(f"{model_id} is not trained on {instance_type}; its types are {', '.join(supported)}")
    variant = _variant(document, instance_type)
    image = variant.image_uri or document.training_ecr_uri
    if not image:
        raise LaunchRefused(f"the hub document of {model_id} names no training image for {instance_type}")
    if document.training_artifact_uri is None and variant.gated_model_env_var_uri is None:
        raise LaunchRefused(f"the hub document of {model_id} names no weights to train from")
    volume = document.training_volume_size if takes_volume(instance_type) else None
    return Trainer(
        image=image,
        channels=_channels(document),
        environment=_environment(document, variant),
        hyperparameters=_hyperparameters(document.hyperparameters or [], model_id, asked),
        metrics=[{"Name": metric.name, "Regex": metric.regex} for metric in document.training_metrics or []],
        volume_gb=volume or _SMALLEST_VOLUME_GB,
        network_isolation=document.training_enable_network_isolation,
        encrypt_between_containers=document.encrypt_inter_container_traffic,
        compressed=not document.disable_output_compression,
    )


def _variant(document: HubDocument, instance_type: str) -> VariantProperties:
    variants = document.training_instance_type_variants
    return variants.for_instance(instance_type) if variants else VariantProperties()


def _fetches_weights_itself(document: HubDocument) -> bool:
    """Some gated models' trainers download the weights, from an address in the environment: then on every type."""
    types = document.supported_training_instance_types or []
    return any(_variant(document, each).gated_model_env_var_uri for each in types)


def _environment(document: HubDocument, variant: VariantProperties) -> dict[str, str]:
    environment = dict(variant.environment_variables)
    if _fetches_weights_itself(document) and variant.gated_model_env_var_uri:
        environment[_GATED_URI] = variant.gated_model_env_var_uri
        environment["accept_eula"] = "true"
    return environment


def _channels(document: HubDocument) -> list[dict[str, Any]]:
    code = _channel("code", {"S3Uri": document.training_script_uri})
    if _fetches_weights_itself(document) or document.training_artifact_uri is None:
        return [code]
    accepted = {"ModelAccessConfig": {"AcceptEula": True}} if document.gated else {}
    weights = _channel("model", {"S3Uri": document.training_artifact_uri, **accepted})
    return [{**weights, "ContentType": "application/x-sagemaker-model", "InputMode": "File"}, code]


def _channel(name: str, source: dict[str, Any]) -> dict[str, Any]:
    found = {"S3DataType": "S3Prefix", "S3DataDistributionType": "FullyReplicated", **source}
    return {"ChannelName": name, "DataSource": {"S3DataSource": found}}


def _hyperparameters(known: list[Hyperparameter], model_id: str, asked: Mapping[str, Value]) -> dict[str, str]:
    names = {each.name: each for each in known}
    if unknown := sorted(set(asked) - set(names)):
        raise LaunchRefused(
            f"the trainer of {model_id} has no hyperparameter {', '.join(unknown)}; it has {', '.join(sorted(names))}"
        )
    values = {**{each.name: each.default for each in known if each.default is not None}, **asked}
    for name, value in asked.items():
        _check(names[name], value, model_id)
    # As the scripts read them, `True` and `3` in quotes; SageMaker's toolkit wants the level of its log as a number.
    return {
        name: str(value) if name == "sagemaker_container_log_level" else json.dumps(str(value))
        for name, value in values.items()
    }


def _check(known: Hyperparameter, value: Value, model_id: str) -> None:
    where = f"the trainer of {model_id} takes {known.name}"
    if known.options and str(value) not in known.options:
        raise LaunchRefused(f"{where} as one of {', '.join(known.options)}, not {value}")
    if known.type in ("int", "float"):
        try:
            number = float(value)
        except ValueError:
            raise LaunchRefused(f"{where} as a number, not {value}") from None
        if known.type == "int" and not number.is_integer():
            raise LaunchRefused(f"{where} as a whole number, not {value}")
        if (known.min is not None and number < known.min) or (known.max is not None and number > known.max):
            raise LaunchRefused(f"{where} from {known.min} to {known.max}, not {value}")
