"""Names are valid, short and never meet by accident."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmops.core.ids import canonical_json, digest, run_id, sagemaker_name

_VALID = re.compile(r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_parts_give_a_valid_sagemaker_name(first: str, second: str) -> None:
    name = sagemaker_name("ab12cd34", first, second)

    assert _VALID.match(name)
    assert name.startswith("ab12cd34")
    assert name == name.lower()


def test_short_plain_parts_are_kept() -> None:
    assert sagemaker_name("ab12cd34", "tune", "run-1") == "ab12cd34-tune-run-1"


def test_names_that_differ_only_in_what_is_forbidden_stay_different() -> None:
    assert sagemaker_name("p", "a_b") != sagemaker_name("p", "a b")


def test_the_digest_does_not_depend_on_the_order_of_members() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    # printf '{"a":1}' | sha256sum
    assert digest({"a": 1}) == "sha256:015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_not_a_number_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_the_same_trigger_gives_the_same_run() -> None:
    assert run_id("a", {"x": 1, "y": 2}) == run_id("a", {"y": 2, "x": 1})
    assert run_id("a", {"x": 1}) != run_id("b", {"x": 1})
