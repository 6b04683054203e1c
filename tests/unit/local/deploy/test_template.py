"""The template file and its transform."""

from pathlib import Path

import pytest

from local.deploy.template import LOCAL_BUCKET, translate
from local.protocol import LocalError

FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13}
Resources:
  Handler:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/handler
      Handler: app.handler
      Policies: [AWSLambdaBasicExecutionRole]
"""


def _translate(folder: Path, text: str) -> dict[str, object]:
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    policies = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
    translated = translate(path, {}, policies)
    resources = translated["Resources"]
    assert isinstance(resources, dict)
    return resources


def test_code_stays_where_it_lies(tmp_path: Path) -> None:
    resources = _translate(tmp_path, FUNCTION)

    code = resources["Handler"]["Properties"]["Code"]  # type: ignore[index]
    assert code == {"S3Bucket": LOCAL_BUCKET, "S3Key": f"{tmp_path}/code/handler".lstrip("/")}


def test_policy_names_become_arns(tmp_path: Path) -> None:
    resources = _translate(tmp_path, FUNCTION)

    arns = resources["HandlerRole"]["Properties"]["ManagedPolicyArns"]  # type: ignore[index]
    assert "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" in arns


def test_region_of_this_machine_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    assert "Handler" in _translate(tmp_path, FUNCTION)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("a: [", "is not valid YAML"),
        ("- a", "is not a CloudFormation template"),
        ("Resources: {}\nRules: {}", "sections that the local deployment does not know"),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: 'AWS::Serverless::Function'}}",
            "transform refuses",
        ),
    ],
)
def test_bad_template_is_refused_in_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(LocalError, match=complaint):
        _translate(tmp_path, text)


def test_missing_template_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="does not exist"):
        translate(tmp_path / "none.yaml", {}, {})
