"""Guesses a text's language by its script and its commonest words: good enough to see a mix, not to route by."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

UNKNOWN = "und"
"""ISO 639's code for what can't be said."""
_LOOKED_AT = 400
_WORDS_LOOKED_AT = 60
_SHORT = 4
_WORD = re.compile(r"[^\W\d_]+")

# The words that each language writes most. A word that two languages share counts for both.
_COMMON: dict[str, str] = {
    "en": "the of and to in is was that for it with as on are this by be at from or an have which what how who his her",
    "de": "der die das und ist nicht ein eine von zu mit den dem des auf für im sich auch es wie was wer welche wird",
    "fr": "le la les de des et est un une en dans que qui du pour pas sur par au avec ce il elle quel quelle sont",
    "es": "el la los las de que y en un una es por con para del se no su al lo como más qué cuál quién fue",
    "it": "il la di che e è un una per non con del della sono le gli nel si da alla dei come più quale chi",
    "pt": "o a os as de que e do da em um uma para não com por dos das se no na é qual quem foi mais",
    "nl": "de het een en van is dat in op te zijn met voor niet aan er ook als bij wat wie welke door werd",
    "sv": "och att det som en är av på den med för inte till ett var om vad vem har från de",
    "pl": "i w nie na się z do to jest że co jak kto od za po jego czy dla który która",
    "tr": "ve bir bu için ile da de ne kim nedir olan olarak hangi çok daha gibi kadar ise",
}
LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _COMMON.items() if word in words.split())
    for words in _COMMON.values()
    for word in words.split()
}
"""Which languages write a word often."""

# First code points of scripts, and what is said of a text in them: a language where one alone writes so, else the
# script's ISO 15924 code. None: says nothing.
_SCRIPTS: tuple[tuple[int, str | None], ...] = (
    (0x0000, None),
    (0x0041, "Latn"),
    (0x02B0, None),
    (0x0370, "el"),
    (0x0400, "Cyrl"),
    (0x0530, "hy"),
    (0x0590, "he"),
    (0x0600, "Arab"),
    (0x0780, None),
    (0x0900, "Deva"),
    (0x0980, "bn"),
    (0x0A00, None),
    (0x0B80, "ta"),
    (0x0C00, "te"),
    (0x0C80, None),
    (0x0E00, "th"),
    (0x0E80, None),
    (0x10A0, "ka"),
    (0x1100, "ko"),
    (0x1200, None),
    (0x1E00, "Latn"),
    (0x1F00, "el"),
    (0x2000, None),
    (0x3040, "ja"),
    (0x3100, None),
    (0x3400, "zh"),
    (0xA000, None),
    (0xAC00, "ko"),
    (0xD7B0, None),
)
_STARTS = tuple(start for start, _ in _SCRIPTS)
OF_SCRIPTS = tuple(dict.fromkeys(said for _, said in _SCRIPTS if said and said != "Latn"))
"""What can be said by the script alone."""


def guess(text: str, words: Sequence[str] | None = None) -> str:
    """An ISO 639-1 code, an ISO 15924 script where several languages write so, or UNKNOWN.

    Whoever has the text's words in lower case already hands them over.
    """
    start = text[:_LOOKED_AT]
    script = "Latn" if start.isascii() else _script(start)
    if script != "Latn":
        return script or UNKNOWN
    return _by_words(_WORD.findall(start.lower()) if words is None else words[:_WORDS_LOOKED_AT])


def _script(text: str) -> str | None:
    letters = Counter(found for character in text if (found := _SCRIPTS[bisect_right(_STARTS, ord(character)) - 1][1]))
    if letters["ja"]:
        # Japanese writes Han too; whoever writes kana writes Japanese.
        return "ja"
    return letters.most_common(1)[0][0] if letters else None


def _by_words(words: Sequence[str]) -> str:
    hits: dict[str, int] = {}
    for languages in map(LANGUAGES_OF.get, words):
        for language in languages or ():
            hits[language] = hits.get(language, 0) + 1
    ranked = sorted(hits.items(), key=lambda item: -item[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return UNKNOWN
    if ranked[0][1] == 1 and len(words) > _SHORT:
        # One word in a long text may be a name.
        return UNKNOWN
    return ranked[0][0]
