"""JSONata as Step Functions evaluates it."""

import hashlib
from typing import Any

import pytest

from local.states.errors import StatesError
from local.states.query import Query


def _value(template: Any, **variables: Any) -> Any:
    return Query("S", variables, now=1_700_000_000.5).value(template, "Output")


# AWS' documented examples and the specification's.
STUDENT = {"name": "Scotland", "course": [{"grade": 34}, {"grade": 99}, {"grade": 76}, {"grade": 96}]}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("$sum([1, 2, 3.5])", 6.5),
        ("($product := function($x, $y) {$x * $y}; $reduce([1..5], $product))", 120),
        ("{ 'avg': $average($student.course.grade), 'num': $count($student.course) }", {"avg": 76.25, "num": 4}),
        ("$partition([1, 2, 3, 4, 5, 6, 7, 8, 9], 4)", [[1, 2, 3, 4], [5, 6, 7, 8], [9]]),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$hash('abc', 'SHA-256')", hashlib.sha256(b"abc").hexdigest()),
        ("$hash('abc', 'MD5')", hashlib.md5(b"abc", usedforsecurity=False).hexdigest()),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$parse('null')", None),
        ("$random(7) = $random(7)", True),
        ("$length($uuid())", 36),
        ("$millis()", 1_700_000_000_500),
        ("$now()", "2023-11-14T22:13:20.500Z"),
        ("$contains($lowercase('A Fatal one'), /.*fatal.*/)", True),
        ("$merge([{'a': 1}, {'b': null}])", {"a": 1, "b": None}),
        ("10 / 2", 5),
        ("1 / 4", 0.25),
        ("[]", []),
        ("null", None),
        ("$student.course[grade > 90].grade", [99, 96]),
        ("$map([1..3], function($v) {$v * 2})", [2, 4, 6]),
        ("($student.course^(>grade))[0].grade", 99),
    ],
)
def test_expressions(expression: str, result: Any) -> None:
    assert _value(f"{{% {expression} %}}", student=STUDENT) == result


def test_whole_numbers_come_out_as_integers() -> None:
    assert type(_value("{% 10 / 2 %}")) is int


def test_expressions_are_found_anywhere_in_a_value() -> None:
    template = {"student": "{% $student.name %}", "values": [1, "{% $two %}", "three"], "plain": "$two"}

    assert _value(template, student=STUDENT, two="the number 2") == {
        "student": "Scotland",
        "values": [1, "the number 2", "three"],
        "plain": "$two",
    }


@pytest.mark.parametrize("text", [" {% 1 %}", "{% 1 %} ", "{%1", "{%}"])
def test_strings_that_are_no_expressions_stay_as_they_are(text: str) -> None:
    assert _value(text) == text


def test_nulls_inside_of_variables_are_no_undefined_values() -> None:
    assert _value("{% [$x.a = null, $exists($x.a), $exists($x.b), $y = null] %}", x={"a": None}, y=None) == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("$x.missing", "returned nothing (undefined)."),
        ("$nobody", "returned nothing (undefined)."),
        ("$x + 'a'", "threw an error"),
        ("function($a) {$a}", "threw an error"),
        ("$range(0, 5000, 1)", "more than 1000 elements"),
        ("$hash('a', 'CRC32')", "the algorithm must be one of"),
        ("$parse('{')", "threw an error"),
    ],
)
def test_a_failing_expression_names_itself_and_its_place(expression: str, why: str) -> None:
    with pytest.raises(StatesError) as caught:
        _value({"a": f"{{% {expression} %}}"}, x={"y": 1})

    assert caught.value.error == "States.QueryEvaluationError"
    assert caught.value.location == "Output/a"
    assert f"The JSONata expression '{expression}' specified for the field 'Output/a'" in str(caught.value.cause)
    assert why in str(caught.value.cause)


def test_an_expression_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.states.query.EVALUATION_SECONDS", 0.1)

    with pytest.raises(StatesError, match="took longer"):
        _value("{% ($f := function($n) {$f($n + 1)}; $f(0)) %}")


def test_variables_of_an_expression_do_not_outlive_it() -> None:
    assert _value("{% ($y := 1; $y) %}") == 1
    with pytest.raises(StatesError):
        _value("{% $y %}")
