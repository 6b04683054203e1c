"""Each rule for state machines finds the defect that it is for, and nothing in a sound machine."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import check_states

TASK: dict[str, Any] = {
    "Type": "Task",
    "Comment": "Plans what the run will do",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "${PlanFunction}", "Payload": "{% $states.input %}"},
    "Assign": {"plan": "{% $states.result.Payload %}"},
    "TimeoutSeconds": 60,
    "Retry": [{"ErrorEquals": ["Lambda.ServiceException"], "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Failed"}],
    "Next": "Each",
}
SOUND: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Plan",
    "States": {
        "Plan": TASK,
        "Each": {
            "Type": "Map",
            "Items": "{% $plan.candidates %}",
            "ItemProcessor": {
                "StartAt": "One",
                "States": {"One": {**TASK, "Catch": [], "Next": "Two"}, "Two": {"Type": "Succeed"}},
            },
            "End": True,
        },
        "Failed": {"Type": "Fail", "Error": "Failed", "Cause": "{% $string($states.input) %}"},
    },
}
SOUND["States"]["Each"]["ItemProcessor"]["States"]["One"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Two"}]
GIVEN = frozenset({"PlanFunction"})


def problems(defect: Callable[[dict[str, Any]], None]) -> list[str]:
    machine = json.loads(json.dumps(SOUND))
    defect(machine)
    return check_states.check(json.dumps(machine), GIVEN)


def test_a_sound_machine_has_no_findings() -> None:
    assert check_states.check(json.dumps(SOUND), GIVEN) == []


@pytest.mark.parametrize("field", ["Comment", "TimeoutSeconds", "Retry", "Catch"])
def test_a_task_without_a_field_of_the_house_is_found(field: str) -> None:
    def defect(machine: dict[str, Any]) -> None:
        del machine["States"]["Each"]["ItemProcessor"]["States"]["One"][field]

    found = problems(defect)

    assert f"/States/Each/ItemProcessor/States/One: a Task needs {field}" in found


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("Plan", {"Next": "Nowhere"}),
        ("Plan", {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Nowhere"}]}),
        ("Failed", {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Nowhere"}], "Default": "Each"}),
        ("Failed", {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Each"}], "Default": "Nowhere"}),
    ],
)
def test_a_target_that_does_not_exist_is_found(state: str, change: dict[str, Any]) -> None:
    found = problems(lambda machine: machine["States"][state].update(change))

    assert f"/States/{state}: there is no state 'Nowhere'" in found


def test_a_start_that_does_not_exist_is_found() -> None:
    found = problems(lambda machine: machine.update(StartAt="Nowhere"))

    assert "/StartAt: there is no state 'Nowhere'" in found


def test_a_state_that_nothing_leads_to_is_found() -> None:
    found = problems(lambda machine: machine["States"].update(Lost={"Type": "Succeed"}))

    assert found == ["/States/Lost: nothing leads to it"]


@pytest.mark.parametrize("field", ["InputPath", "ResultPath", "OutputPath", "Parameters", "ResultSelector"])
def test_a_field_of_jsonpath_is_found(field: str) -> None:
    found = problems(lambda machine: machine["States"]["Plan"].update({field: {} if field[0] in "PR" else "$"}))

    assert f"/States/Plan/{field}: a field of JSONPath" in found


@pytest.mark.parametrize("text", ["$.run_id", "$$.Execution.Id", "$", "States.Format('{}', $.a)"])
def test_a_path_that_would_be_plain_text_is_found(text: str) -> None:
    found = problems(lambda machine: machine["States"]["Plan"]["Arguments"].update(Payload=text))

    assert any(line.startswith("/States/Plan/Arguments/Payload:") and "JSONPath" in line for line in found)


def test_a_key_of_jsonpath_is_found() -> None:
    found = problems(lambda machine: machine["States"]["Plan"]["Arguments"].update({"Payload.$": "x"}))

    assert "/States/Plan/Arguments/Payload.$: a key of JSONPath" in found


def test_a_member_of_an_api_named_like_a_field_of_jsonpath_is_no_finding() -> None:
    found = problems(lambda machine: machine["States"]["Plan"]["Arguments"].update(Parameters={"a": 1}))

    assert found == []


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.a ?? 1",
        "$states.input.a ?: 1",
        "$eval('1')",
        "$states.input.",
        "$undefined_here",
        "$no_such_function(1)",
        "$states.result",
    ],
)
def test_an_expression_that_aws_would_refuse_is_found(expression: str) -> None:
    found = problems(lambda machine: machine["States"]["Plan"]["Arguments"].update(Payload=f"{{% {expression} %}}"))

    assert len(found) == 1
    assert found[0].startswith("/States/Plan/Arguments/Payload: ")


@pytest.mark.parametrize(
    "expression",
    [
        "$plan ~> $count()",
        "($double := function($x){ $x * 2 }; $map([1, 2], $double))",
        "'why ?? and ?: in a text'",
        "$uuid() & $string($states.context.Execution.Name)",
    ],
)
def test_an_expression_that_aws_takes_is_no_finding(expression: str) -> None:
    found = problems(lambda machine: machine["States"]["Plan"]["Arguments"].update(Payload=f"{{% {expression} %}}"))

    assert found == []


def test_an_expression_inside_a_longer_string_is_found() -> None:
    found = problems(lambda machine: machine["States"]["Plan"]["Arguments"].update(Payload="run {% $plan %}"))

    assert found == ["/States/Plan/Arguments/Payload: an expression must be the whole string"]


def test_what_the_states_language_does_not_know_is_found() -> None:
    found = problems(lambda machine: machine["States"]["Plan"].update(Timeout=3))

    assert any("'Timeout' was unexpected" in line for line in found)


def test_substitutions_that_do_not_match_the_template_are_found() -> None:
    found = check_states.check(json.dumps(SOUND), frozenset({"OtherFunction"}))

    assert found == [
        "${PlanFunction} is not among the DefinitionSubstitutions of the template",
        "the template substitutes OtherFunction, which the file does not use",
    ]


def write(folder: Path, template: str) -> tuple[Path, Path]:
    machines = folder / "statemachines"
    machines.mkdir()
    (folder / "template.yaml").write_text(template)
    return folder / "template.yaml", machines


TEMPLATE = """
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachines/sound.asl.json
      DefinitionSubstitutions:
        PlanFunction: !GetAtt PlanFunction.Arn
"""


def test_a_sound_folder_passes(tmp_path: Path) -> None:
    template, machines = write(tmp_path, TEMPLATE)
    (machines / "sound.asl.json").write_text(json.dumps(SOUND))

    assert check_states.main(template, machines) == 0


def test_a_folder_without_state_machines_fails(tmp_path: Path) -> None:
    template, machines = write(tmp_path, TEMPLATE)

    assert check_states.main(template, machines) == 1


def test_a_file_that_nothing_deploys_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template, machines = write(tmp_path, TEMPLATE)
    (machines / "sound.asl.json").write_text(json.dumps(SOUND))
    (machines / "other.asl.json").write_text(json.dumps(SOUND))

    assert check_states.main(template, machines) == 1
    assert capsys.readouterr().out == "other.asl.json: no state machine of the template deploys this file\n"


def test_a_resource_without_its_file_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template, machines = write(tmp_path, TEMPLATE.replace("sound.asl.json", "missing.asl.json"))
    (machines / "sound.asl.json").write_text(json.dumps(SOUND))

    assert check_states.main(template, machines) == 1
    assert "template.yaml: Machine names no file that exists" in capsys.readouterr().out
