"""Names that others chose can't do anything to who reads them."""

import pytest

from fmops.approval.models import Interval
from fmops.approval.wording import clean, clean_lines, difference, interval, masked, unlinked


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain", "plain"),
        ("two\r\nlines", "two lines"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("line\u2028separator", "line separator"),
        ("  much   space ", "much space"),
        ("Ünïcödé 模型", "Ünïcödé 模型"),
    ],
)
def test_clean_leaves_one_harmless_line(given: str, shown: str) -> None:
    assert clean(given) == shown


def test_clean_cuts_long_names_and_says_so() -> None:
    assert clean("x" * 1000, 10) == "xxxxxxxxx…"


def test_clean_lines_keeps_lines_and_nothing_else_unprintable() -> None:
    assert clean_lines("one\r\n\x07two\n\n") == "one\ntwo"


def test_a_foreign_address_does_not_become_a_link() -> None:
    assert "://" not in unlinked("see https://evil.example/x")


def test_an_address_is_masked_to_its_first_letter() -> None:
    assert masked("ann@example.org") == "a…@example.org"


def test_a_value_is_shown_with_its_interval() -> None:
    assert interval(Interval(value=0.4123, low=0.38, high=0.441)) == "0.412 (0.380 to 0.441)"


def test_a_missing_value_is_no_zero() -> None:
    assert interval(Interval(value=None)) == "not scored"
    assert difference(Interval(value=None)) == "not scored"


def test_a_difference_has_its_sign() -> None:
    assert difference(Interval(value=-0.05, low=-0.1, high=0.001)) == "-0.050 (-0.100 to +0.001)"
