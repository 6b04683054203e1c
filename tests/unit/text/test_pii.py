"""What looks like a person's data is found by pattern and check digit, and what only looks like digits is not."""

import pytest

from fmops.text.pii import Kind, find, mask


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to ann.lee+x@mail.example.co.uk today", Kind.EMAIL),
        ("call +49 (30) 1234-5678 now", Kind.PHONE),
        ("call (212) 555-0142 now", Kind.PHONE),
        ("call 212-555-0142", Kind.PHONE),
        ("card 4111 1111 1111 1111, thanks", Kind.CARD),
        ("card 378282246310005", Kind.CARD),
        ("SSN 123-45-6789.", Kind.SSN),
        ("to DE89 3704 0044 0532 0130 00 please", Kind.IBAN),
        ("to GB82WEST12345698765432", Kind.IBAN),
    ],
)
def test_it_is_found(text: str, kind: Kind) -> None:
    assert [found.kind for found in find(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112 has a wrong check digit",
        "DE88 3704 0044 0532 0130 00 has a wrong check digit",
        "666-45-6789 and 123-00-6789 are never given out",
        "in 1914-1918 and on 2026-11-24 there were 1,234,567.89 of them",
        "pi is 3.14159265358979323846",
        "version 10.20.30.40, a@b, @home, 0000 0000 0000 0000",
        "A garden of 84 by 120 feet has 2 sides of 84 and 2 of 120.",
        "",
    ],
)
def test_what_only_looks_like_it_is_not_found(text: str) -> None:
    assert find(text) == []


def test_masking_leaves_the_rest_as_it_is() -> None:
    text = "Mail ann@example.com, or pay 4111-1111-1111-1111 to DE89370400440532013000."

    assert mask(text) == "Mail [email], or pay [card] to [iban]."
    assert mask("nothing here") == "nothing here"


@pytest.mark.parametrize(
    "text", ["a" * 50_000 + "@", "1 " * 50_000, "+1" * 50_000, "a@" + "a." * 50_000, "AB12" * 25_000]
)
def test_long_hostile_texts_are_read_through(text: str) -> None:
    # A pattern that backtracks would take hours here.
    assert len(find(text)) < len(text)
