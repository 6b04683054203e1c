"""What a window is compared with, before and after the first hours of its release are over."""

from typing import Any

import pytest

from fmops.core import clock, wiring
from fmops.core.artifacts import location
from fmops.core.ledger import Key
from fmops.monitoring import settling
from fmops.monitoring.baseline import profile
from fmops.monitoring.models import WatchPlaces, Window
from fmops.monitoring.profile.model import pack
from fmops.monitoring.reading.records import Record
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring
from tests.fakes.champions import champion
from tests.integration.account import ARTIFACTS, Account

RULE = Monitoring(settle_hours=2)
TARGET = champion()


def window(hour: int) -> Window:
    return Window(start=clock.parse(f"2026-11-24T{hour:02}:00:00Z"), hours=1)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def shelf(account: Account, lexicon: Lexicon) -> settling.Shelf:
    rows = [{"id": str(n), "prompt": "what is it", "answer": "a river"} for n in range(10)]
    wiring.store().write_json_lines(location(TARGET.answers_uri), rows)
    return settling.Shelf(wiring.ledger(), wiring.store(), ARTIFACTS, lexicon)


def judged(shelf: settling.Shelf, hour: int, verdict: str, size: int) -> None:
    """A window as the journey leaves it."""
    seen: Any = profile([Record(f"{hour}-{n}", "what is that", "a hill") for n in range(size)], shelf.lexicon)
    name = window(hour).name
    shelf.store.write(WatchPlaces(ARTIFACTS, "trivia", name).profile, pack(seen))
    record = {"window": name, "status": "judged", "verdict": verdict, "release_id": "rel-1"}
    shelf.ledger.put_once(Key("USECASE#trivia", f"WINDOW#{name}"), record, kind="window", now=clock.now())


def usual(shelf: settling.Shelf, hour: int, rule: Monitoring = RULE) -> int:
    """Of how many records the baseline is that this hour's window is compared with."""
    return settling.usual(shelf, TARGET, window(hour), rule, clock.now()).records


def test_the_first_hours_extend_the_baseline_of_what_follows(shelf: settling.Shelf) -> None:
    assert usual(shelf, 5) == 10
    judged(shelf, 5, "OK", 30)
    judged(shelf, 6, "OK", 40)

    assert usual(shelf, 6) == 10
    assert settling.find(shelf.ledger, TARGET) is None
    assert usual(shelf, 7) == 80
    # One of the first that is judged again is not compared with itself.
    assert usual(shelf, 6) == 10
    found = settling.find(shelf.ledger, TARGET)
    assert found is not None
    assert (found.outcome, found.evaluated, found.observed) == ("extended", 10, 70)
    assert found.windows == ["2026-11-24T05:00Z", "2026-11-24T06:00Z"]


def test_it_is_extended_once(shelf: settling.Shelf) -> None:
    judged(shelf, 5, "OK", 30)
    judged(shelf, 6, "OK", 40)
    usual(shelf, 7)
    judged(shelf, 7, "OK", 50)

    assert usual(shelf, 8) == 80


def test_an_alarm_in_the_first_hours_keeps_the_evaluations_for_good(shelf: settling.Shelf) -> None:
    judged(shelf, 5, "ALARM", 30)
    judged(shelf, 6, "OK", 40)

    assert usual(shelf, 7) == usual(shelf, 20) == 10
    found = settling.find(shelf.ledger, TARGET)
    assert found is not None
    assert found.outcome == "kept"
    assert "1 of its first 2 windows alarmed" in found.reason


def test_a_use_case_may_keep_the_evaluations(shelf: settling.Shelf) -> None:
    judged(shelf, 5, "OK", 30)
    judged(shelf, 6, "OK", 40)

    assert usual(shelf, 7, Monitoring(settle_hours=0)) == 10


def test_a_profile_that_cannot_be_read_any_more_is_no_baseline(shelf: settling.Shelf) -> None:
    judged(shelf, 5, "OK", 30)
    judged(shelf, 6, "OK", 40)
    usual(shelf, 7)
    found = settling.find(shelf.ledger, TARGET)
    assert found is not None
    assert found.profile_uri is not None
    wiring.client("s3").delete_object(Bucket=ARTIFACTS, Key=found.profile_uri.partition(f"{ARTIFACTS}/")[2])

    assert usual(shelf, 8) == 10
