"""Finds and masks what names or reaches a person: a cheap look by pattern and check digit, not a promise."""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What was found."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    SSN = "ssn"
    """A social security number of the United States."""
    IBAN = "iban"


class Found(NamedTuple):
    """A place in a text."""

    kind: Kind
    start: int
    end: int


def find(text: str) -> list[Found]:
    """The places in their order; none overlaps another."""
    if "@" not in text and not _DIGITS.search(text):
        return []
    taken: list[Found] = []
    for kind, needed, pattern, holds in _PATTERNS:
        if needed not in text:
            continue
        for match in pattern.finditer(text):
            place = Found(kind, *match.span())
            if holds(match.group()) and not any(place.start < t.end and t.start < place.end for t in taken):
                taken.append(place)
    return sorted(taken, key=lambda place: place.start)


def mask(text: str) -> str:
    """The text with `[email]`, `[card]` and so on in the place of what was found."""
    return "".join(_masked(text, find(text)))


def _masked(text: str, places: list[Found]) -> Iterator[str]:
    done = 0
    for place in places:
        yield text[done : place.start]
        yield f"[{place.kind.value}]"
        done = place.end
    yield text[done:]


def _always(_: str) -> bool:
    return True


def _is_card(text: str) -> bool:
    """Luhn's check over the digits."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    """ISO 13616: the rearranged number, letters as 10 to 35, leaves 1 when divided by 97."""
    plain = text.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _is_phone(text: str) -> bool:
    return 8 <= sum(character.isdigit() for character in text) <= 15


# Six digits with at most one sign between two of them: less is no number of any kind here.
_DIGITS = re.compile(r"\d(?:[ ().-]{0,2}\d){5}")
# In this order: the number of a card or an account is no telephone number.
# What each pattern needs is looked for first: that is a hundredth of the work.
_PATTERNS: tuple[tuple[Kind, str, re.Pattern[str], Callable[[str], bool]], ...] = (
    (
        Kind.EMAIL,
        "@",
        re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\.[A-Za-z]{2,24}\b"),
        _always,
    ),
    (Kind.IBAN, "", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _is_iban),
    (Kind.CARD, "", re.compile(r"(?<![\d.,-])[2-6](?:[ -]?\d){12,18}(?![\d-])"), _is_card),
    (Kind.SSN, "-", re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"), _always),
    (Kind.PHONE, "+", re.compile(r"(?<![\d+])\+\d{1,3}(?:[ .-]?\(?\d{1,4}\)?){2,6}(?!\d)"), _is_phone),
    (Kind.PHONE, "", re.compile(r"(?<![\d(.-])\(?[2-9]\d{2}\)?[ .-] ?\d{3}[ .-]\d{4}(?![\d-])"), _is_phone),
)
