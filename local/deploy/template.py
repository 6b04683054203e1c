"""The template file, and what AWS' SAM transform makes of it, with code where it lies on this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.utils.py27hash_fix import to_py27_compatible_template, undo_mark_unicode_str_in_template

from local.clients import own_session
from local.protocol import LocalError

LOCAL_BUCKET = "local-files"
"""Stands for this machine in S3 locations of the translated template; keys are absolute paths without the slash."""

_CODE = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
}
_ALLOWED_SECTIONS = {
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
}


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Sub x` is `{"Fn::Sub": "x"}`."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = str(loader.construct_scalar(node))
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise LocalError(f"the template uses !{suffix} in a way that is not understood")


_Loader.add_multi_constructor("!", _intrinsic)


def load_yaml(path: Path) -> Any:
    """Read a YAML or JSON file. LocalError where it cannot be read."""
    try:
        # A subclass of SafeLoader.
        document: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except FileNotFoundError as error:
        raise LocalError(f"{path} does not exist") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LocalError(f"{path} is not valid YAML: {error}") from error
    return document


def translate(path: Path, parameters: dict[str, str], managed_policies: dict[str, str]) -> dict[str, Any]:
    """The plain CloudFormation template of a SAM template. LocalError says what the transform refuses."""
    template: Any = load_yaml(path)
    if not isinstance(template, dict) or "Resources" not in template:
        raise LocalError(f"{path} is not a CloudFormation template")
    if unknown := set(template) - _ALLOWED_SECTIONS:
        raise LocalError(f"{path}: sections that the local deployment does not know: {sorted(unknown)}")
    # Anchors make one object of what stands in several places; the transform changes objects in place.
    plain: dict[str, Any] = _copied(template)
    for resource in _resources(plain):
        _point_to_files(resource, path.parent)
    if plain.get("Transform") != "AWS::Serverless-2016-10-31":
        return plain
    to_py27_compatible_template(plain, parameters)
    translator = Translator(managed_policies, Parser(), boto_session=own_session())
    try:
        translated: dict[str, Any] = undo_mark_unicode_str_in_template(translator.translate(plain, dict(parameters)))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes) or str(error)
        raise LocalError(f"{path}: the SAM transform refuses it: {causes}") from error
    return translated


def _resources(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # What Globals say about code stands for every function that does not.
    globals_ = template.get("Globals", {}).get("Function", {})
    for resource in template["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::Function" and "CodeUri" in globals_:
            resource.setdefault("Properties", {}).setdefault("CodeUri", globals_["CodeUri"])
        yield resource
    globals_.pop("CodeUri", None)


def _point_to_files(resource: dict[str, Any], base: Path) -> None:
    properties = resource.get("Properties", {})
    key = _CODE.get(resource.get("Type", ""))
    if key and isinstance(properties.get(key), str) and not properties[key].startswith("s3://"):
        properties[key] = f"s3://{LOCAL_BUCKET}{(base / properties[key]).resolve()}"
    if resource.get("Type") in ("AWS::Serverless::HttpApi", "AWS::Serverless::Api") and "DefinitionUri" in properties:
        properties["DefinitionBody"] = load_yaml(base / properties.pop("DefinitionUri"))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value
