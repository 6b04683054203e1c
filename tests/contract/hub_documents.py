"""A hub document made of a spec from JumpStart's buckets, as its public hub has it: the same facts, other names."""

import re
from typing import Any

REGION = "us-east-1"
PUBLIC, PRIVATE = f"s3://jumpstart-cache-prod-{REGION}/", f"s3://jumpstart-private-cache-prod-{REGION}/"


def hub_document(spec: dict[str, Any]) -> dict[str, Any]:
    """Members in PascalCase, addresses instead of keys, images of one region instead of aliases."""
    document = _hosting(spec)
    document |= {
        "TrainingScriptUri": PUBLIC + spec["training_prepacked_script_key"],
        "TrainingArtifactUri": PRIVATE + spec["training_artifact_key"],
        "TrainingInstanceTypeVariants": _variants(spec["training_instance_type_variants"]),
        "TrainingMetrics": spec["metrics"],
        "HostingEulaUri": PUBLIC + spec["hosting_eula_key"],
        "DisableOutputCompression": spec["estimator_kwargs"]["disable_output_compression"],
        "EncryptInterContainerTraffic": spec["estimator_kwargs"]["encrypt_inter_container_traffic"],
        "InferenceConfigs": {
            name: {"ComponentNames": one["component_names"]} for name, one in spec["inference_configs"].items()
        },
        "InferenceConfigComponents": {name: _hosting(one) for name, one in spec["inference_config_components"].items()},
        "InferenceConfigRankings": {
            name: {"Rankings": one["rankings"]} for name, one in spec["inference_config_rankings"].items()
        },
    }
    for name in (
        "training_supported",
        "gated_bucket",
        "training_volume_size",
        "training_enable_network_isolation",
        "supported_training_instance_types",
        "default_training_instance_type",
    ):
        document[_pascal(name)] = spec[name]
    document["Hyperparameters"] = [_members(one) for one in spec["hyperparameters"]]
    return document


def _hosting(spec: dict[str, Any]) -> dict[str, Any]:
    document = {
        "HostingArtifactUri": PRIVATE + spec["hosting_prepacked_artifact_key"],
        "HostingArtifactS3DataType": spec["hosting_artifact_s3_data_type"],
        "HostingArtifactCompressionType": spec["hosting_artifact_compression_type"],
        "InferenceEnvironmentVariables": [_members(one) for one in spec["inference_environment_variables"]],
        "InferenceVolumeSize": spec["inference_volume_size"],
        "InferenceEnableNetworkIsolation": spec["inference_enable_network_isolation"],
        "SupportedInferenceInstanceTypes": spec["supported_inference_instance_types"],
        "DefaultInferenceInstanceType": spec["default_inference_instance_type"],
    }
    if "hosting_instance_type_variants" in spec:
        document["HostingInstanceTypeVariants"] = _variants(spec["hosting_instance_type_variants"])
    return document


def _variants(spec: dict[str, Any]) -> dict[str, Any]:
    aliases = spec["regional_aliases"][REGION]
    found = {}
    for family, variant in spec["variants"].items():
        given = variant.get("properties", {})
        properties: dict[str, Any] = {}
        if image := variant.get("regional_properties", {}).get("image_uri"):
            properties["ImageUri"] = aliases[image.removeprefix("$")]
        if environment := given.get("environment_variables"):
            properties["EnvironmentVariables"] = environment
        if key := given.get("gated_model_key_env_var_value"):
            properties["GatedModelEnvVarUri"] = PRIVATE + key
        found[family] = {"Properties": properties}
    return {"Variants": found}


def _members(spec: dict[str, Any]) -> dict[str, Any]:
    return {_pascal(name): value for name, value in spec.items()}


def _pascal(name: str) -> str:
    return re.sub(r"(?:^|_)([a-z0-9])", lambda found: found[1].upper(), name)
