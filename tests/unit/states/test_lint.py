"""What of JSONata is refused before a machine runs."""

import pytest

from local.states.lint import problem_with


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("$states.input.a ?? 1", "the operator ?? does not exist"),
        ("$states.input.a ?: 1", "the operator ?: does not exist"),
        ("$eval('1')", "$eval does not exist"),
        ("$states.input.list ~> $map($eval)", "$eval does not exist"),
        ("1 +", "it is no JSONata"),
        ("$foo(", "it is no JSONata"),
        ("$$.a", "$$ cannot be used"),
        ("$.total", "$ cannot be used at the top level"),
        ("total", "total stands for a field of the input document"),
        ("order.total + 1", "order stands for"),
        ("[1, total]", "total stands for"),
        ("$sum(total)", "total stands for"),
        ("{'a': total}", "total stands for"),
        ("true ? total : 1", "total stands for"),
        ("$states.inputs", "$states has no 'inputs'"),
        ("$states.result.a", "$states.result cannot be used in this field"),
        ("$states.errorOutput", "$states.errorOutput cannot be used in this field"),
    ],
)
def test_refused(expression: str, problem: str) -> None:
    found = problem_with(expression)

    assert found is not None
    assert problem in found


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.total",
        "$states.context.Execution.Id",
        "$order[$.total > 10]",
        "$order[total > 10].id",
        "$order.{'id': id, 'whole': $}",
        "($order^(>total))[0]",
        "$order{kind: $sum(total)}",
        "$map($order, function($o) { $o.total })",
        "($x := $states.input; $x.a)",
        "$states.input ~> |$|{'a': 1}|",
        "'a ?? b'",
        "$match('a', /x?:y/)",
        "6 / 2 / 1",
        "$exists($x) ? $x : 'none'",
        "$states.input.`a-b`",
        "/* why */ 1",
    ],
)
def test_accepted(expression: str) -> None:
    assert problem_with(expression) is None


def test_results_and_errors_where_they_exist() -> None:
    assert problem_with("$states.result.a", frozenset({"result"})) is None
    assert problem_with("$states.errorOutput.Cause", frozenset({"errorOutput"})) is None
