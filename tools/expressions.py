"""Lints the JSONata in a state machine, which Step Functions reads only when a state runs."""

from collections.abc import Iterator
from typing import Any

from jsonata import Jsonata
from jsonata.parser import Parser

from local.states.lint import problem_with

# What Step Functions adds to JSONata's own functions.
_ADDED = frozenset({"partition", "range", "hash", "random", "uuid", "parse"})
# `$`: the current item inside a path or a function; `$$` is refused by the lint of expressions.
_ALWAYS_BOUND = frozenset({"", "$", "states"})


def expression_problems(definition: Any) -> Iterator[str]:
    """Expressions that do not parse, that AWS refuses, or that use a variable which nothing assigns."""
    assigned = frozenset(assigned_in(definition))
    for path, text in expressions_in(definition, ""):
        if not (text.startswith("{%") and text.endswith("%}")):
            yield f"{path}: an expression must be the whole string"
            continue
        source = text[2:-2].strip()
        if problem := problem_with(source, members_at(path)):
            yield f"{path}: {problem}"
            continue
        for name in sorted(variables_of(source) - assigned):
            yield f"{path}: nothing assigns ${name}, and there is no such function"


def expressions_in(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every string that holds `{%` or `%}`, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "Comment":
                yield from expressions_in(item, f"{path}/{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from expressions_in(item, f"{path}/{i}")
    elif isinstance(value, str) and ("{%" in value or "%}" in value):
        yield path, value


def members_at(path: str) -> frozenset[str]:
    """The members of $states, besides input and context, at a field: a result after the work, an error in Catch."""
    field = path.rpartition("/States/")[2].split("/")[1:]
    if field[:1] == ["Catch"]:
        return frozenset({"errorOutput"})
    return frozenset({"result"}) if field[:1] in (["Output"], ["Assign"]) else frozenset()


def assigned_in(value: Any) -> Iterator[str]:
    """The names that any Assign of the definition sets."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Assign" and isinstance(item, dict):
                yield from item
            yield from assigned_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from assigned_in(item)


def variables_of(source: str) -> frozenset[str]:
    """The variables and functions of an expression that neither it nor the language defines."""
    used: set[str] = set()
    bound: set[str] = set()
    for node in _nodes(Jsonata(source).ast, set()):
        if node.type == "variable":
            used.add(str(node.value))
        elif node.type == "bind":
            bound.add(str(node.lhs.value))
        elif node.type == "lambda":
            bound.update(str(argument.value) for argument in node.arguments or [])
    return frozenset(used - bound - _ALWAYS_BOUND - _ADDED - Jsonata.static_frame.bindings.keys())


def _nodes(node: Any, seen: set[int]) -> Iterator[Any]:
    if isinstance(node, list | tuple):
        for item in node:
            yield from _nodes(item, seen)
    elif isinstance(node, Parser.Symbol) and id(node) not in seen:
        seen.add(id(node))
        yield node
        for value in vars(node).values():
            yield from _nodes(value, seen)
