"""How this process's C library treats the memory of large arrays."""

import ctypes
from functools import cache
from typing import Final

_MMAP_THRESHOLD: Final = -3
"""M_MMAP_THRESHOLD of glibc's malloc.h."""
_LARGE: Final = 1 << 20


@cache
def return_large() -> None:
    """Have blocks of a megabyte and more go back to the system when they are freed.

    By itself glibc raises that limit to the largest block that was ever freed (mallopt(3)): the holes that a batch's
    arrays leave are then kept, and the process holds about a tenth more than it ever uses. Other C libraries know no
    such setting, and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
