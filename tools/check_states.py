"""Lints the state machines for what AWS says only at deployment or in a failing run, and for the house's own rules."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from tools.expressions import expression_problems
from tools.templates import ROOT, TEMPLATE, UnreadableError, findings, read, resources

FOLDER = ROOT / "statemachines"

_SUBSTITUTION = re.compile(r"\$\{([^{}]+)\}")
_JSONPATH_FIELDS = frozenset({"InputPath", "Parameters", "ResultPath", "ResultSelector", "OutputPath"})
# Numbers that the language lets a query give, and cfn-lint's schema does not.
_QUERIED_NUMBER = re.compile(
    r'("(?:TimeoutSeconds|HeartbeatSeconds|MaxConcurrency|ToleratedFailure(?:Count|Percentage))"\s*:\s*)"\{%.*?%\}"'
)
_JSONPATH_TEXT = re.compile(r"^\$\$?\.|^\$\$?$|^States\.[A-Z]\w+\(")
# Every Task says why it is there, ends some day, and knows what to do when it fails.
_TASK_FIELDS = ("Comment", "TimeoutSeconds", "Retry", "Catch")


def main(template: Path = TEMPLATE, folder: Path = FOLDER) -> int:
    files = sorted(folder.glob("*.asl.json"))
    if not files:
        print(f"there are no state machines (*.asl.json) in {folder.name}/", file=sys.stderr)
        return 1
    try:
        machines = resources(read(template), "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    given = substitutions_by_file(machines, template.parent)
    problems = [
        f"{template.name}: {name} names no file that exists" for name in without_file(machines, template.parent)
    ]
    for file in files:
        problems += [f"{file.name}: {problem}" for problem in check(file.read_text(), given.get(file.resolve()))]
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(files)} state machines, no findings")
    return 1 if problems else 0


def substitutions_by_file(machines: Mapping[str, dict[str, Any]], root: Path) -> dict[Path, frozenset[str]]:
    """The names in DefinitionSubstitutions of the resource that deploys each file."""
    return {
        (root / properties["DefinitionUri"]).resolve(): frozenset(properties.get("DefinitionSubstitutions", {}))
        for properties in machines.values()
        if isinstance(properties.get("DefinitionUri"), str)
    }


def without_file(machines: Mapping[str, dict[str, Any]], root: Path) -> list[str]:
    return [
        name
        for name, properties in machines.items()
        if not isinstance(uri := properties.get("DefinitionUri"), str) or not (root / uri).is_file()
    ]


def check(text: str, given: Set[str] | None) -> list[str]:
    """All that is wrong with one file. `given`: what the template substitutes, None if it does not deploy the file."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    problems = list(substitution_problems(text, given))
    problems += schema_problems(text)
    if definition.get("QueryLanguage") != "JSONata":
        problems.append("/: QueryLanguage must be JSONata")
    problems += jsonpath_problems(definition, "")
    problems += expression_problems(definition)
    for path, machine in machines_in(definition, ""):
        problems += graph_problems(machine, path)
        problems += task_problems(machine, path)
    return problems


def substitution_problems(text: str, given: Set[str] | None) -> Iterator[str]:
    if given is None:
        yield "no state machine of the template deploys this file"
        return
    used = set(_SUBSTITUTION.findall(text))
    for name in sorted(used - given):
        yield f"${{{name}}} is not among the DefinitionSubstitutions of the template"
    for name in sorted(given - used):
        yield f"the template substitutes {name}, which the file does not use"


def schema_problems(text: str) -> list[str]:
    """What cfn-lint's schema of the states language says (E3601): it reads definitions in templates only."""
    substitutions = dict.fromkeys(_SUBSTITUTION.findall(text), "x")
    properties = {
        "RoleArn": "arn:aws:iam::123456789012:role/states",
        "DefinitionString": _QUERIED_NUMBER.sub(r"\g<1>1", text),
        **({"DefinitionSubstitutions": substitutions} if substitutions else {}),
    }
    template = {"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    return [f"/{'/'.join(path[4:])}: {message}" for _, path, message in findings(template)]


def jsonpath_problems(value: Any, path: str) -> Iterator[str]:
    """Leftovers of the other query language: AWS refuses its fields, and takes its paths for plain text."""
    if isinstance(value, dict):
        for key, item in value.items():
            # Only a state has these fields; in Arguments they may be names of an API's own members.
            if key in _JSONPATH_FIELDS and "Type" in value:
                yield f"{path}/{key}: a field of JSONPath"
            if key.endswith(".$"):
                yield f"{path}/{key}: a key of JSONPath"
            yield from jsonpath_problems(item, f"{path}/{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from jsonpath_problems(item, f"{path}/{i}")
    elif isinstance(value, str) and _JSONPATH_TEXT.search(value):
        yield f"{path}: {value!r} is JSONPath, and only text here"


def machines_in(machine: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The machine, and those in the branches and item processors of its states, each with its path."""
    yield path, machine
    for name, state in machine.get("States", {}).items():
        here = f"{path}/States/{name}"
        for i, branch in enumerate(state.get("Branches", [])):
            yield from machines_in(branch, f"{here}/Branches/{i}")
        if processor := state.get("ItemProcessor"):
            yield from machines_in(processor, f"{here}/ItemProcessor")


def graph_problems(machine: Mapping[str, Any], path: str) -> Iterator[str]:
    states: Mapping[str, Any] = machine.get("States", {})
    start = machine.get("StartAt")
    if not isinstance(start, str) or start not in states:
        yield f"{path}/StartAt: there is no state {start!r}"
        return
    for name, state in states.items():
        for target in targets(state):
            if target not in states:
                yield f"{path}/States/{name}: there is no state {target!r}"
    reached: set[str] = set()
    ahead: list[str] = [start]
    while ahead:
        name = ahead.pop()
        if name in states and name not in reached:
            reached.add(name)
            ahead += targets(states[name])
    for name in states:
        if name not in reached:
            yield f"{path}/States/{name}: nothing leads to it"


def targets(state: Mapping[str, Any]) -> list[str]:
    rules = [*state.get("Catch", []), *state.get("Choices", [])]
    found = [state.get("Next"), state.get("Default"), *(rule.get("Next") for rule in rules)]
    return [target for target in found if target is not None]


def task_problems(machine: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, state in machine.get("States", {}).items():
        if state.get("Type") == "Task" and (missing := [field for field in _TASK_FIELDS if not state.get(field)]):
            yield f"{path}/States/{name}: a Task needs {', '.join(missing)}"


if __name__ == "__main__":
    sys.exit(main())
