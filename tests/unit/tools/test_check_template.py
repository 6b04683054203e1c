"""The template's check finds what SAM refuses, what only its translation shows, and dashboards that are no JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import check_template

Run = Callable[[str], tuple[int, str]]

SOUND = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Queue:
    Type: AWS::SQS::Queue
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: code
      Environment: {Variables: {QUEUE: !Ref Queue}}
  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardBody: !Sub '{"widgets": [{"type": "text", "properties": {"markdown": "${AWS::StackName} ${Function}"}}]}'
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def check(text: str) -> tuple[int, str]:
        (tmp_path / "code").mkdir(exist_ok=True)
        template = tmp_path / "template.yaml"
        template.write_text(text)
        code = check_template.main(template, tmp_path / "out" / "translated.json")
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return check


def test_a_sound_template_passes_and_is_written_translated(run: Run, tmp_path: Path) -> None:
    code, output = run(SOUND)

    assert (code, output) == (0, "4 resources after SAM's transform, no findings\n")
    assert set(json.loads((tmp_path / "out/translated.json").read_text())["Resources"]) == {
        "Queue",
        "Function",
        "FunctionRole",
        "Dashboard",
    }


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("CodeUri: code", "CodeUri: missing", "Function: CodeUri missing does not exist"),
        ("Runtime: python3.13", "Runtime: python9.9", "python9.9"),
        ("Type: AWS::SQS::Queue", "Type: AWS::SQS::Queue\n    Properties: {QueueNam: x}", "'QueueNam' was unexpected"),
        ("!Ref Queue", "!Ref Other", "Other"),
        ('"widgets": [', '"widgets": ', "the body of the dashboard is no JSON"),
        ('"widgets"', '"wigdets"', "Dashboard: the dashboard has no widgets"),
        ("      Handler: app.handler\n", "", "SAM refuses the template"),
        ("Resources:", "Resources", "template.yaml"),
    ],
)
def test_a_defect_is_found(run: Run, old: str, new: str, finding: str) -> None:
    code, output = run(SOUND.replace(old, new))

    assert code == 1
    assert finding in output


def test_a_circle_that_only_the_translated_template_shows_is_found(run: Run) -> None:
    circle = SOUND.replace(
        "    Type: AWS::SQS::Queue\n",
        "    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Sub 'q-${FunctionRole}'}\n",
    ).replace(
        "      CodeUri: code\n",
        "      CodeUri: code\n      Policies:\n        - SQSSendMessagePolicy: {QueueName: !GetAtt Queue.QueueName}\n",
    )

    code, output = run(circle)

    assert code == 1
    assert "Circular" in output
