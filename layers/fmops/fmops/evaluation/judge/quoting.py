"""Quotes what others wrote, so that no part of it can pass for a word of ours."""

import hashlib
import re
import unicodedata

from fmops.core.ids import canonical_json

MARK = "| "
"""What each quoted line begins with. Nothing that was quoted can begin a line without it."""
CUT = "[cut here]"

# Of the characters that are not seen, these two belong to how some scripts and emoji are written.
_JOINERS = "\u200c\u200d"
# What chat formats mark turns with. A tokenizer that finds them in a text may take them for the real thing.
_CONTROL = re.compile(
    r"<(?=[|｜])|(?<=[|｜])(?=>)|<(?=<\s*/?\s*SYS)|\[(?=\s*/?\s*(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\s*\])"
    r"|<(?=\s*/?\s*(?:s|bos|eos|pad|unk|mask|start_of_turn|end_of_turn|begin_of_text|end_of_text|think)\s*>)",
    re.IGNORECASE,
)


def boundary(*texts: str) -> str:
    """32 hex digits that stand in none of the texts and that only who has all of them can know."""
    number = 0
    while True:
        found = hashlib.sha256(canonical_json([number, *texts]).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if not any(found in text.lower() for text in texts):
            return found
        number += 1


def quoted(text: str, most_bytes: int) -> str:
    """The text with a mark before each line, whatever it takes for the end of a line.

    Characters that are not seen are left out: whole messages have been hidden in them. Marks of chat formats get a
    blank inside. What is longer than `most_bytes` in UTF-8, marks included, is cut, and says so.
    """
    lines: list[str] = []
    left = most_bytes
    for line in text.splitlines() or [""]:
        shown = MARK + _CONTROL.sub(_with_blank, _visible(line))
        size = len(shown.encode("utf-8", "replace")) + 1
        if size > left:
            kept = shown.encode("utf-8", "replace")[: max(0, left - 1)].decode("utf-8", "ignore")
            return "\n".join([*lines, *([kept] if len(kept) > len(MARK) else []), MARK + CUT])
        left -= size
        lines.append(shown)
    return "\n".join(lines)


def most_quoted(most_bytes: int) -> int:
    """The most bytes that `quoted` can give."""
    return most_bytes + len(MARK + CUT) + 1


def _with_blank(found: re.Match[str]) -> str:
    return f"{found[0]} "


def _visible(line: str) -> str:
    return "".join(" " if character == "\t" else character for character in line if _is_seen(character))


def _is_seen(character: str) -> bool:
    if character in _JOINERS or character == "\t":
        return True
    # Cc: controls, Cf: format characters, among them directions and tags; Cs, Co: no characters at all. And 240
    # variants of a character, which look alike and have carried bytes.
    return (
        unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
        and not "\U000e0100" <= character <= "\U000e01ef"
    )
