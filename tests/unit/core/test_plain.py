"""Hostile text becomes one harmless line."""

from fmops.core.plain import one_line


def test_line_breaks_and_direction_marks_go() -> None:
    assert one_line("a\r\nBcc: b\u202etxt\x00", 50) == "a Bcc: btxt"


def test_long_text_is_cut_visibly() -> None:
    assert one_line("x" * 1000, 10) == "x" * 9 + "…"
