"""Text that is safe to show on one line: in a mail's subject, a log, a terminal."""

import unicodedata


def one_line(text: str, limit: int) -> str:
    """At most `limit` characters without line breaks, control or direction characters; `…` marks what was cut."""
    kept = "".join(" " if character.isspace() else character for character in text if _is_visible(character))
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _is_visible(character: str) -> bool:
    # Cc: controls, Cf: format characters (right-to-left overrides among them), Cs/Co: no characters at all.
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
