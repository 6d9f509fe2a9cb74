"""The page over all months: what it lists, what it says of each, and that it stays as it is when nothing is new."""

import dataclasses
import json
import shutil

import pytest
from bs4 import BeautifulSoup
from report_cases import NUMBERS, notebook, orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.report.html import sortable
from retention_kit.report.output import archive
from retention_kit.report.output import publish as folders

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Reports of two months, split, with an alert that trips and a page that fails."""
    case = tmp_path_factory.mktemp("archive")
    notebook(case / "own", "01_first", NUMBERS)
    notebook(case / "own", "02_broken", "1 / 0")
    orders = orders_csv(case, country=["PL", "PL", "TW", "TW", "TW", EVIL])
    config = report.Config(
        title=f"Shop {EVIL}", orders=orders, notebooks=case / "own", output=case / "reports", split_by="country",
        single_file=True, alerts=[{"metric": "churn_rate", "condition": "> 0.05"}],
    )  # fmt: skip
    report.run(config, months=["2026-03", "2026-05"], jobs=2)
    return config


@pytest.fixture
def folder(made, tmp_path):
    """A copy of these reports that a test may change."""
    shutil.copytree(made.output, tmp_path / "reports")
    return tmp_path / "reports"


def page(folder):
    return BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")


def test_every_month_is_listed_newest_first_with_what_failed_and_what_tripped(made):
    items = page(made.output).find("ul", class_="questions").find_all("li")
    assert [item.a.get_text() for item in items] == ["May 2026", "March 2026"]
    states = [state.get_text() for state in items[0].find_all(class_="state")]
    assert states == ["3 pages failed", "1 alert tripped"]


def test_every_link_leads_to_a_file_and_back(made):
    hrefs = [a["href"] for a in page(made.output).find_all("a") if not a["href"].startswith("#")]
    assert {"2026-05/index.html", "2026-05/report.html", "2026-03/country=tw/index.html"} <= set(hrefs)
    assert all((made.output / href).is_file() for href in hrefs)
    for place in [*made.output.glob("2026-*/*.html"), *made.output.glob("2026-*/*/*.html")]:
        if place.name != "report.html":
            link = BeautifulSoup(place.read_text(encoding="utf-8"), "html.parser").find("a", string="All months")
            assert (place.parent / link["href"]).resolve() == (made.output / "index.html").resolve()


def test_the_numbers_stand_in_a_table_over_the_months(made):
    rows = page(made.output).find("table").find_all("tr")
    texts = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows]
    assert texts == [
        ["Month", "Orders", "Churn rate"],
        ["May 2026", "100", "10.0\u00a0%"],
        ["March 2026", "100", "10.0\u00a0%"],
    ]


def test_text_from_data_and_configuration_never_becomes_markup(made):
    found = page(made.output)
    assert [script.string for script in found.find_all("script")] == [sortable.script()]
    assert EVIL in found.h1.get_text()
    assert f"country: {EVIL}" in found.get_text()


def test_the_page_that_heads_the_index_gives_the_numbers(folder, made, tmp_path):
    place = folder / "2026-05" / "manifest.json"
    told = json.loads(place.read_text())
    assert [one["heads_index"] for one in told["notebooks"]] == [False] * 6
    (folder / "2026-03" / "data" / "numbers.parquet").unlink()
    archive.write(folder, made, private=tmp_path)
    assert len(page(folder).find("tbody").find_all("tr")) == 1
    assert len(page(folder).find_all("li")) == 2


def test_a_month_of_an_older_version_is_listed_with_its_link_alone(folder, made, tmp_path):
    (folder / "2025-12").mkdir()
    (folder / "2025-12" / "index.html").write_text("old")
    (folder / "2026-01").mkdir()
    (folder / "2026-13").mkdir()
    (folder / "2026-13" / "index.html").write_text("no month")
    (folder / "2026-05" / "manifest.json").write_text("[")
    archive.write(folder, made, private=tmp_path)
    items = page(folder).find("ul", class_="questions").find_all("li")
    assert [item.a.get_text() for item in items] == ["May 2026", "March 2026", "December 2025"]
    assert items[2].get_text().strip() == "December 2025"


def test_nothing_is_written_where_nothing_is_new(folder, made, tmp_path):
    before = (folder / "index.html").stat()
    archive.write(folder, made, private=tmp_path)
    assert (folder / "index.html").stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "2026-03", "2026-05", "index.html"]


def test_months_are_listed_as_soon_as_they_are_there(tmp_path, monkeypatch):
    notebook(tmp_path / "own", "01_first", NUMBERS)
    config = report.Config(orders=orders_csv(tmp_path), notebooks=tmp_path / "own", output=tmp_path / "reports")
    put = folders.put

    def put_one(built, where, **options):
        if where.name == "2026-05":
            raise KeyboardInterrupt
        put(built, where, **options)

    monkeypatch.setattr(folders, "put", put_one)
    with pytest.raises(KeyboardInterrupt):
        report.run(config, months=["2026-04", "2026-05"])
    assert [item.a.get_text() for item in page(tmp_path / "reports").find_all("li")] == ["April 2026"]


def test_a_run_in_which_everything_was_there_makes_the_same_bytes_again(tmp_path):
    notebook(tmp_path / "own", "01_first", NUMBERS)
    config = report.Config(orders=orders_csv(tmp_path), notebooks=tmp_path / "own", output=tmp_path / "reports")
    report.run(config, months="2026-04")
    before = (config.output / "index.html").read_bytes()
    (config.output / "index.html").unlink()
    (month,) = report.run(config, months="2026-04")
    assert not month.made
    assert (config.output / "index.html").read_bytes() == before


def test_a_page_that_was_changed_by_hand_is_kept_beside_the_new_one(folder, made, tmp_path):
    mine = (folder / "index.html").read_text(encoding="utf-8").replace("All months", "All months, with my notes")
    (folder / "index.html").write_text(mine, encoding="utf-8")
    with pytest.warns(RetentionKitWarning, match=r"index.html was changed by hand and is kept as .*index.kept.html"):
        archive.write(folder, made, private=tmp_path)
    assert (folder / "index.kept.html").read_text(encoding="utf-8") == mine
    assert "with my notes" not in (folder / "index.html").read_text(encoding="utf-8")
    archive.write(folder, made, private=tmp_path)
    assert sorted(path.name for path in folder.glob("*.html")) == ["index.html", "index.kept.html"]


@pytest.mark.parametrize("stranger", ["page", "empty", "folder", "link"])
def test_an_index_that_no_report_wrote_is_not_overwritten(folder, made, tmp_path, stranger):
    index = folder / "index.html"
    index.unlink()
    (tmp_path / "mine.html").write_text("mine")
    {
        "page": lambda: index.write_text("<title>My shop</title>"),
        "empty": index.touch,
        "folder": index.mkdir,
        "link": lambda: index.symlink_to(tmp_path / "mine.html"),
    }[stranger]()
    before = index.lstat()
    with pytest.raises(ConfigError, match=r"index.html is not the archive that a report wrote: move it away"):
        archive.write(folder, made, private=tmp_path)
    with pytest.raises(ConfigError, match=r"index.html is not the archive that a report wrote: move it away"):
        report.run(made_again(made, folder), months=["2026-03", "2026-05"], force=True)
    assert index.lstat() == before
    assert (tmp_path / "mine.html").read_text() == "mine"


def made_again(config, output):
    return dataclasses.replace(config, output=output)
