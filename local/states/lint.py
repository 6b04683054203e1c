"""Refuses JSONata that Step Functions would refuse, by looking at the parsed expression."""

import functools
import threading
from collections.abc import Iterator
from typing import Any

from jsonata.jexception import JException
from jsonata.parser import Parser
from jsonata.regex_engine import default_regex_engine

# JSONata 2.1 has these and the library knows them; Step Functions implements 2.0.6.
_NEWER_OPERATORS = ("??", "?:")
_ALWAYS = frozenset({"input", "context"})
_STATES_MEMBERS = _ALWAYS | {"result", "errorOutput"}

_local = threading.local()


def problem_with(source: str, allowed: frozenset[str] = frozenset()) -> str | None:
    """Why the expression cannot be used, or None. `allowed`: members of $states besides input and context."""
    try:
        root = _parsed(source)
    except KeyError as error:
        return f"the operator {error.args[0]} does not exist in JSONata 2.0.6"
    except (JException, IndexError, AttributeError, TypeError, ValueError) as error:
        return f"it is no JSONata: {error}"
    return next(_problems(root, allowed), None)


def _parsed(source: str) -> Any:
    if not hasattr(_local, "parser"):
        _local.parser = Parser()
        for operator in _NEWER_OPERATORS:
            _local.parser.symbol_table.pop(operator, None)
    return _local.parser.parse(source, default_regex_engine)


def _problems(root: Any, allowed: frozenset[str]) -> Iterator[str]:
    for node in _nodes(root, set()):
        if node.type == "variable" and node.value == "$":
            yield "$$ cannot be used: there is no input document"
        if node.type == "variable" and node.value == "eval":
            yield "$eval does not exist in Step Functions (use $parse)"
        member = _states_member(node)
        if member and member not in _STATES_MEMBERS:
            yield f"$states has no {member!r}"
        elif member and member not in _ALWAYS | allowed:
            yield f"$states.{member} cannot be used in this field"
    yield from _unbound(root)


def _states_member(node: Any) -> str | None:
    """`x` of a path that begins with `$states.x`."""
    if node.type != "path" or len(node.steps) < 2:
        return None
    first, second = node.steps[0], node.steps[1]
    if first.type == "variable" and first.value == "states" and second.type == "name":
        return str(second.value)
    return None


def _nodes(node: Any, seen: set[int]) -> Iterator[Any]:
    if isinstance(node, list | tuple):
        for item in node:
            yield from _nodes(item, seen)
    elif isinstance(node, Parser.Symbol) and id(node) not in seen:
        seen.add(id(node))
        yield node
        for value in vars(node).values():
            yield from _nodes(value, seen)


def _unbound(node: Any) -> Iterator[str]:
    """Uses of the input document, which Step Functions does not supply: `$` or a bare name at the top level."""
    if not isinstance(node, Parser.Symbol):
        return
    if node.type in ("name", "wildcard", "descendant"):
        yield f"{node.value!s} stands for a field of the input document, and there is none (use $states.input)"
    elif node.type == "variable" and node.value == "":
        yield "$ cannot be used at the top level: there is no input document (use $states.input)"
    for child in _same_context(node):
        yield from _unbound(child)


def _same_context(node: Any) -> list[Any]:
    """The parts of a node that are evaluated in the context of the node itself."""
    match node.type:
        case "path":
            return [node.steps[0]]
        case "unary":
            pairs = [part for pair in node.lhs_object or [] for part in pair]
            return [*pairs, *(node.expressions or []), node.expression]
        case "binary" | "bind" | "apply":
            return [node.rhs] if node.type == "bind" else [node.lhs, node.rhs]
        case "block":
            return list(node.expressions)
        case "condition":
            return [node.condition, node.then, node._else]
        case "function":
            return list(node.arguments)
        case _:
            return []


@functools.lru_cache(maxsize=4096)
def checked(source: str, allowed: frozenset[str]) -> str | None:
    """`problem_with`, remembered: deployments check the same definitions again and again."""
    return problem_with(source, allowed)
