"""CloudFormation's parameters, conditions, intrinsic functions and order. What is unknown is refused."""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from typing import Any, Final

from local.deploy.parameters import parameter_values
from local.protocol import LocalError

_NO_VALUE: Final = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class Resolver:
    """Values of one template. `ids` and `attributes` fill as resources are made."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        pseudo: Mapping[str, Any],
        ssm: Callable[[str], str],
    ) -> None:
        self.template = template
        self.parameters = parameter_values(template.get("Parameters", {}), parameters, ssm)
        self.ids: dict[str, str] = {}
        self.attributes: dict[str, Mapping[str, Any]] = {}
        self._pseudo = {**pseudo, "AWS::NoValue": _NO_VALUE}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": self._join,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Base64": self._base64,
            "Fn::Cidr": self._cidr,
            "Fn::GetAZs": lambda _: [f"{self._pseudo['AWS::Region']}{zone}" for zone in "abc"],
            "Fn::ToJsonString": self._to_json,
            "Fn::Equals": self._equals,
            "Fn::Not": lambda argument: not self.value(argument[0]),
            "Fn::And": lambda argument: all(self.value(item) for item in argument),
            "Fn::Or": lambda argument: any(self.value(item) for item in argument),
        }

    def condition(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        try:
            source = self.template.get("Conditions", {})[name]
        except KeyError:
            raise LocalError(f"the template has no condition {name}") from None
        return bool(self.value(source))

    def active(self) -> dict[str, Any]:
        """The resources whose conditions hold."""
        return {
            name: resource
            for name, resource in self.template["Resources"].items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    def order(self) -> list[str]:
        """Active resources, each after those that it refers to. LocalError names a circle."""
        active = self.active()
        graph = {}
        for name, resource in active.items():
            after = resource.get("DependsOn", [])
            found = {*([after] if isinstance(after, str) else after), *references(resource.get("Properties", {}))}
            graph[name] = {other for other in found if other in active and other != name}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise LocalError(f"the template's resources depend on each other in a circle: {error.args[1]}") from error

    def value(self, source: Any, where: str = "") -> Any:
        """The source with every intrinsic function worked out. LocalError for what is unknown."""
        if isinstance(source, list):
            items = (self.value(item, where) for item in source)
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(source, dict):
            return source
        if len(source) == 1:
            ((key, argument),) = source.items()
            if key == "Ref" and isinstance(argument, str):
                return self._ref(argument)
            if key == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if isinstance(key, str) and key.startswith("Fn::"):
                if key not in self._functions:
                    raise LocalError(f"{where}: the local deployment does not know {key}")
                return self._functions[key](argument)
        pairs = {key: self.value(item, f"{where}/{key}") for key, item in source.items()}
        return {key: item for key, item in pairs.items() if item is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        for values in (self._pseudo, self.parameters, self.ids):
            if name in values:
                return values[name]
        raise LocalError(f"Ref of {name}, which the template does not have")

    def _get_att(self, argument: Any) -> Any:
        name, attribute = (
            argument.split(".", 1) if isinstance(argument, str) else (argument[0], self.value(argument[1]))
        )
        if name not in self.attributes:
            raise LocalError(f"GetAtt of {name}, which the template does not have")
        if attribute not in self.attributes[name]:
            raise LocalError(f"GetAtt {name}.{attribute}: the local deployment does not know this attribute")
        return self.attributes[name][attribute]

    def _sub(self, argument: Any) -> str:
        text, local = (argument, {}) if isinstance(argument, str) else (argument[0], self.value(argument[1]))

        def one(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return "${" + name + "}"
            if name in local:
                return _text(local[name])
            return _text(self._get_att(name) if "." in name else self._ref(name))

        return _VARIABLE.sub(one, text)

    def _join(self, argument: Any) -> str:
        joined: str = argument[0].join(_text(item) for item in self.value(argument[1]))
        return joined

    def _if(self, argument: Any) -> Any:
        return self.value(argument[1] if self.condition(argument[0]) else argument[2])

    def _find_in_map(self, argument: Any) -> Any:
        first, second, third = self.value(argument[:3])
        try:
            return self.template["Mappings"][first][second][third]
        except KeyError:
            raise LocalError(f"FindInMap: the template has no {first}.{second}.{third}") from None

    def _select(self, argument: Any) -> Any:
        items = self.value(argument[1])
        index = int(self.value(argument[0]))
        if not 0 <= index < len(items):
            raise LocalError(f"Select {index} of {len(items)} items")
        return items[index]

    def _split(self, argument: Any) -> list[str]:
        parts: list[str] = self.value(argument[1]).split(argument[0])
        return parts

    def _cidr(self, argument: Any) -> list[str]:
        block, count, bits = self.value(argument)
        subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
        return [str(subnet) for subnet in islice(subnets, int(count))]

    def _base64(self, argument: Any) -> str:
        return base64.b64encode(str(self.value(argument)).encode()).decode()

    def _to_json(self, argument: Any) -> str:
        return json.dumps(self.value(argument), separators=(",", ":"))

    def _equals(self, argument: Any) -> bool:
        first, second = self.value(argument)
        return _text(first) == _text(second)


def references(value: Any) -> Iterator[str]:
    """Logical names that a value refers to, and names of parameters among them."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref" and isinstance(item, str):
            yield item
        elif key == "Fn::GetAtt":
            yield item.split(".")[0] if isinstance(item, str) else item[0]
        elif key == "Fn::Sub":
            for found in _VARIABLE.finditer(item if isinstance(item, str) else item[0]):
                if not found[1]:
                    yield found[2].strip().split(".")[0]
            if isinstance(item, list):
                yield from references(item[1])
        else:
            yield from references(item)


def _text(value: Any) -> str:
    # CloudFormation writes booleans in lower case and lists with commas.
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_text, value)) if isinstance(value, list) else str(value)
