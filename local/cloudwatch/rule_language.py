"""The rule expressions of composite alarms: ALARM("x") AND NOT OK("y")."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from local.cloudwatch.judgement import State

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<punctuation>[()])|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<word>[^\s()\"']+))"
)
_STATES: Final[dict[str, State]] = {"ALARM": "ALARM", "OK": "OK", "INSUFFICIENT_DATA": "INSUFFICIENT_DATA"}

Node = Callable[[Mapping[str, State]], bool]


class RuleError(ValueError):
    """A rule that CloudWatch refuses."""


@dataclass(frozen=True)
class AlarmRule:
    """A parsed rule."""

    alarms: frozenset[str]
    """Names of the alarms that it looks at."""
    holds: Node
    """Whether it holds, given states by name; an alarm that is not there has INSUFFICIENT_DATA."""


def parse_rule(text: str) -> AlarmRule:
    """Parse. RuleError for bad syntax."""
    parser = _Parser(text)
    node = parser.either()
    parser.end()
    return AlarmRule(frozenset(parser.alarms), node)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        text = text.strip()
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None:
                raise RuleError(f"AlarmRule is not valid at position {place}")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        self._place = 0
        self.alarms: set[str] = set()

    def _peek(self) -> str:
        if self._place == len(self._tokens):
            return ""
        kind, token = self._tokens[self._place]
        return token if kind in ("word", "punctuation") else ""

    def _take(self, wanted: str | None = None) -> str:
        if self._place == len(self._tokens) or wanted not in (None, self._peek()):
            raise RuleError(f"AlarmRule is not valid: {wanted or 'something'} is missing")
        self._place += 1
        return self._tokens[self._place - 1][1]

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise RuleError(f"AlarmRule is not valid: {self._tokens[self._place][1]} is not expected")

    def either(self) -> Node:
        options = [self._both()]
        while self._peek() == "OR":
            self._take()
            options.append(self._both())
        return options[0] if len(options) == 1 else lambda states: any(option(states) for option in options)

    def _both(self) -> Node:
        parts = [self._single()]
        while self._peek() == "AND":
            self._take()
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else lambda states: all(part(states) for part in parts)

    def _single(self) -> Node:
        word = self._take()
        if word == "NOT":
            inner = self._single()
            return lambda states: not inner(states)
        if word == "(":
            inner = self.either()
            self._take(")")
            return inner
        if word in ("TRUE", "FALSE"):
            constant = word == "TRUE"
            return lambda _: constant
        if word not in _STATES:
            raise RuleError(f"AlarmRule is not valid: {word} is not expected")
        wanted = _STATES[word]
        self._take("(")
        name = self._take().partition(":alarm:")
        self._take(")")
        alarm = name[2] or name[0]
        self.alarms.add(alarm)
        return lambda states: states.get(alarm, "INSUFFICIENT_DATA") == wanted
