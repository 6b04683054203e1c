"""The first look at a catalogue writes down what there is; later looks announce what is new, once."""

from datetime import timedelta
from typing import Any

import pytest

from fmops.catalog.discovery import CatalogueSilent
from fmops.core import clock, wiring
from fmops.core.announcing import announce_overdue
from fmops.core.ledger import Ledger
from tests.integration.account import Account
from tests.integration.intake.catalogues import Bedrock, Content, Sagemaker, look, team

M = Content("m")
FIFTY = [Content(f"new-{n:02}") for n in range(50)]


def kinds(events: list[tuple[str, dict[str, Any]]], kind: str) -> list[dict[str, Any]]:
    return [detail for found, detail in events if found == kind]


def test_the_first_look_announces_nothing(account: Account) -> None:
    (found,) = look(account, Sagemaker(Content("a"), Content("b"), Content("c")))

    assert (found["first_look"], found["seen"], found["discovered"]) == (True, 3, [])
    assert account.events() == []


def test_a_new_model_and_a_new_version_are_announced_once(account: Account) -> None:
    look(account, Sagemaker(Content("a", "1.9.0")))
    later = Sagemaker(Content("a", "1.10.0"), Content("c", "2.0.0"))

    (first,), (again,) = look(account, later), look(account, later)

    assert first["discovered"] == ["a 1.10.0", "c 2.0.0"]
    assert again["discovered"] == []
    assert [(kind, detail["model_id"], detail["evaluated_by"]) for kind, detail in account.events()] == [
        ("ModelDiscovered", "a", []),
        ("ModelDiscovered", "c", []),
    ]


def test_fifty_new_models_start_five_runs_and_one_digest_and_a_second_look_is_silent(account: Account) -> None:
    team(model_ids=["new-*"], runs_a_week=5)
    look(account)

    (found,) = look(account, Sagemaker(M, *FIFTY))
    events = account.events()
    (again,) = look(account, Sagemaker(M, *FIFTY))

    assert (found["runs"], found["told"]) == (5, ["trivia"])
    assert sum(one["evaluated_by"] == ["trivia"] for one in kinds(events, "ModelDiscovered")) == 5
    (digest,) = kinds(events, "ModelsNoticed")
    assert (digest["count"], len(digest["evaluated"])) == (45, 5)
    assert (again["runs"], again["told"]) == (0, [])
    assert account.events() == []


def test_two_use_cases_get_what_each_wants(account: Account) -> None:
    team("trivia", model_ids=["new-*"], runs_a_week=2)
    team("sums", model_ids=["new-0*"], then="digest")
    look(account)

    (found,) = look(account, Sagemaker(M, *FIFTY[8:14]))
    digests = {one["use_case"]: one for one in kinds(account.events(), "ModelsNoticed")}

    assert found["runs"] == 2
    assert {name: one["count"] for name, one in digests.items()} == {"trivia": 4, "sums": 2}
    assert digests["sums"]["evaluated"] == []


def test_the_week_counts_the_runs_of_earlier_looks(account: Account) -> None:
    team(model_ids=["new-*"], runs_a_week=1)
    look(account)

    (first,) = look(account, Sagemaker(M, FIFTY[1]))
    (second,) = look(account, Sagemaker(M, FIFTY[1], FIFTY[2]))

    assert (first["runs"], second["runs"], second["told"]) == (1, 0, ["trivia"])


def test_deprecated_gated_unreadable_and_oddly_versioned_news_start_no_run(account: Account) -> None:
    team(model_ids=["new-*"], licences=["apache-*"])
    look(account)
    apache = {"License": "apache-2.0"}

    (found,) = look(
        account,
        Sagemaker(
            M,
            Content("new-good", document=apache),
            Content("new-old", status="Deprecated", document=apache),
            Content("new-gated", document={**apache, "GatedBucket": True}),
            Content("new-garbled", document=None),
            Content("new-odd", version="latest", document=apache),
        ),
    )
    events = account.events()

    assert found["discovered"] == ["new-garbled 1.0.0", "new-gated 1.0.0", "new-good 1.0.0", "new-odd latest"]
    assert {d["model_id"] for d in kinds(events, "ModelDiscovered") if d["evaluated_by"]} == {"new-good"}
    (digest,) = kinds(events, "ModelsNoticed")
    reasons = {one["model_id"]: one["why"].partition(":")[0] for one in digest["models"]}
    assert reasons == {
        "new-gated": "its licence must be accepted first",
        "new-garbled": "its document cannot be read",
        "new-odd": "its version is no semantic one",
    }


def test_a_list_that_breaks_off_is_read_again_and_bedrock_is_looked_at_all_the_same(account: Account) -> None:
    team(model_ids=["*"], sources=["jumpstart", "bedrock"], then="digest")
    look(account, bedrock=Bedrock(("meta.old", "ACTIVE")))
    news, bedrock = [M, *FIFTY[:3]], Bedrock(("meta.old", "ACTIVE"), ("meta.new", "ACTIVE"))

    with pytest.raises(CatalogueSilent, match=r"SageMakerPublicHub: .*InternalServerException"):
        look(account, Sagemaker(*news, failing="second page"), bedrock)
    meanwhile = [one["hub"] for one in kinds(account.events(), "ModelsNoticed")]
    hub, _ = look(account, Sagemaker(*news), bedrock)

    assert meanwhile == ["bedrock"]
    assert (len(hub["discovered"]), hub["told"]) == (3, ["trivia"])


def test_a_model_whose_document_was_not_given_stays_new(account: Account) -> None:
    team(model_ids=["new-*"])
    look(account)

    with pytest.raises(CatalogueSilent, match=r"no document of new-01 1.0.0"):
        look(account, Sagemaker(M, *FIFTY[:3], failing="new-01"))
    first = [one["model_id"] for one in kinds(account.events(), "ModelDiscovered")]
    (found,) = look(account, Sagemaker(M, *FIFTY[:3]))

    assert first == ["new-00", "new-02"]
    assert (found["discovered"], found["runs"]) == (["new-01 1.0.0"], 1)


def test_bedrock_that_refuses_does_not_keep_the_hubs_news(account: Account) -> None:
    team(model_ids=["new-*"], sources=["jumpstart", "bedrock"])
    with pytest.raises(CatalogueSilent):
        look(account, bedrock=Bedrock(is_failing=True))

    with pytest.raises(CatalogueSilent, match=r"bedrock: .*AccessDeniedException"):
        look(account, Sagemaker(M, FIFTY[0]), Bedrock(is_failing=True))

    assert [one["model_id"] for one in kinds(account.events(), "ModelDiscovered")] == ["new-00"]


@pytest.mark.parametrize("dies_at", [1, 2, 4, 7, 11])
def test_nothing_is_lost_and_nothing_told_twice_where_the_function_dies(
    account: Account, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    team(model_ids=["new-*"], runs_a_week=2)
    look(account)
    announce, calls = Ledger.announce, iter(range(1, 1000))

    def dying(self: Ledger, *given: Any) -> None:
        # The record is written, its event is not sent.
        if next(calls) == dies_at:
            raise KeyboardInterrupt
        announce(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "announce", dying)
        with pytest.raises(KeyboardInterrupt):
            look(account, Sagemaker(M, *FIFTY[:10]))
    look(account, Sagemaker(M, *FIFTY[:10]))
    # The reconciler sends what was written down and never sent.
    announce_overdue(wiring.ledger(), wiring.emitter(), clock.now() + timedelta(hours=1))

    events = account.events()
    discovered = kinds(events, "ModelDiscovered")
    told = [model["model_id"] for one in kinds(events, "ModelsNoticed") for model in one["models"]]
    assert sorted(one["model_id"] for one in discovered) == [one.name for one in FIFTY[:10]]
    assert sorted(told + [one["model_id"] for one in discovered if one["evaluated_by"]]) == [
        one.name for one in FIFTY[:10]
    ]


def test_a_withdrawn_model_is_told_of_once(account: Account) -> None:
    team()
    look(account)

    withdrawn = Sagemaker(Content("m", status="Deprecated"))
    (first,), (again,) = look(account, withdrawn), look(account, withdrawn)

    assert (first["withdrawn"], again["withdrawn"]) == (["m 1.0.0"], [])
    assert [(kind, detail["status"]) for kind, detail in account.events()] == [("ModelWithdrawn", "deprecated")]


@pytest.mark.parametrize(
    "older, status",
    [
        ([Content("m", "1.0.0", "Restricted", is_listed=False)], ["restricted"]),
        ([Content("m", "1.0.0", is_listed=False)], []),
        ([], ["removed"]),
    ],
)
def test_a_pinned_version_that_the_list_leaves_out_is_looked_at(
    account: Account, older: list[Content], status: list[str]
) -> None:
    team("pinned", version="1.0.0")
    team("newest", version="*")

    look(account, Sagemaker(*older, Content("m", "2.0.0")))

    assert [(detail["use_case"], detail["status"]) for _, detail in account.events()] == [
        ("pinned", one) for one in status
    ]


def test_a_discovered_model_that_was_evaluated_is_told_of_when_it_is_withdrawn(account: Account) -> None:
    team(model_ids=["new-*"])
    team("uninterested")
    look(account)
    look(account, Sagemaker(M, FIFTY[0]))
    account.events()

    look(account, Sagemaker(M, FIFTY[0]._replace(status="Deprecated")))

    assert [detail["use_case"] for _, detail in account.events()] == ["trivia"]


def test_the_first_look_at_bedrock_is_silent_and_the_next_tells_what_is_new(account: Account) -> None:
    team(model_ids=["*"], sources=["bedrock"], then="digest")
    old, new = ("meta.old", "ACTIVE"), ("meta.new", "ACTIVE")

    _, first = look(account, bedrock=Bedrock(old))
    silent = account.events()
    _, second = look(account, bedrock=Bedrock(old, new))

    assert (first["catalogue"], first["first_look"], silent) == ("bedrock", True, [])
    assert (second["runs"], second["told"]) == (0, ["trivia"])
    assert [kind for kind, _ in account.events()] == ["ModelsNoticed", "ModelDiscovered"]


def test_a_legacy_model_of_bedrock_is_told_of_with_its_last_day(account: Account) -> None:
    team(candidates=[{"id": "nova", "kind": "bedrock", "model_id": "us.amazon.nova-lite-v1:0"}])

    look(account, bedrock=Bedrock(("amazon.nova-lite-v1:0", "LEGACY")))

    assert [(detail["status"], detail["until"]) for _, detail in account.events()] == [("deprecated", "2026-12-31")]
