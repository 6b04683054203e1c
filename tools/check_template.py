"""Lints what SAM makes of the template: circles and wrong properties hide in the short form."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tools.templates import REGION, ROOT, TEMPLATE, UnreadableError, findings, read, resources

OUTPUT = ROOT / "build" / "template.translated.json"

# Where SAM wants an S3 address, the source template names a folder or file of this repository.
_LOCAL_PATHS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::Serverless::HttpApi": "DefinitionUri",
}
_VARIABLE = re.compile(r"\$\{[^!][^}]*\}")


def main(path: Path = TEMPLATE, output: Path = OUTPUT) -> int:
    try:
        template = read(path)
        problems = list(missing_paths(template, path.parent))
        translated = translate(template)
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(translated, indent=1) + "\n")
    problems += [f"{rule} {'/'.join(path)}: {message}" for rule, path, message in findings(translated)]
    problems += dashboard_problems(translated, path.parent)
    for problem in problems:
        print(f"{path.name}: {problem}")
    if not problems:
        print(f"{len(translated['Resources'])} resources after SAM's transform, no findings")
    return 1 if problems else 0


def missing_paths(template: dict[str, Any], root: Path) -> Iterator[str]:
    """Local paths that the template names and that do not exist."""
    for kind, member in _LOCAL_PATHS.items():
        for name, properties in resources(template, kind).items():
            path = properties.get(member)
            if isinstance(path, str) and not path.startswith("s3://") and not (root / path).exists():
                yield f"{name}: {member} {path} does not exist"


def translate(template: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation as AWS' own transform writes it; UnreadableError where it refuses the template."""
    for kind, member in _LOCAL_PATHS.items():
        for properties in resources(template, kind).values():
            if isinstance(properties.get(member), str):
                properties[member] = "s3://bucket/key"
    parameters = {name: body.get("Default", "value") for name, body in template.get("Parameters", {}).items()}
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    try:
        result: dict[str, Any] = translator.translate(template, parameter_values=parameters)
    except InvalidDocumentException as error:
        causes = "; ".join(str(cause.message) for cause in error.causes)
        raise UnreadableError(f"SAM refuses the template: {causes}") from error
    except ExceptionWithMessage as error:
        raise UnreadableError(f"SAM refuses the template: {error.message}") from error
    plain: dict[str, Any] = json.loads(json.dumps(result))
    return plain


def dashboard_problems(translated: dict[str, Any], root: Path) -> Iterator[str]:
    """Dashboards whose body is no JSON object with widgets, once its variables are filled in."""
    for name, properties in resources(translated, "AWS::CloudWatch::Dashboard").items():
        try:
            body = json.loads(_text(properties["DashboardBody"], root))
        except (ValueError, KeyError, OSError) as error:
            yield f"{name}: the body of the dashboard is no JSON: {error}"
            continue
        if not isinstance(body, dict) or not body.get("widgets"):
            yield f"{name}: the dashboard has no widgets"


def _text(value: Any, root: Path) -> str:
    """The string that CloudFormation would make, with a word in place of each value known only to AWS."""
    match value:
        case str():
            return value
        case {"Fn::Sub": [str() as text, dict()]} | {"Fn::Sub": str() as text}:
            return _VARIABLE.sub("value", text)
        case {"Fn::Join": [str() as glue, list() as parts]}:
            return glue.join(_text(part, root) for part in parts)
        case {"Fn::ToJsonString": body}:
            return json.dumps(body)
        case {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": str() as location}}}:
            return (root / location).read_text()
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::ImportValue": _} | {"Fn::Select": _}:
            return "value"
        case _:
            raise ValueError(f"cannot be made into text here: {json.dumps(value)[:80]}")


if __name__ == "__main__":
    sys.exit(main())
