"""SEARCH expressions of dashboards: every metric of a namespace whose dimensions and words fit."""

import re
from dataclasses import dataclass
from typing import Final

from local.cloudwatch.store import Key, known_statistic
from local.protocol import AwsError, NotImplementedByEmbeddedAws

_CALL: Final = re.compile(
    r"\s*SEARCH\(\s*(?P<q>['\"])(?P<what>.*)(?P=q)\s*,\s*['\"](?P<stat>[\w.]+)['\"]\s*(,\s*(?P<period>\d+)\s*)?\)\s*"
)
_SCHEMA: Final = re.compile(r"\s*\{(?P<names>[^}]*)\}\s*(?P<rest>.*)")
_TERM: Final = re.compile(r"(?P<name>[\w.\-]+)\s*=\s*(?P<value>\"[^\"]*\"|[^\s\"]+)|(?P<word>\"[^\"]*\"|[^\s\"=]+)")

_DYNAMIC: Final = re.compile(r"\$\{([^}]+)\}")


def is_search(text: str) -> bool:
    return text.lstrip().startswith("SEARCH(")


@dataclass(frozen=True)
class Search:
    """A parsed expression."""

    namespace: str
    dimensions: frozenset[str]
    exact: tuple[tuple[str, str], ...]
    """Name of a dimension, or MetricName, and the value that it must have."""
    words: tuple[str, ...]
    """Each must occur in the metric's name or a dimension's value, whatever its capitals."""
    stat: str
    period: int

    def matches(self, key: Key) -> bool:
        if key.namespace != self.namespace or {name for name, _ in key.dimensions} != self.dimensions:
            return False
        facts = {**dict(key.dimensions), "MetricName": key.name}
        texts = [value.lower() for value in facts.values()]
        return all(facts.get(name) == value for name, value in self.exact) and all(
            any(word.lower() in text for text in texts) for word in self.words
        )

    def label(self, key: Key, wanted: str = "") -> str:
        """What tells the metrics found apart; of a label with dynamic values, what they say of this metric."""
        own = " ".join([*(value for _, value in sorted(key.dimensions)), key.name])
        if "${" not in wanted:
            return f"{wanted} {own}".strip()
        facts = {f"PROP('Dim.{name}')": value for name, value in key.dimensions}
        facts |= {"LABEL": own, "PROP('MetricName')": key.name, "PROP('Namespace')": key.namespace}

        def said(value: re.Match[str]) -> str:
            if value[1] not in facts:
                raise NotImplementedByEmbeddedAws(f"the dynamic label {value[0]}")
            return facts[value[1]]

        return _DYNAMIC.sub(said, wanted)


def parse_search(text: str) -> Search:
    """Parse. AwsError for bad syntax; OR, NOT and partial matches by brackets are not embedded."""
    call = _CALL.fullmatch(text)
    schema = _SCHEMA.fullmatch(call["what"]) if call else None
    if call is None or schema is None:
        raise AwsError("ValidationError", f"Error in expression '{text}': not a SEARCH with a schema")
    if re.search(r"\b(OR|NOT)\b|[()]", schema["rest"]):
        raise NotImplementedByEmbeddedAws(f"OR, NOT and parentheses in {text}")
    if not known_statistic(call["stat"]):
        raise NotImplementedByEmbeddedAws(f"the CloudWatch statistic {call['stat']}")
    namespace, *dimensions = [name.strip().strip('"') for name in schema["names"].split(",")]
    exact, words = [], []
    for term in _TERM.finditer(schema["rest"]):
        if term["name"]:
            exact.append((term["name"], term["value"].strip('"')))
        elif term["word"] != "AND":
            words.append(term["word"].strip('"'))
    period = int(call["period"] or 300)
    return Search(namespace, frozenset(dimensions), tuple(exact), tuple(words), call["stat"], period)
