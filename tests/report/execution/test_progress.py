"""What a run says while it works: lines of the set-up, and a bar that counts notebooks, numbers, pages and PDFs."""

import re
import shutil

import pytest
from report_cases import notebook, orders_csv

from retention_kit import report


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """One notebook, and customers of two countries with orders in May."""
    folder = tmp_path_factory.mktemp("progress")
    notebook(folder / "own", "01_first", "1 + 1")
    orders_csv(folder, country=["PL", "PL", "TW", "PL", "PL", "TW"])
    return folder


def said(case, capfd, **options):
    """Standard error of a run, in pieces as a terminal shows one after another."""
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports", **options}
    capfd.readouterr()
    (made,) = report.run(report.Config(**given), months="2026-05", jobs=1, force=True, progress=True)
    assert made.failures == {}
    return re.split(r"[\r\n]+", capfd.readouterr().err)


def counts(pieces):
    """Steps done and all steps, each time that the bar was drawn."""
    found = (re.search(r"\| (\d+)/(\d+) \[", piece) for piece in pieces)
    return [(int(match[1]), int(match[2])) for match in found if match]


def test_the_set_up_says_what_it_does_and_the_bar_counts_every_page_and_pdf(case, capfd):
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        pytest.skip("Chromium prints PDFs")
    pieces = said(case, capfd, split_by="country", pdf=True)
    lines = [piece for piece in pieces if piece and not re.search(r"\d+/\d+ \[", piece)]
    assert lines[:3] == [
        "warming up Python for the notebooks; reading and checking orders",
        "checking notebooks and parameters against the data",
        "splitting by country",
    ]
    parts = ["2026-05", "2026-05, country=pl", "2026-05, country=tw"]
    steps = [f"{part}: {step}" for part in parts for step in ("pages and data", "PDF")]
    steps = ["2026-05: numbers and lists", *steps, "2026-05: publishing"]
    named = [piece.split(": ", 2) for piece in pieces if re.search(r"\d+/\d+ \[", piece)]
    shown = list(dict.fromkeys(": ".join(name[:2]) for name in named if name[0].startswith("2026-05")))
    assert [name for name in shown if name in steps] == steps
    drawn = counts(pieces)
    assert {every for _, every in drawn} == {3 + len(steps)}, "three notebooks and these steps"
    assert [done for done, _ in drawn] == sorted(done for done, _ in drawn)
    assert drawn[-1] == (11, 11)


def test_without_pdf_the_bar_has_fewer_steps_and_is_full_at_the_end(case, capfd):
    drawn = counts(said(case, capfd))
    assert drawn[0][1] == 4, "a notebook, the numbers, the pages, the publication"
    assert drawn[-1] == (4, 4)


def test_nothing_is_said_unless_it_is_asked_for(case, capfd):
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports"}
    capfd.readouterr()
    report.run(report.Config(**given), months="2026-05", jobs=1)
    assert capfd.readouterr().err == ""
