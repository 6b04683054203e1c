"""What counts as a decision."""

import pytest

from fmops.approval.forms import FormRefused, read, short_name
from fmops.approval.models import Choice


def test_approval_needs_the_short_name() -> None:
    choice = read({"decision": "approve", "confirmation": " SmolLM2-tuned ", "reason": ""}, "smollm2-tuned")

    assert choice == Choice(decision="approved", reason="")


@pytest.mark.parametrize("typed", ["", "smollm2", "yes"])
def test_approval_with_another_name_is_refused(typed: str) -> None:
    with pytest.raises(FormRefused, match="type the short name exactly: smollm2-tuned"):
        read({"decision": "approve", "confirmation": typed}, "smollm2-tuned")


def test_rejection_needs_a_reason_and_no_name() -> None:
    assert read({"decision": "reject", "reason": "too slow"}, "x") == Choice(decision="rejected", reason="too slow")
    with pytest.raises(FormRefused, match="reason"):
        read({"decision": "reject", "reason": " \n "}, "x")


@pytest.mark.parametrize("fields", [{}, {"decision": "approved"}, {"decision": "APPROVE", "confirmation": "x"}])
def test_no_known_decision_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(FormRefused, match="Choose"):
        read(fields, "x")


def test_a_reason_is_kept_harmless_and_short() -> None:
    choice = read({"decision": "reject", "reason": "a\x00b" + "c" * 5000}, "x")

    assert choice.reason.isprintable()
    assert len(choice.reason) <= 1000


@pytest.mark.parametrize(
    ("candidate", "typed"),
    [
        ("smollm2-tuned", "smollm2-tuned"),
        ("<script>x</script>", "scriptxscript"),
        ("模型", "approve"),
        ("x" * 300, "x" * 39),
    ],
)
def test_a_short_name_can_be_typed_on_every_keyboard(candidate: str, typed: str) -> None:
    assert short_name(candidate) == typed
