"""Ports and a plain sentence."""

import pytest

from local import ports
from local.protocol import LocalError


def test_port_in_use_is_one_clear_sentence() -> None:
    with ports.listen(0, "a test") as taken:
        number = taken.getsockname()[1]

        with pytest.raises(LocalError, match=f"^port {number} for the console is in use; "):
            ports.listen(number, "the console")
