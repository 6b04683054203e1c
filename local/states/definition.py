"""Checks a definition when a machine is made: what is not known is refused, nothing is silently skipped."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from local.states import fields, map_definition
from local.states.errors import InvalidDefinition
from local.states.query import is_expression
from local.states.resources import Pattern, Resource, UnknownResourceError, operation_model, parse
from local.states.shapes import missing_members, unknown_members

_NAME_LIMIT = 80
_RESULT = frozenset({"result"})
_ERROR_OUTPUT = frozenset({"errorOutput"})
_PREDEFINED = frozenset(
    f"States.{name}"
    for name in (
        "ALL",
        "BranchFailed",
        "DataLimitExceeded",
        "ExceedToleratedFailureThreshold",
        "HeartbeatTimeout",
        "Http.Socket",
        "IntrinsicFailure",
        "ItemReaderFailed",
        "NoChoiceMatched",
        "ParameterPathFailure",
        "Permissions",
        "QueryEvaluationError",
        "ResultPathMatchFailure",
        "ResultWriterFailed",
        "Runtime",
        "TaskFailed",
        "Timeout",
    )
)


def check(definition: Any, *, express: bool = False) -> None:
    """InvalidDefinition with the path of the first field that is wrong or not supported."""
    top = fields.only(definition, fields.MACHINE, "")
    if top.get("QueryLanguage") != "JSONata":
        raise InvalidDefinition("/QueryLanguage", "only JSONata is supported here; it must be given at the top level")
    if top.get("Version", "1.0") != "1.0":
        raise InvalidDefinition("/Version", "must be 1.0")
    if "TimeoutSeconds" in top:
        fields.constant_integer(top["TimeoutSeconds"], "/TimeoutSeconds", least=1)
    _Checker(express).machine(top, "")
    _scopes(top, "", {})


class _Checker:
    """Walks one definition; `express` where every state runs in an express execution."""

    def __init__(self, express: bool) -> None:
        self._express = express
        self._names: set[str] = set()

    def machine(self, machine: Mapping[str, Any], where: str) -> None:
        states = fields.required(machine, "States", where)
        if not isinstance(states, dict) or not states:
            raise InvalidDefinition(f"{where}/States", "must be an object with at least one state")
        if machine.get("StartAt") not in states:
            raise InvalidDefinition(f"{where}/StartAt", f"there is no state {machine.get('StartAt')!r}")
        _jsonata_only(machine, where)
        for name, state in states.items():
            self._name(name, f"{where}/States/{name}")
            self._state(state, f"{where}/States/{name}", states)
        _check_reachable(machine, where)

    def _name(self, name: str, where: str) -> None:
        if not name or len(name) > _NAME_LIMIT:
            raise InvalidDefinition(where, f"a state's name has 1 to {_NAME_LIMIT} characters")
        if name in self._names:
            raise InvalidDefinition(where, "the name is used twice in this machine")
        self._names.add(name)

    def _state(self, state: Any, where: str, states: Mapping[str, Any]) -> None:
        kind = state.get("Type") if isinstance(state, dict) else None
        if kind not in fields.STATE:
            raise InvalidDefinition(f"{where}/Type", f"unknown type {kind!r}")
        fields.only(state, fields.STATE[kind], where)
        _jsonata_only(state, where)
        if "Next" in fields.STATE[kind] and ("Next" in state) == ("End" in state):
            raise InvalidDefinition(where, "needs exactly one of Next and End")
        if state.get("End", True) is not True:
            raise InvalidDefinition(f"{where}/End", "must be true")
        if "Comment" in state and not isinstance(state["Comment"], str):
            raise InvalidDefinition(f"{where}/Comment", "must be a string")
        result = _RESULT if kind in ("Task", "Parallel", "Map") else frozenset()
        _output(state, where, result)
        _retry(state, where)
        _catch(state, where)
        getattr(self, f"_{kind.lower()}")(state, where)
        for field, target in _targets(state):
            if target not in states:
                raise InvalidDefinition(f"{where}/{field}", f"there is no state {target!r}")

    def _pass(self, state: Mapping[str, Any], where: str) -> None:
        """Nothing but the common fields."""

    _succeed = _pass

    def _fail(self, state: Mapping[str, Any], where: str) -> None:
        for field in ("Error", "Cause"):
            if field in state:
                fields.string(state[field], f"{where}/{field}")

    def _wait(self, state: Mapping[str, Any], where: str) -> None:
        if ("Seconds" in state) == ("Timestamp" in state):
            raise InvalidDefinition(where, "needs exactly one of Seconds and Timestamp")
        if "Seconds" in state:
            fields.integer(state["Seconds"], f"{where}/Seconds")
        elif is_expression(state["Timestamp"]):
            fields.query(state["Timestamp"], f"{where}/Timestamp")
        elif not isinstance(state["Timestamp"], str) or timestamp_of(state["Timestamp"]) is None:
            raise InvalidDefinition(f"{where}/Timestamp", "must be an RFC 3339 time such as 2026-01-31T12:00:00Z")

    def _choice(self, state: Mapping[str, Any], where: str) -> None:
        rules = fields.required(state, "Choices", where)
        if not isinstance(rules, list) or not rules:
            raise InvalidDefinition(f"{where}/Choices", "must be an array with at least one rule")
        for i, rule in enumerate(rules):
            place = f"{where}/Choices/{i}"
            fields.only(rule, fields.CHOICE_RULE, place)
            condition = fields.required(rule, "Condition", place)
            fields.required(rule, "Next", place)
            if not isinstance(condition, bool) and not is_expression(condition):
                raise InvalidDefinition(f"{place}/Condition", "must be a boolean or an expression")
            fields.query(condition, f"{place}/Condition")
            _output(rule, place, frozenset())

    def _task(self, state: Mapping[str, Any], where: str) -> None:
        try:
            resource = parse(str(fields.required(state, "Resource", where)))
        except UnknownResourceError as error:
            raise InvalidDefinition(f"{where}/Resource", str(error)) from error
        if self._express and resource.pattern is not Pattern.REQUEST:
            raise InvalidDefinition(f"{where}/Resource", f"express workflows do not support {resource.pattern!s}")
        for field in ("TimeoutSeconds", "HeartbeatSeconds"):
            if field in state:
                fields.integer(state[field], f"{where}/{field}", least=1)
        limit, beat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
        if isinstance(limit, int) and isinstance(beat, int) and beat >= limit:
            raise InvalidDefinition(f"{where}/HeartbeatSeconds", "must be smaller than TimeoutSeconds")
        if "Arguments" in state:
            fields.query(state["Arguments"], f"{where}/Arguments")
            _check_arguments(resource, state["Arguments"], f"{where}/Arguments")

    def _parallel(self, state: Mapping[str, Any], where: str) -> None:
        branches = fields.required(state, "Branches", where)
        if not isinstance(branches, list) or not branches:
            raise InvalidDefinition(f"{where}/Branches", "must be an array with at least one branch")
        if "Arguments" in state:
            fields.query(state["Arguments"], f"{where}/Arguments")
        for i, branch in enumerate(branches):
            place = f"{where}/Branches/{i}"
            self.machine(fields.only(branch, fields.BRANCH, place), place)

    def _map(self, state: Mapping[str, Any], where: str) -> None:
        processor = fields.only(
            fields.required(state, "ItemProcessor", where), fields.PROCESSOR, f"{where}/ItemProcessor"
        )
        child = map_definition.check(state, processor, where)
        if child is None:
            self.machine(processor, f"{where}/ItemProcessor")
            return
        if self._express:
            raise InvalidDefinition(where, "express workflows do not support a distributed map")
        outer, self._express = self._express, child == "EXPRESS"
        self.machine(processor, f"{where}/ItemProcessor")
        self._express = outer


def timestamp_of(text: str) -> float | None:
    """Epoch seconds of an RFC 3339 time with T and Z or an offset, or None."""
    if "T" not in text or not (text.endswith("Z") or "+" in text or "-" in text[10:]):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def _jsonata_only(part: Mapping[str, Any], where: str) -> None:
    if part.get("QueryLanguage", "JSONata") != "JSONata":
        raise InvalidDefinition(f"{where}/QueryLanguage", "only JSONata is supported here")


def _output(part: Mapping[str, Any], where: str, allowed: frozenset[str]) -> None:
    if "Output" in part:
        fields.query(part["Output"], f"{where}/Output", allowed)
    if "Assign" in part:
        fields.assign(part["Assign"], f"{where}/Assign", allowed)


def _rules(state: Mapping[str, Any], field: str, known: frozenset[str], where: str) -> Iterator[tuple[Any, str]]:
    rules = state.get(field, [])
    if not isinstance(rules, list):
        raise InvalidDefinition(f"{where}/{field}", "must be an array")
    for i, rule in enumerate(rules):
        place = f"{where}/{field}/{i}"
        fields.only(rule, known, place)
        errors = fields.required(rule, "ErrorEquals", place)
        if not isinstance(errors, list) or not errors or not all(isinstance(name, str) for name in errors):
            raise InvalidDefinition(f"{place}/ErrorEquals", "must be an array of error names")
        if "States.ALL" in errors and (len(errors) > 1 or i + 1 < len(rules)):
            raise InvalidDefinition(f"{place}/ErrorEquals", "States.ALL stands alone, in the last rule")
        if unknown := [name for name in errors if name.startswith("States.") and name not in _PREDEFINED]:
            raise InvalidDefinition(f"{place}/ErrorEquals", f"{unknown} are no predefined errors")
        yield rule, place


def _retry(state: Mapping[str, Any], where: str) -> None:
    for rule, place in _rules(state, "Retry", fields.RETRIER, where):
        for field, least in (("IntervalSeconds", 1), ("MaxAttempts", 0), ("MaxDelaySeconds", 1)):
            if field in rule:
                fields.constant_integer(rule[field], f"{place}/{field}", least)
        if "BackoffRate" in rule:
            fields.number(rule["BackoffRate"], f"{place}/BackoffRate", 1.0, float("inf"))
        if "JitterStrategy" in rule:
            fields.one_of(rule["JitterStrategy"], ("FULL", "NONE"), f"{place}/JitterStrategy")
        if rule.get("MaxDelaySeconds", fields.MAX_SECONDS) <= rule.get("IntervalSeconds", 1):
            raise InvalidDefinition(f"{place}/MaxDelaySeconds", "must be larger than IntervalSeconds")


def _catch(state: Mapping[str, Any], where: str) -> None:
    for rule, place in _rules(state, "Catch", fields.CATCHER, where):
        fields.required(rule, "Next", place)
        _output(rule, place, _ERROR_OUTPUT)


def _check_arguments(resource: Resource, arguments: Any, where: str) -> None:
    if resource.is_function or is_expression(arguments):
        return
    shape = operation_model(resource).input_shape
    for problem in unknown_members(arguments, shape, where):
        raise InvalidDefinition(*problem.split(": ", 1))
    if missing := missing_members(arguments, shape):
        raise InvalidDefinition(where, f"required fields are missing: {missing}")


def _targets(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield field, state[field]
    for field in ("Catch", "Choices"):
        for i, rule in enumerate(state.get(field, [])):
            yield f"{field}/{i}/Next", rule["Next"]


def _check_reachable(machine: Mapping[str, Any], where: str) -> None:
    reached: set[str] = set()
    todo = [machine["StartAt"]]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += [target for _, target in _targets(machine["States"][name])]
    for name in machine["States"]:
        if name not in reached:
            raise InvalidDefinition(f"{where}/States/{name}", "the state is never reached")


def _scopes(machine: Mapping[str, Any], where: str, outer: dict[str, str]) -> None:
    """Variables of inner scopes must not have the names of outer ones."""
    own: dict[str, str] = {}
    for name, state in machine["States"].items():
        place = f"{where}/States/{name}"
        for part in [state, *state.get("Catch", []), *state.get("Choices", [])]:
            own |= dict.fromkeys(part.get("Assign", {}), place)
    for variable, place in own.items():
        if variable in outer:
            raise InvalidDefinition(
                f"{place}/Assign/{variable}", f"an inner scope cannot assign to a variable of {outer[variable]}"
            )
    for name, state in machine["States"].items():
        for i, branch in enumerate(state.get("Branches", [])):
            _scopes(branch, f"{where}/States/{name}/Branches/{i}", outer | own)
        if "ItemProcessor" in state:
            _scopes(state["ItemProcessor"], f"{where}/States/{name}/ItemProcessor", outer | own)
