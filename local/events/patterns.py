"""EventBridge's pattern language: what a pattern means and which patterns are refused."""

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_MAX_LENGTH = 4096
_NUMERIC_LIMIT = 5e9

Test = Callable[[Any], bool]


class PatternError(ValueError):
    """A pattern that EventBridge refuses."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}")


class EventPattern:
    """A validated pattern, ready to be compared with events."""

    def __init__(self, text: str) -> None:
        """Raises PatternError for whatever AWS' documentation does not allow."""
        if len(text) > _MAX_LENGTH:
            raise PatternError(f"Pattern is longer than {_MAX_LENGTH} characters")
        try:
            document = json.loads(text)
        except ValueError as error:
            raise PatternError(f"Filter is not a JSON document: {error}") from error
        self.text = text
        self._matches = compile_object(document)

    def matches(self, event: Mapping[str, Any]) -> bool:
        return self._matches(event)


def compile_object(document: object) -> Callable[[Mapping[str, Any]], bool]:
    """A predicate over events for a decoded pattern."""
    if not isinstance(document, dict):
        raise PatternError("Filter is not an object")
    if not document:
        raise PatternError("Empty objects are not allowed")
    node = _compile(document, ())
    return lambda event: node(event, event)


# A node looks at the part of the event that it belongs to, and at the whole of it: only the whole can tell absence.
Node = Callable[[Any, Mapping[str, Any]], bool]


def _compile(document: dict[str, Any], path: tuple[str, ...]) -> Node:
    nodes: list[Node] = []
    for key, value in document.items():
        if key == "$or" and _is_alternatives(value):
            nodes.append(_alternatives([_compile(option, path) for option in value]))
        elif isinstance(value, dict):
            if not value:
                raise PatternError("Empty objects are not allowed")
            nodes.append(_nested(key, _compile(value, (*path, key))))
        elif isinstance(value, list):
            nodes.append(_leaf(key, value, (*path, key)))
        else:
            raise PatternError(f'"{key}" must be an object or an array')
    return lambda part, event: all(node(part, event) for node in nodes)


def _is_alternatives(value: object) -> bool:
    """A field may be named `$or`; the operator is an array of two or more objects."""
    return isinstance(value, list) and len(value) > 1 and all(isinstance(option, dict) and option for option in value)


def _alternatives(options: list[Node]) -> Node:
    return lambda part, event: any(option(part, event) for option in options)


def _nested(key: str, inner: Node) -> Node:
    def node(part: Any, event: Mapping[str, Any]) -> bool:
        value = part.get(key) if isinstance(part, Mapping) else None
        # One element of an array must satisfy all fields together. Without any, absence may still be what is asked for.
        candidates: list[Any] = [element for element in _flatten(value) if isinstance(element, Mapping)]
        return any(inner(candidate, event) for candidate in candidates or [None])

    return node


def _leaf(key: str, rules: list[Any], path: tuple[str, ...]) -> Node:
    if not rules:
        raise PatternError("Empty arrays are not allowed")
    tests: list[Test] = []
    absent_allowed = False
    for rule in rules:
        if isinstance(rule, dict) and rule.keys() == {"exists"}:
            if not isinstance(rule["exists"], bool):
                raise PatternError("exists match pattern must be either true or false.")
            if not rule["exists"]:
                absent_allowed = True
                continue
        tests.append(_compile_rule(rule))

    def node(part: Any, event: Mapping[str, Any]) -> bool:
        value = part.get(key) if isinstance(part, Mapping) else None
        present = isinstance(part, Mapping) and key in part
        leaves = [leaf for leaf in _flatten(value) if not isinstance(leaf, Mapping)] if present else []
        if any(test(leaf) for leaf in leaves for test in tests):
            return True
        return absent_allowed and not _has_leaf(event, path)

    return node


def _flatten(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _flatten(element)
    else:
        yield value


def _has_leaf(part: Any, path: tuple[str, ...]) -> bool:
    """Whether the event holds a value at the path, in any element of any array on the way."""
    if not path:
        return any(not isinstance(leaf, Mapping) for leaf in _flatten(part))
    return any(
        isinstance(element, Mapping) and path[0] in element and _has_leaf(element[path[0]], path[1:])
        for element in _flatten(part)
    )


def _compile_rule(rule: Any) -> Test:
    if isinstance(rule, dict):
        if len(rule) != 1:
            raise PatternError("Only one key allowed in match expression")
        ((operator, argument),) = rule.items()
        if operator not in _OPERATORS:
            raise PatternError(f"Unrecognized match type {operator}")
        return _OPERATORS[operator](argument)
    if isinstance(rule, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    return lambda value: _equal(value, rule)


def _equal(value: Any, wanted: Any) -> bool:
    """JSON equality: true is not 1, and text is not a number."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return value == wanted
    return type(value) is type(wanted) and bool(value == wanted)


def _string(operator: str, argument: Any, *, allow_empty: bool = True) -> str:
    if not isinstance(argument, str):
        raise PatternError(f"{operator} match pattern must be a string")
    if not argument and not allow_empty:
        raise PatternError("Null prefix/suffix not allowed")
    return argument


def _on_text(test: Callable[[str], bool]) -> Test:
    return lambda value: isinstance(value, str) and test(value)


def _prefix(argument: Any) -> Test:
    if isinstance(argument, dict):
        lowered = _ignoring_case("prefix", argument)
        return _on_text(lambda value: value.lower().startswith(lowered))
    wanted = _string("prefix", argument)
    return _on_text(lambda value: value.startswith(wanted))


def _suffix(argument: Any) -> Test:
    if isinstance(argument, dict):
        lowered = _ignoring_case("suffix", argument)
        return _on_text(lambda value: value.lower().endswith(lowered))
    wanted = _string("suffix", argument)
    return _on_text(lambda value: value.endswith(wanted))


def _ignoring_case(operator: str, argument: dict[str, Any]) -> str:
    if argument.keys() != {"equals-ignore-case"}:
        raise PatternError(f"Unsupported {operator} pattern: {', '.join(argument)}")
    return _string("equals-ignore-case", argument["equals-ignore-case"]).lower()


def _equals_ignore_case(argument: Any) -> Test:
    wanted = _string("equals-ignore-case", argument).lower()
    return _on_text(lambda value: value.lower() == wanted)


def _wildcard(argument: Any) -> Test:
    text = _string("wildcard", argument)
    if re.search(r"(?<!\\)\*\*", text):
        raise PatternError(f"Consecutive wildcard characters at pos {text.index('**')}")
    parts: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
            if position == len(text) or text[position] not in "*\\":
                raise PatternError("Invalid escape character in wildcard")
            parts.append(re.escape(text[position]))
        else:
            parts.append(".*" if character == "*" else re.escape(character))
        position += 1
    compiled = re.compile("".join(parts), re.DOTALL)
    return _on_text(lambda value: compiled.fullmatch(value) is not None)


def _anything_but(argument: Any) -> Test:
    if isinstance(argument, dict):
        if len(argument) != 1:
            raise PatternError("Only one key allowed in match expression")
        ((operator, inner),) = argument.items()
        if operator not in _NEGATABLE:
            raise PatternError(f"Unsupported anything-but pattern: {operator}")
        values = inner if isinstance(inner, list) else [inner]
        if not values or not all(isinstance(value, str) and (value or operator == "wildcard") for value in values):
            raise PatternError(f"Value of {operator} must be a string or a list of strings that are not empty")
        tests = [_OPERATORS[operator](value) for value in values]
        return lambda value: not any(test(value) for test in tests)
    values = argument if isinstance(argument, list) else [argument]
    if not values:
        raise PatternError("Empty arrays are not allowed")
    if not all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in values):
        raise PatternError("Value of anything-but must be an array or single string/number value.")
    if len({isinstance(value, str) for value in values}) > 1:
        raise PatternError("Inside anything-but, all values are numbers or all are strings")
    return lambda value: not any(_equal(value, unwanted) for unwanted in values)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
}


def _numeric(argument: Any) -> Test:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise PatternError("Invalid member in numeric match: an operator and a number, once or twice, are needed")
    pairs = list(zip(argument[::2], argument[1::2], strict=True))
    for operator, number in pairs:
        if operator not in _COMPARISONS:
            raise PatternError(f"Unrecognized numeric range operator: {operator}")
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise PatternError(f"Value of {operator} must be numeric")
        if abs(number) > _NUMERIC_LIMIT:
            raise PatternError(f"Value must be between -{_NUMERIC_LIMIT:.0f} and {_NUMERIC_LIMIT:.0f}, inclusive")
    if len(pairs) == 2:
        (first, low), (second, high) = pairs
        if first not in (">", ">=") or second not in ("<", "<="):
            raise PatternError("Bad numeric range operator: a range is > or >= followed by < or <=")
        if low >= high:
            raise PatternError("Bottom must be less than top")

    def test(value: Any) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return all(_COMPARISONS[operator](value, number) for operator, number in pairs)

    return test


def _cidr(argument: Any) -> Test:
    text = _string("cidr", argument)
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise PatternError(f"Malformed CIDR, {text}") from error

    def test(value: str) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return _on_text(test)


def _exists(argument: Any) -> Test:
    # False never comes here: absence is decided where the whole event is seen. Whatever comes exists.
    return lambda _: argument is True


_OPERATORS: dict[str, Callable[[Any], Test]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _cidr,
    "exists": _exists,
}
_NEGATABLE = {"prefix", "suffix", "equals-ignore-case", "wildcard"}
