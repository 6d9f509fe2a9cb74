"""What may be replaced in the output folder: only what a run wrote. Files of the user are never lost or changed."""

import json
import os
import shutil
import warnings
from pathlib import Path

import pytest
from report_cases import notebook, orders_csv

from retention_kit import report
from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.report.output import working_folder

MONTH = "2026-04"
MINE = "what the user wrote"


@pytest.fixture
def case(tmp_path):
    """A shop with one small notebook that says when it runs."""
    notebook(tmp_path / "own", "01_first", "import pathlib\npathlib.Path('ran.txt').touch()\nas_of")
    orders_csv(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The finished report of a month that is split, and a copy of it."""
    folder = tmp_path_factory.mktemp("finished")
    shop = make(folder / "shop")
    notebook(shop / "own", "01_first", "as_of")
    orders_csv(shop, country=["PL", "PL", "TW", "TW", "TW", "PL"])
    run(shop, split_by="country")
    shutil.copytree(shop, folder / "copy")
    return folder


@pytest.fixture
def split(finished):
    """That report as it was, in the same place."""
    shutil.rmtree(finished / "shop")
    shutil.copytree(finished / "copy", finished / "shop")
    return finished / "shop"


def run(case, *months, force=False, **options):
    given = {"orders": case / "orders.csv", "notebooks": case / "own", "output": case / "reports"} | options
    return report.run(report.Config(**given), months=months or (MONTH,), force=force, jobs=2)


def contents(folder):
    """Every file and link below a folder, with what it holds."""
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return {
        path.relative_to(folder).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in paths
    }


def test_exports_that_are_kept_by_month_are_refused_and_stay(case):
    """The folder of a month that holds the very source of the report."""
    orders = case / "exports" / MONTH / "orders.csv"
    orders.parent.mkdir(parents=True)
    (case / "orders.csv").rename(orders)
    before = contents(case / "exports")
    with pytest.raises(ConfigError, match=rf"exports: {MONTH} is a folder that no report wrote .*cannot be replaced"):
        run(case, orders=orders, output=case / "exports")
    assert contents(case / "exports") == before
    assert not (case / "own" / "ran.txt").exists()


def a_file(path):
    path.write_text(MINE)


def an_empty_folder(path):
    path.mkdir()


def a_link(path):
    target = path.parent.parent / "elsewhere"
    target.mkdir()
    (target / "notes.txt").write_text(MINE)
    path.symlink_to(target)


def a_broken_link(path):
    path.symlink_to("nowhere")


def another_manifest(path):
    path.mkdir()
    (path / "manifest.json").write_text(json.dumps({"name": "My shop", "icons": [], "files": {}}))


def broken_manifest(path):
    path.mkdir()
    (path / "manifest.json").write_text("{")


def deep_manifest(path):
    path.mkdir()
    (path / "manifest.json").write_text("[" * 100_000)


def manifest_of_another_month(path):
    path.mkdir()
    told = {"month": "2026-03", "fingerprint": "0" * 64, "versions": {"retention-kit": "0.1.0"}, "files": {}}
    (path / "manifest.json").write_text(json.dumps(told))


STRANGERS = [
    a_file, an_empty_folder, a_link, a_broken_link, another_manifest, broken_manifest, deep_manifest,
    manifest_of_another_month,
]  # fmt: skip


@pytest.mark.parametrize("stranger", STRANGERS)
def test_what_no_report_wrote_is_refused_before_anything_runs_or_is_written(case, stranger):
    (case / "reports").mkdir()
    stranger(case / "reports" / MONTH)
    before = contents(case)
    with pytest.raises(ConfigError, match=f"reports: {MONTH} is a .* and cannot be replaced"):
        run(case, force=True)
    assert contents(case) == before


def test_all_months_that_cannot_be_replaced_are_named_at_once(case):
    a_file(make(case / "reports") / "2026-03")
    an_empty_folder(case / "reports" / "2026-04")
    an_empty_folder(case / "reports" / "2026-05")
    with pytest.raises(ConfigError) as raised:
        run(case, "2026-03", "2026-04", "2026-05")
    assert "2026-03 is a file and cannot be replaced" in str(raised.value)
    assert "2026-04, 2026-05 are each a folder that no report wrote" in str(raised.value)
    assert not (case / "own" / "ran.txt").exists()


def test_months_beside_the_one_that_is_wanted_are_no_concern(case):
    a_file(make(case / "reports") / "2026-03")
    run(case)
    assert (case / "reports" / "2026-03").read_text() == MINE


def make(folder):
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["index.html", ".lock", ".lock-holder"])
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_other_files_of_the_user_in_the_output_folder_are_not_overwritten(case, name, kind):
    path = make(case / "reports") / name
    (case / "mine").write_text(MINE)
    {"file": lambda: a_file(path), "folder": path.mkdir, "link": lambda: path.symlink_to(case / "mine")}[kind]()
    before = contents(case)
    with pytest.raises(ConfigError, match=f"{name} is not the .* move it away or choose another folder with output="):
        run(case)
    assert contents(case) == before


def test_an_output_that_is_a_file_is_refused_and_stays(case):
    a_file(case / "reports")
    with pytest.raises(ConfigError, match="reports is not a folder; choose another one with output="):
        run(case)
    assert (case / "reports").read_text() == MINE


def test_the_output_may_be_the_folder_of_the_source_which_stays_as_it_is(case):
    data = make(case / "data")
    (case / "orders.csv").rename(data / "orders.csv")
    (data / ".run-notes").mkdir()
    a_file(data / ".run-notes" / "mine.txt")
    a_file(data / ".index.html")
    before = contents(data)
    run(case, orders=data / "orders.csv", output=data)
    run(case, orders=data / "orders.csv", output=data, force=True)
    after = contents(data)
    assert before == {name: after[name] for name in before}
    assert {name.split("/")[0] for name in after} - {name.split("/")[0] for name in before} == {
        MONTH,
        ".lock",
        "index.html",
    }


def test_files_that_the_user_put_into_a_month_are_kept_and_named(split):
    folder = split / "reports" / MONTH
    (folder / "slides").mkdir()
    (folder / "empty").mkdir()
    for name in ("notes.txt", "slides/june.odp", "data/more.csv", "country=pl/notes.txt"):
        a_file(folder / name)
    (folder / "link").symlink_to("../2026-03")
    (folder / "slides" / "folder").symlink_to(split / "own")
    mine = {name: value for name, value in contents(folder).items() if value == MINE.encode() or "link" in name}
    inode = (folder / "notes.txt").stat().st_ino
    with pytest.warns(RetentionKitWarning, match="The report of 2026-04 was replaced; files in it") as warned:
        run(split, force=True, split_by="country")
    kept = "country=pl/notes.txt, data/more.csv, empty, link, notes.txt, slides/folder, slides/june.odp."
    assert str(warned.pop(RetentionKitWarning).message).endswith(f"were kept: {kept}")
    after = contents(folder)
    assert {name: after[name] for name in mine} == mine
    assert len(mine) == 5
    assert (folder / "slides" / "folder").readlink() == split / "own"
    assert (folder / "empty").is_dir()
    assert (folder / "notes.txt").stat().st_ino == inode


def test_files_of_the_user_do_not_make_a_month_again(split):
    a_file(split / "reports" / MONTH / "notes.txt")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        (month,) = run(split, split_by="country")
    assert not month.made


def test_the_files_of_a_segment_stay_where_the_report_is_no_longer_split(split):
    a_file(split / "reports" / MONTH / "country=tw" / "notes.txt")
    with pytest.warns(RetentionKitWarning, match="were kept: country=tw/notes.txt"):
        run(split)
    assert os.listdir(split / "reports" / MONTH / "country=tw") == ["notes.txt"]
    assert not (split / "reports" / MONTH / "country=pl").exists()


@pytest.mark.parametrize("name", ["01_first.html", "01_first.ipynb", "index.html", "data/numbers.csv"])
def test_a_page_that_the_user_changed_is_kept_beside_the_new_one(split, name):
    page = split / "reports" / MONTH / name
    kept = page.with_name(f"{page.stem}.kept{page.suffix}")
    new = page.read_bytes()
    a_file(page)
    with pytest.warns(RetentionKitWarning, match=rf"{name} as {kept.relative_to(split / 'reports' / MONTH)}"):
        (month,) = run(split, split_by="country")
    assert month.made
    assert (kept.read_text(), page.read_bytes()) == (MINE, new)
    a_file(page)
    with pytest.warns(RetentionKitWarning):
        run(split, split_by="country")
    assert (kept.read_text(), page.read_bytes()) == (MINE, new)
    assert page.with_name(f"{page.stem}.kept-2{page.suffix}").read_text() == MINE


def test_what_stands_where_the_new_report_has_a_file_or_a_folder_gets_another_name(split):
    folder = split / "reports" / MONTH
    for name in ("02_second.html/notes.txt", "02_second.html/more.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        a_file(folder / name)
    a_file(folder / "failed")
    notebook(split / "own", "02_second", "1")
    notebook(split / "own", "03_third", "1 / 0")
    with pytest.warns(RetentionKitWarning, match="02_second.html/more.txt as 02_second.kept.html/more.txt"):
        run(split)
    assert (folder / "02_second.html").is_file()
    assert (folder / "failed" / "03_third.html").is_file()
    assert (folder / "failed.kept").read_text() == MINE
    assert {path.name for path in (folder / "02_second.kept.html").iterdir()} == {"notes.txt", "more.txt"}


def test_a_link_in_the_place_of_a_page_is_the_users(split):
    page = split / "reports" / MONTH / "01_first.html"
    page.rename(split / "page.html")
    page.symlink_to(split / "page.html")
    with pytest.warns(RetentionKitWarning, match=r"01_first.html as 01_first.kept.html"):
        run(split, force=True)
    assert page.with_name("01_first.kept.html").is_symlink()
    assert (split / "page.html").is_file()
    assert not page.is_symlink()


def test_a_folder_that_appears_while_the_notebooks_run_is_not_overwritten(case):
    folder = case / "reports" / MONTH
    late = f"import pathlib\npathlib.Path(r'{folder}').mkdir()\npathlib.Path(r'{folder}/mine.txt').write_text('{MINE}')"
    notebook(case / "own", "02_late", late)
    with pytest.raises(ConfigError, match="2026-04 is a folder that no report wrote"):
        run(case)
    assert contents(folder) == {"mine.txt": MINE.encode()}
    assert sorted(os.listdir(case / "reports")) == [MONTH]


def killed(output, months=(), mark=True):
    """The folder of a run that was killed while it replaced these months."""
    folder = output / ".run-ab12cd_9"
    for name in ("data", "kernels"):
        (folder / name).mkdir(parents=True)
        (folder / name / "orders.parquet").write_text("private")
    if mark:
        shutil.copy(marked(output), folder / working_folder.MARK)
    (folder / "replaced").mkdir()
    for month in months:
        (output / month).rename(folder / "replaced" / month)
    return folder


def marked(output):
    """A mark as a run writes it."""
    with working_folder.working(output) as folder:
        shutil.copy(folder / working_folder.MARK, output.parent / "mark")
    return output.parent / "mark"


def test_what_a_killed_run_left_is_removed_and_a_month_without_successor_is_put_back(split):
    output = split / "reports"
    a_file(output / MONTH / "notes.txt")
    before = contents(output)
    folder = killed(output, [MONTH])
    working_folder.recover(output)
    assert contents(output) == before
    assert not folder.exists()


def test_files_of_the_user_are_rescued_from_a_month_that_a_killed_run_had_replaced(split):
    output = split / "reports"
    shutil.copytree(output / MONTH, split / "new")
    before = contents(split / "new")
    a_file(output / MONTH / "notes.txt")
    a_file(output / MONTH / "01_first.html")
    folder = killed(output, [MONTH])
    shutil.move(split / "new", output / MONTH)
    with pytest.warns(RetentionKitWarning, match=r"were kept: 01_first.html as 01_first.kept.html, notes.txt"):
        working_folder.recover(output)
    mine = {"notes.txt": MINE.encode(), "01_first.kept.html": MINE.encode()}
    assert contents(output / MONTH) == before | mine
    assert not folder.exists()


def test_a_month_of_a_killed_run_is_not_given_up_for_what_the_user_put_in_its_place(split):
    output = split / "reports"
    before = contents(output / MONTH)
    folder = killed(output, [MONTH])
    a_file(output / MONTH)
    with pytest.raises(ConfigError, match=r"2026-04 is a file and cannot be replaced.*The earlier report is in"):
        working_folder.recover(output)
    assert (output / MONTH).read_text() == MINE
    assert contents(folder / "replaced" / MONTH) == before
    assert not (folder / "data").exists(), "what is private goes in any case"
    (output / MONTH).unlink()
    working_folder.recover(output)
    assert contents(output / MONTH) == before


def test_folders_without_our_mark_stay_whatever_their_names_are(tmp_path):
    output = make(tmp_path / "reports")
    unmarked = killed(output, mark=False)
    for name in (".run-notes", ".2026-04-old", ".2026-04-x1y2z3a4", ".run-12345678"):
        a_file(make(output / name) / "mine.txt")
    (output / ".run-notes" / working_folder.MARK).write_text("my own file of this name")
    (output / ".run-empty").mkdir()
    (output / ".run-linked__").symlink_to(tmp_path / "elsewhere")
    killed(make(tmp_path / "elsewhere")).rename(tmp_path / "elsewhere" / "run")
    (output / ".run-87654321").symlink_to(tmp_path / "elsewhere" / "run")
    before = contents(tmp_path)
    working_folder.recover(output)
    assert contents(tmp_path) == before
    assert unmarked.is_dir()
    assert (output / ".run-empty").is_dir()


def test_an_empty_folder_of_a_run_that_was_killed_at_once_goes(tmp_path):
    Path(tmp_path / ".run-ab12cd_9").mkdir()
    working_folder.recover(tmp_path)
    assert os.listdir(tmp_path) == []


def test_an_alerts_file_of_the_user_in_a_month_is_not_taken_for_the_reports(split):
    mine = make(split / "reports" / MONTH / "slides") / "alerts.json"
    mine.write_text('{"alerts": "mine"}')
    (month,) = run(split, split_by="country")
    assert not month.made
    with pytest.warns(RetentionKitWarning, match=r"were kept: slides/alerts.json"):
        (month,) = run(split, split_by="country", force=True)
    assert month.alerts == ()
