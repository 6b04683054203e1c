"""Fault 31: a decision comes with a link that nobody signed."""

import pytest

from tests.integration.approval.conftest import Desk


def forgeries(link: str) -> dict[str, str]:
    payload, _, mac = link.rpartition(".")
    return {
        "nothing": "",
        "noise": "v1.x",
        "no signature": payload,
        "another signature": f"{payload}.{mac[::-1]}",
        "another key": link.replace("v1.", "v2.", 1),
        "another run": f"{payload.replace('run-0', 'run-1')}.{mac}",
        "no such form": "../../etc/passwd",
    }


@pytest.mark.parametrize("kind", forgeries("v1.run-0.a.1.0").keys())
def test_fault_31_unsigned_links_decide_nothing_and_all_get_the_same_answer(
    desk: Desk, asked: dict[str, str], kind: str
) -> None:
    link = forgeries(asked["ann"])[kind]

    posted, opened = desk.approve(link), desk.open(link)

    assert (posted["statusCode"], opened["statusCode"]) == (403, 403)
    # No oracle: a forger can't tell what was wrong.
    assert posted["body"] == opened["body"] == desk.open("nonsense")["body"]
    assert desk.approval["status"] == "pending"
