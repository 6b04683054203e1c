"""The page stands alone, shows all that a report holds, and nothing that others wrote as markup."""

import re

from fmops.selection.models import Difference
from fmops.selection.page import page
from tests.fakes.report import report

MOST_BYTES = 400_000


def test_page_shows_every_part_of_a_whole_report() -> None:
    html = page(report())

    sections = re.findall(r'<section id="([a-z]+)"', html)
    assert sections == [
        "differences",
        "reasons",
        "candidates",
        "pareto",
        "speed",
        "categories",
        "examples",
        "features",
        "lineage",
    ]
    assert html.count("<article>") == 14
    for fingerprints in report().lineage.fingerprints.values():
        for fingerprint in fingerprints.values():
            assert fingerprint in html


def test_page_needs_no_script_no_network_and_no_style_attribute() -> None:
    html = page(report())

    assert "<script" not in html
    assert "http" not in html
    assert "url(" not in html
    assert " style=" not in html
    assert not re.search(r"\son[a-z]+=", html)


def test_parts_that_were_not_measured_are_left_out() -> None:
    html = page(report(details=None))

    assert 'id="reasons"' in html
    for part in ("pareto", "speed", "categories", "examples", "features"):
        assert f'id="{part}"' not in html
        assert f'href="#{part}"' not in html


def test_what_others_wrote_is_text_and_stays_within_the_size_of_a_page() -> None:
    hostile = "<img src=x onerror=alert(1)>\"'&\u202e" * 12
    whole = report()
    assert whole.details is not None
    said = whole.details.wins[0].leader.model_copy(update={"prompt": hostile, "answer": hostile})
    example = whole.details.wins[0].model_copy(
        update={"leader": said, "other": said, "target": hostile, "row": hostile, "category": hostile}
    )
    details = whole.details.model_copy(update={"wins": [example] * 10, "losses": [example] * 10})

    html = page(whole.model_copy(update={"details": details, "use_case": hostile}))

    assert "<img" not in html
    assert "\u202e" not in html
    assert len(html.encode()) < MOST_BYTES


def test_difference_without_an_interval_says_so() -> None:
    unknown = Difference(value=0.2, low=None, high=None, n=5)

    html = page(report(utility_difference=unknown))

    assert "+0.200 (no interval: too few rows)" in html
