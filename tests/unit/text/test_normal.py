"""Two texts that read the same have the same tokens; two that differ in meaning do not."""

import pytest

from fmops.text.normal import fingerprint, tokens


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("What is LIGHT?", "what is light"),
        ("  a\tb \n c ", "a b c"),
        ("“Quoted” — text…", "quoted text"),
        ("ﬁne", "fine"),
        ("STRASSE", "straße"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_case_punctuation_and_spacing_do_not_count(text: str, same: str) -> None:
    assert tokens(text) == tokens(same)


@pytest.mark.parametrize(
    ("text", "other"),
    [("3 - 4", "3 + 4"), ("8 / 2", "8 * 2"), ("5 %", "5 $"), ("a < b", "a > b"), ("कि", "का"), ("C#", "C")],
)
def test_what_changes_the_meaning_counts(text: str, other: str) -> None:
    assert tokens(text) != tokens(other)


def test_scripts_without_spaces_are_taken_by_the_character() -> None:
    assert tokens("東京は?") == ["東", "京", "は"]


def test_a_fingerprint_stands_for_the_tokens() -> None:
    assert fingerprint(["a", "b"]) == fingerprint(["a", "b"])
    assert fingerprint(["a", "b"]) != fingerprint(["ab"])
    assert 0 <= fingerprint([]) < 2**64
