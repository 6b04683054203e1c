"""Text as it is compared: what reads the same is the same, in any script."""

import unicodedata
from bisect import bisect_right
from hashlib import blake2b

# Scripts without spaces between words: there each character is a token. First code point, and what follows the last.
_UNSPACED = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Myanmar
    (0x1780, 0x1800),  # Khmer
    (0x3040, 0x3100),  # Hiragana, Katakana
    (0x3400, 0x4DC0),  # Han
    (0x4E00, 0xA000),
    (0xF900, 0xFB00),
    (0x20000, 0x323B0),
)
_STARTS = tuple(start for start, _ in _UNSPACED)
# Punctuation that carries meaning: 3-4 is not 3/4.
_OPERATORS = frozenset("-*/%&#@")
_INVISIBLE = "Cf"


class _Table(dict[int, str]):
    """What `str.translate` makes of each character; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _translated(chr(code))
        return made


def _translated(character: str) -> str:
    category = unicodedata.category(character)
    if category == _INVISIBLE:
        return ""
    if character in _OPERATORS or category[0] == "S" or _is_unspaced(ord(character)):
        return f" {character} "
    return " " if category[0] in "PZC" else character


def _is_unspaced(code: int) -> bool:
    place = bisect_right(_STARTS, code) - 1
    return place >= 0 and code < _UNSPACED[place][1]


_TABLE = _Table()


def tokens(text: str) -> list[str]:
    """The words and symbols of a text, without case, punctuation and spacing."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text.casefold().translate(_TABLE).split()


def fingerprint(words: list[str]) -> int:
    """64 bits that stand for a text's tokens; two of a million different texts collide once in 40 million times."""
    return int.from_bytes(blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
