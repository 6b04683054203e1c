"""What moved is explained by words and masked records."""

from fmops.monitoring.baseline import profile
from fmops.monitoring.explain import explain
from fmops.monitoring.profile.batches import Tally, batched
from fmops.monitoring.profile.observer import Observer
from fmops.monitoring.reading.records import Record
from fmops.monitoring.usage import usage


def test_new_words_and_the_records_that_hold_them_are_named_and_masked() -> None:
    calm = [Record(f"c{n}", f"what is the capital of country {n}", "it is a city") for n in range(400)]
    wild = [Record(f"w{n}", "refund my ticket, write to jane@example.com", "ticket refunded") for n in range(400)]
    observer = Observer(sample=50)
    for batch in batched([*calm[:200], *wild], Tally()):
        observer.add(batch)

    found = explain(observer.profile, profile(calm, None), observer.sample.rows, [])

    assert {"refund", "ticket", "capital"} <= {one.word for one in found.prompt_words}
    assert all(one.window > one.baseline for one in found.prompt_words if one.word in ("refund", "ticket"))
    assert {one.prompt for one in found.examples} == {"refund my ticket, write to [email]"}
    assert "jane" not in found.model_dump_json()


def test_cost_is_dealt_by_tokens_and_the_rest_is_one_tenant() -> None:
    records = [Record(f"{n}", "one two", "three", tenant=f"t{n % 4}" if n % 5 else "") for n in range(100)]
    made = profile(records, None)

    found = usage(made, 10.0, most=2)

    assert [one.tenant for one in found.tenants][2:] == ["(others)"]
    assert sum(one.records for one in found.tenants) == 100
    assert sum(one.cost_usd or 0 for one in found.tenants) == 10.0
