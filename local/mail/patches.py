"""Replacing parts of moto for as long as an embedded AWS runs."""

from collections.abc import Callable
from typing import Any


class Patches:
    """Attributes that were replaced, and how to put them back."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def set(self, owner: Any, name: str, value: Any) -> Any:
        """Replace an attribute; the one from before."""
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._undo.append(lambda: setattr(owner, name, before))
        return before

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()
