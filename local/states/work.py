"""One attempt at one state: evaluates its fields, records its events, and ends it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.states.errors import QUERY, RUNTIME, ExecutionFailure, StatesError
from local.states.line import Line
from local.states.query import Query, is_expression, source_of
from local.states.values import checked_text, is_integer, is_number, kind_of, size_of, text_of

if TYPE_CHECKING:
    from local.states.execution import Execution

_ALL_VARIABLES_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    """What a state ends with: its output, what comes next, and the variables it assigned, as JSON texts."""

    output: Any
    following: str | None
    assigned: dict[str, str]


class Work:
    """One attempt at one state of a line."""

    def __init__(self, execution: "Execution", line: Line, name: str, context: dict[str, Any]) -> None:
        self.execution = execution
        self.line = line
        self.name = name
        self.state: dict[str, Any] = line.machine["States"][name]
        self.input = line.value
        self.context = context
        self._variables = line.scope.all()

    def value(self, template: Any, field: str, **states: Any) -> Any:
        """A template evaluated; `states` are further members of $states."""
        bound = {"input": self.input, "context": self.context, **states}
        query = Query(self.name, {**self._variables, "states": bound}, self.execution.clock.now())
        return query.value(template, field)

    def get(self, field: str, default: Any = None) -> Any:
        return self.value(self.state[field], field) if field in self.state else default

    def whole_number(self, field: str, least: int, template: Any = None) -> int | None:
        """An integer field, or None where it is not given. StatesError for a value out of place."""
        if template is None and (template := self.state.get(field)) is None:
            return None
        value = self.value(template, field)
        if not is_integer(value):
            raise self.unexpected(template, field, "integer", value)
        if value < least:
            raise StatesError(
                QUERY, f"The field '{field}' must not be smaller than {least}, but was {value}", location=field
            )
        return int(value)

    def number(self, field: str) -> float | None:
        if field not in self.state:
            return None
        value = self.value(self.state[field], field)
        if not is_number(value):
            raise self.unexpected(self.state[field], field, "number", value)
        return float(value)

    def string(self, field: str, default: str) -> str:
        value = self.get(field, default)
        if not isinstance(value, str):
            raise self.unexpected(self.state[field], field, "string", value)
        return value

    def unexpected(self, template: Any, field: str, wanted: str, value: Any) -> StatesError:
        source = source_of(template) if is_expression(template) else text_of(template)
        cause = (
            f"The JSONata expression '{source}' specified for the field '{field}' returned an unexpected result type. "
            f"Expected '{wanted}', but was '{kind_of(value)}' for value: {text_of(value)}"
        )
        return StatesError(QUERY, cause, location=field)

    def record(self, kind: str, details: dict[str, Any] | None = None) -> None:
        self.line.last = self.execution.history.add(kind, self.line.last, details)

    def finish(self, rule: dict[str, Any], default: Any, following: str | None, **states: Any) -> Outcome:
        """Output and Assign see the variables as they were on entry; new values count from the next state on."""
        output = self.value(rule["Output"], "Output", **states) if "Output" in rule else default
        assigned = self.value(rule.get("Assign", {}), "Assign", **states)
        checked_text(output, f"The state '{self.name}'")
        checked_text(assigned, f"The Assign field of the state '{self.name}'")
        texts = {name: text_of(value) for name, value in assigned.items()}
        if texts:
            self.line.scope.values.update(assigned)
            total = sum(size_of(text_of(value)) for value in self.line.scope.all().values())
            if total > _ALL_VARIABLES_BYTES:
                raise ExecutionFailure(RUNTIME, "The variables of the execution exceed 10 MiB.")
        return Outcome(output, following, texts)

    def succeed(self, result: Any) -> Outcome:
        """The end of a state with a result: Task, Parallel, Map."""
        return self.finish(self.state, result, self.state.get("Next"), result=result)

    def pass_on(self) -> Outcome:
        """The end of a state without a result."""
        return self.finish(self.state, self.input, self.state.get("Next"))

    def caught(self, error: StatesError) -> Outcome:
        """What the first matching Catch makes of an error; without one the error itself is raised."""
        for rule in self.state.get("Catch", []):
            if error.matches(rule["ErrorEquals"]):
                return self.finish(rule, error.output(), rule["Next"], errorOutput=error.output())
        raise error
