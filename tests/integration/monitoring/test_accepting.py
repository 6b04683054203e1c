"""After an alarm in the first hours a person accepts the new traffic: what follows is compared with it."""

import json
from typing import Any

import pytest

from fmops.audit.records import rows
from fmops.core import clock, wiring
from fmops.core.artifacts import location
from fmops.core.errors import BadInput, NotFound
from fmops.core.ledger import Key
from fmops.monitoring import settling
from fmops.monitoring.models import WatchPlaces, Window
from fmops.monitoring.profile.model import pack, unpack
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring
from fmops.usecases.store import check, save
from tests.fakes.champions import crown
from tests.integration.account import ARTIFACTS, Account
from tests.integration.monitoring import test_settling
from tests.integration.monitoring.test_settling import TARGET, window
from tests.integration.monitoring.test_window import USE_CASE

RULE = Monitoring(settle_hours=2)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def shelf(account: Account, lexicon: Lexicon) -> settling.Shelf:
    """A release whose first hours alarmed: windows at five (30 records) and six (40)."""
    save(wiring.ledger(), check(USE_CASE), clock.now())
    crown(TARGET)
    answers = [{"id": str(n), "prompt": "what is it", "answer": "a river"} for n in range(10)]
    wiring.store().write_json_lines(location(TARGET.answers_uri), answers)
    found = settling.Shelf(wiring.ledger(), wiring.store(), ARTIFACTS, lexicon)
    for hour, size in ((5, 30), (6, 40)):
        judged(found, hour, size)
    return found


def judged(shelf: settling.Shelf, hour: int, size: int, **members: Any) -> None:
    test_settling.judged(shelf, hour, "ALARM", size)
    drift = {"prompt_words": {"size": 0.2, "low": 0.1, "high": 0.3, "limit": 0.02}}
    known = {"start": f"2026-11-24T{hour:02}:00:00.000Z", "hours": 1, "records": size, "drift": drift, **members}
    shelf.ledger.change(Key("USECASE#trivia", f"WINDOW#{window(hour).name}"), known, now=clock.now())


def usual(shelf: settling.Shelf, hour: int) -> int:
    """Of how many records the baseline is that this hour's window is compared with."""
    return settling.usual(shelf, TARGET, window(hour), RULE, clock.now()).records


def accept(account: Account, first: Window, last: Window, **members: Any) -> dict[str, Any]:
    wanted = {"use_case": "trivia", "since": first.name, "until": last.name, "reason": "a campaign", "by": "ann"}
    answer: dict[str, Any] = account.handler("monitoring/accept_traffic")({**wanted, **members}, None)
    return answer


def test_the_next_window_is_compared_with_what_was_accepted(account: Account, shelf: settling.Shelf) -> None:
    assert usual(shelf, 7) == 10

    accept(account, window(5), window(6))

    assert usual(shelf, 7) == usual(shelf, 20) == 70
    # Never with itself.
    assert usual(shelf, 6) == 10


def test_the_last_one_accepted_counts(account: Account, shelf: settling.Shelf, monkeypatch: Any) -> None:
    accept(account, window(5), window(6))
    later = clock.parse("2126-11-24T12:00:00Z")
    monkeypatch.setattr(clock, "_source", lambda: later)

    accept(account, window(6), window(6))

    assert usual(shelf, 7) == 40


def test_who_accepted_what_and_why_stands_in_audit_ledger_and_mail(account: Account, shelf: settling.Shelf) -> None:
    answer = accept(account, window(5), window(6))

    (row,) = rows(shelf.ledger, TARGET.run_id)
    said = json.loads(row.facts)
    assert (row.step.value, row.subject) == ("baseline", answer["accepted_id"])
    assert (said["by"], said["reason"], said["records"]) == ("ann", "a campaign", 70)
    assert said["windows"] == [window(5).name, window(6).name]
    assert said["objects"][0]["uri"] == answer["profile_uri"]
    ((kind, event),) = account.events()
    told = account.handler("operations/raise_alert")({"detail-type": kind, "detail": event}, None)["told"]
    alert = shelf.ledger.require(Key(f"ALERT#{told[0]}", "ALERT"))["alert"]
    assert alert["subject"] == "trivia: ann accepted new traffic as normal"
    assert alert["recipients"] == ["owner@example.com"]
    assert "2 windows from 2026-11-24T05:00Z to 2026-11-24T06:00Z" in alert["body"]


def test_windows_that_do_not_exist_or_hold_too_little_are_refused(account: Account, shelf: settling.Shelf) -> None:
    judged(shelf, 7, 3, drift={})
    places = WatchPlaces(ARTIFACTS, "trivia", window(6).name)

    with pytest.raises(NotFound, match=r"no judged window 2026-11-24T09:00Z"):
        accept(account, window(6), window(9))
    with pytest.raises(BadInput, match=r"2026-11-24T07:00Z had too little data"):
        accept(account, window(5), window(7))
    with pytest.raises(BadInput, match=r"the last window lies before the first"):
        accept(account, window(6), window(5))
    with pytest.raises(BadInput, match=r"reason"):
        accept(account, window(5), window(5), reason="")
    with pytest.raises(BadInput, match=r"since"):
        accept(account, window(5), window(5), since="yesterday")
    save(wiring.ledger(), check({**USE_CASE, "monitoring": {"min_records": 100}}), clock.now())
    with pytest.raises(BadInput, match=r"hold 70 records; at least 100"):
        accept(account, window(5), window(6))
    shelf.store.write(places.profile, b"rubbish")
    save(wiring.ledger(), check(USE_CASE), clock.now())
    with pytest.raises(BadInput, match=r"06:00Z can't be read any more"):
        accept(account, window(5), window(6))
    assert rows(shelf.ledger, TARGET.run_id) == []
    assert usual(shelf, 8) == 10


def test_another_release_begins_with_its_own_baseline(account: Account, shelf: settling.Shelf) -> None:
    accept(account, window(5), window(6))
    other = TARGET.model_copy(update={"release_id": "rel-2"})

    assert settling.usual(shelf, other, window(9), RULE, clock.now()).records == 10


def test_what_was_accepted_is_a_profile_as_any_other(account: Account, shelf: settling.Shelf) -> None:
    made = unpack(shelf.store.read(location(accept(account, window(5), window(6))["profile_uri"])))

    assert unpack(pack(made)) == made
    assert made.different_records == 70
