"""What the makers do before they call AWS."""

import pytest

from local.deploy.makers.compute import _definition
from local.deploy.makers.storage import _lifecycle
from local.deploy.making import Properties
from local.protocol import LocalError


def test_properties_remember_what_nobody_read() -> None:
    properties = Properties({"a": 1, "b": 2, "c": 3})

    properties.take("a")
    properties.some("b", "missing")

    assert properties.unread == {"c"}
    assert properties.rest() == {"c": 3}


def test_lifecycle_is_nested_as_the_api_wants_it() -> None:
    rule = {"Id": "x", "Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": "90"}

    assert _lifecycle(rule) == {
        "ID": "x",
        "Status": "Enabled",
        "Filter": {"Prefix": "tmp/"},
        "Expiration": {"Days": 90},
    }


def test_lifecycle_with_something_unknown_is_refused() -> None:
    with pytest.raises(LocalError, match="TagFilters"):
        _lifecycle({"Status": "Enabled", "TagFilters": []})


def test_substitutions_are_escaped_inside_the_definition() -> None:
    properties = Properties({"DefinitionString": '{"Comment": "${Text}"}'})

    assert _definition(properties, {"Text": 'say "hi"'}) == '{"Comment": "say \\"hi\\""}'


def test_substitution_that_is_not_given_is_refused() -> None:
    with pytest.raises(LocalError, match="FunctionArn"):
        _definition(Properties({"DefinitionString": '{"Resource": "${FunctionArn}"}'}), {})
