"""Action lists: who is on them and why, what is drawn at random, and what cannot go wrong with them."""

import hashlib
import hmac
import os
import stat

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from retention_kit import load
from retention_kit.errors import ConfigError
from retention_kit.report import Config
from retention_kit.report.actions import action_lists, list_rules, uplift
from retention_kit.report.html.customers import uplift_rows
from retention_kit.report.output import previous_reports
from retention_kit.report.output.data_files import action_files, table_files
from retention_kit.report.settings import id_settings
from retention_kit.report.settings.months import last_day

MONTH = "1998-06"
DAY = last_day(MONTH)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """The validated orders of the tenth of CDNOW, as a run keeps them."""
    folder = tmp_path_factory.mktemp("workspace")
    load.sample("cdnow_sample").save(folder)
    return folder


@pytest.fixture(scope="module")
def made(workspace, tmp_path_factory):
    """All four lists of June 1998, written twice."""
    folders = [tmp_path_factory.mktemp("month") for _ in range(2)]
    config = Config(actions={"holdout": 0.2, "due_within": 14})
    written = [write(folder, MONTH, config, workspace) for folder in folders]
    return folders, written[0]


def write(folder, month, config, workspace):
    lists = action_lists.handed_out(
        action_lists.make(last_day(month), config=config, workspace=workspace), config=config
    )
    action_files.write(folder, lists, config)
    return lists


def followed_in_april(config, workspace):
    """What came of the lists of March, as the report of April has it."""
    lists = previous_reports.action_lists(config.output / "2026-03")
    return uplift.compare(lists, "2026-04", config=config, workspace=workspace)


def saved(rows, folder):
    """A workspace with these orders: customer, day, amount."""
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    table["ordered_at"] = pd.to_datetime(table["ordered_at"])
    folder.mkdir()
    load.orders(table).save(folder)
    return folder


def read_file(folder, name):
    table = pd.read_csv(folder / "actions" / f"{name}.csv", dtype={"customer_id": str})
    return table.assign(suggested_date=pd.to_datetime(table["suggested_date"]))


def read(folder, name):
    """Both groups of a list, the most expected value first."""
    both = pd.concat([read_file(folder, name), read_file(folder, f"{name}_hold_out")])
    return both.sort_values(["expected_value", "customer_id"], ascending=[False, True], ignore_index=True)


def test_each_list_has_the_columns_a_mail_tool_needs(made):
    (folder, _), written = made
    assert [one.name for one in written] == list(list_rules.TITLES)
    for one in written:
        for name in (one.name, f"{one.name}_hold_out"):
            file = read_file(folder, name)
            assert tuple(file.columns) == action_lists.COLUMNS
            assert file["expected_value"].is_monotonic_decreasing
        table = read(folder, one.name)
        assert table["customer_id"].is_unique
        assert (one.act, one.held_out) == ((table["group"] == "act").sum(), (table["group"] == "hold_out").sum())
        assert ((table["low"] <= table["expected_value"]) & (table["expected_value"] <= table["high"])).all()
        assert (table["suggested_date"] > "1998-06-30").all()
        assert table["reason"].str.endswith(".").all()


def test_two_runs_give_the_same_bytes(made):
    one, two = made[0]
    for path in (one / "actions").iterdir():
        assert path.read_bytes() == (two / "actions" / path.name).read_bytes()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_their_owner_can_read_the_lists_whatever_the_umask_is(workspace, tmp_path, umask):
    before = os.umask(umask)
    try:
        write(tmp_path, MONTH, Config(actions={"holdout": 0.2, "lists": ["champions"]}), workspace)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "actions").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "actions").iterdir()}
    assert {"champions.csv", "champions.xlsx", "champions_hold_out.csv"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_file_to_act_on_holds_nobody_who_is_left_alone(made):
    folder = made[0][0]
    for name in list_rules.TITLES:
        assert set(read_file(folder, name)["group"]) == {"act"}
        assert set(read_file(folder, f"{name}_hold_out")["group"]) <= {"hold_out"}
    assert len(read_file(folder, "champions_hold_out")) > 10


def test_a_customer_is_on_the_first_list_that_fits_and_on_no_other(made, workspace):
    folder = made[0][0]
    alone = {
        name: action_lists.make(DAY, config=Config(actions={"lists": [name], "due_within": 14}), workspace=workspace)[0]
        for name in list_rules.TITLES
    }
    before: set[str] = set()
    for name in list_rules.TITLES:
        fits = set(alone[name].table["customer_id"])
        assert set(read(folder, name)["customer_id"]) == fits - before
        before |= fits
    assert sum(len(one.table) for one in alone.values()) > len(before)  # else nothing had to be taken off


def test_the_order_of_report_toml_says_which_list_comes_first(workspace):
    names = ["due_to_reorder", "champions", "win_back", "at_risk"]
    made = action_lists.make(DAY, config=Config(actions={"lists": names}), workspace=workspace)
    alone = action_lists.make(DAY, config=Config(actions={"lists": names[:1]}), workspace=workspace)
    assert [one.name for one in made] == names
    assert made[0].table["customer_id"].tolist() == alone[0].table["customer_id"].tolist()
    assert not pd.concat([one.table["customer_id"] for one in made]).duplicated().any()


def test_lists_that_may_overlap_share_customers_and_their_groups(workspace):
    config = Config(actions={"overlap": True, "holdout": 0.3})
    both = pd.concat([one.table for one in action_lists.make(DAY, config=config, workspace=workspace)])
    assert both["customer_id"].duplicated().any()
    assert (both.groupby("customer_id")["group"].nunique() == 1).all()


def test_in_the_lists_of_the_store_nobody_who_is_left_alone_is_written_to(tmp_path):
    """Today's fault: 10 of 13 held out of at_risk were to be written to by another list of the same month."""
    load.sample("store").orders.save(tmp_path / "w")
    write(tmp_path, "2026-04", Config(actions={"holdout": 0.1}), tmp_path / "w")
    act = {name: set(read_file(tmp_path, name)["customer_id"]) for name in list_rules.TITLES}
    left = {name: set(read_file(tmp_path, f"{name}_hold_out")["customer_id"]) for name in list_rules.TITLES}
    assert min(map(len, act.values())) > 0
    assert sum(map(len, left.values())) > 10
    for name in list_rules.TITLES:
        assert not left[name] & set().union(*act.values())
    assert not (act["champions"] | left["champions"]) & (act["win_back"] | left["win_back"])


def test_the_workbook_holds_the_rows_of_the_csv_with_ids_as_text(made):
    folder = made[0][0]
    for name in ("champions", "champions_hold_out"):
        book = openpyxl.load_workbook(folder / "actions" / f"{name}.xlsx")
        header, *rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
        expected = read_file(folder, name)
        assert tuple(header) == action_lists.COLUMNS
        assert [row[0] for row in rows] == expected["customer_id"].tolist()
        assert [row[2] for row in rows] == pytest.approx(expected["expected_value"].tolist())
        assert [pd.Timestamp(row[5]) for row in rows] == expected["suggested_date"].tolist()


def test_the_folder_says_what_its_files_hold_and_which_list_comes_first(made):
    text = (made[0][0] / "actions" / "README.md").read_text()
    assert "A customer is on one list only, the first that fits in this order: " + ", ".join(list_rules.TITLES) in text
    assert "A share of 0.2 of the customers is left alone" in text
    for column in action_lists.COLUMNS:
        assert f"| `{column}` | " in text


def test_a_list_that_is_cut_says_how_many_it_leaves_off(workspace, tmp_path):
    config = Config(actions={"limit": 7, "lists": ["champions"]})
    (one,) = write(tmp_path, MONTH, config, workspace)
    (every,) = action_lists.make(DAY, config=config, workspace=workspace)
    assert one.act + one.held_out == 7
    assert one.left_off == len(every.table) - 7 > 0


def test_without_orders_every_list_says_that_it_needs_them(tmp_path):
    made = action_lists.make(DAY, config=Config(actions={"holdout": 0.1}), workspace=tmp_path)
    assert {one.reason for one in made} == {"it needs orders"}
    lists = {"champions": pd.DataFrame({"customer_id": ["a"], "group": ["act"]})}
    assert uplift.compare(lists, MONTH, config=Config(actions={"holdout": 0.1}), workspace=tmp_path) is None


def test_due_customers_are_due_by_the_median_of_their_gaps(workspace):
    config = Config(actions={"lists": ["due_to_reorder"], "due_within": 14})
    table = action_lists.make(DAY, config=config, workspace=workspace)[0].table.set_index("customer_id")
    log = load.orders(str(workspace)).to_pandas()
    days = log[log["amount"] > 0].groupby("customer_id")["ordered_at"].unique()
    for customer, row in table.sample(20, random_state=1).iterrows():
        gaps = np.diff(np.sort(days[customer])) / np.timedelta64(1, "D")
        due = max(days[customer]) + pd.Timedelta(days=round(float(np.median(gaps))))
        assert len(gaps) >= 3
        assert row["suggested_date"] == max(due, pd.Timestamp("1998-07-01"))
        assert due <= pd.Timestamp("1998-07-14")


def test_the_share_that_is_left_alone_is_the_one_asked_for():
    ids = [f"customer-{i}" for i in range(20_000)]
    for share in (0, 0.1, 0.5):
        alone = np.mean([group == "hold_out" for group in action_lists.groups(ids, share)])
        assert alone == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(ids)))


def test_a_customer_stays_in_its_group_whatever_the_order_and_a_larger_share_only_adds():
    ids = [f"customer-{i}" for i in range(5_000)]
    some, more = action_lists.groups(ids, 0.1), action_lists.groups(ids, 0.5)
    assert action_lists.groups(ids[::-1], 0.5) == more[::-1]
    assert {b for a, b in zip(some, more, strict=True) if a == "hold_out"} == {"hold_out"}


def test_another_key_leaves_other_customers_alone():
    ids = [f"customer-{i}" for i in range(5_000)]
    one, other = action_lists.groups(ids, 0.5, "2026"), action_lists.groups(ids, 0.5, "2027")
    assert np.mean([a == b for a, b in zip(one, other, strict=True)]) == pytest.approx(0.5, abs=0.04)


def test_ids_are_hashed_with_the_secret_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("LIST_SALT", "pepper")
    rows = [(name, f"2026-0{m}-0{d}", 10.0 * d) for name in "abc" for m in (1, 2, 3) for d in (1, 5)]
    workspace = saved(rows, tmp_path / "w")
    config = Config(actions={"salt": "env:LIST_SALT", "lists": ["due_to_reorder"]}, hash_ids=True)
    write(tmp_path, "2026-03", config, workspace)
    expected = {hmac.new(b"pepper", name.encode(), hashlib.sha256).hexdigest() for name in "abc"}
    assert set(read(tmp_path, "due_to_reorder")["customer_id"]) == expected


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"actions": {"lists": ["champion"]}}, "no action list champion, did you mean champions?"),
        ({"actions": {"lists": "champions"}}, "actions.lists must be a list"),
        ({"actions": {"lists": ["champions", "at_risk", "champions"]}}, "actions.lists names champions twice"),
        ({"actions": {"overlap": "yes"}}, "actions.overlap must be true or false, got 'yes'"),
        ({"actions": {"draw": 2026}}, "actions.draw must be text, got 2026"),
        ({"actions": {"holdot": 0.1}}, "unknown key actions.holdot, did you mean holdout?"),
        ({"actions": {"holdout": 1.0}}, "actions.holdout must be a share from 0 to below 1, got 1.0"),
        ({"actions": {"holdout": True}}, "actions.holdout must be a share"),
        ({"actions": {"limit": 0}}, "actions.limit must be a whole number, 1 or more, got 0"),
        ({"actions": {"holdout": 0.1}, "hash_ids": True}, "actions.salt must be env:NAME"),
        ({"actions": {"salt": "pepper"}}, "actions.salt must be env:NAME"),
        ({"actions": {"salt": "env:NOT_THERE"}, "hash_ids": True}, "the environment variable NOT_THERE, which is not"),
        ({"actions": 3}, "actions must be a table"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_read(options, says):
    with pytest.raises(ConfigError, match=says.replace("?", r"\?").replace(".", r"\.")):
        Config(**options)


def test_without_the_setting_no_list_is_written(workspace, tmp_path):
    assert write(tmp_path, MONTH, Config(), workspace) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "2026-03-01", 5.0)],
        [(f"c{i}", "2026-03-05", 5.0 + i) for i in range(40)],
        [("a", "2026-03-01", 5.0), ("a", "2026-03-02", -5.0)],
    ],
)
def test_where_no_model_can_be_fitted_the_lists_that_need_it_say_why(rows, tmp_path):
    written = write(tmp_path, "2026-03", Config(actions={"holdout": 0.1}), saved(rows, tmp_path / "w"))
    told = {one.name: one for one in written}
    assert "expected value" in told["at_risk"].reason
    assert "expected value" in told["win_back"].reason
    assert not told["due_to_reorder"].reason
    assert read(tmp_path, "due_to_reorder").empty
    assert sorted(path.name for path in (tmp_path / "actions").glob("at_risk*")) == []


def test_hostile_customer_ids_stay_text_and_come_back_as_they_were(tmp_path):
    ids = ["=cmd|' /C calc'!A0", '"quoted",x', "zwei\nZeilen", "<script>", "\u202e007", "'=1", "007", "\U0001f600" * 50]
    rows = [(name, f"2026-0{m}-0{d}", 10.0 * d) for name in ids for m in (1, 2, 3) for d in (1, 5)]
    config = Config(actions={"lists": ["due_to_reorder"]})
    write(tmp_path, "2026-03", config, saved(rows, tmp_path / "w"))
    names = ("due_to_reorder", "due_to_reorder_hold_out")
    shown = pd.concat([pd.read_csv(tmp_path / "actions" / f"{name}.csv", dtype=str)["customer_id"] for name in names])
    assert not shown.str.match(r"\s*[=+@-]").any()
    known = set(load.orders(str(tmp_path / "w")).to_pandas()["customer_id"])
    assert set(shown.map(table_files.unguarded)) == known
    sheets = [openpyxl.load_workbook(tmp_path / "actions" / f"{name}.xlsx").active for name in names]
    rows = [row for sheet in sheets for row in sheet.iter_rows(min_row=2)]
    assert {row[0].value for row in rows} == known
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}


def followed(tmp_path):
    """A list of March with 2,000 customers in each group; in April 30 % of those acted on bought for 20, of the others
    20 % for 10."""
    rng = np.random.default_rng(4)
    ids = [f"={i}" for i in range(4000)]
    group = np.where(np.arange(4000) < 2000, "act", "hold_out")
    bought = rng.random(4000) < np.where(group == "act", 0.3, 0.2)
    rows = [(i, "2026-04-10", 20.0 if g == "act" else 10.0) for i, g, b in zip(ids, group, bought, strict=True) if b]
    rows += [(i, "2026-03-10", 500.0) for i in ids] + [(i, "2026-05-01", 500.0) for i in ids]
    folder = tmp_path / "reports" / "2026-03" / "actions"
    folder.mkdir(parents=True)
    return saved(rows, tmp_path / "w"), folder, pd.DataFrame({"customer_id": ids, "group": group}), bought


def test_the_uplift_of_a_simulated_campaign_is_found(tmp_path):
    workspace, folder, table, bought = followed(tmp_path)
    table_files.write_csv(folder / "at_risk.csv", pa.Table.from_pandas(table))
    config = Config(output=tmp_path / "reports", actions={"holdout": 0.5})
    came = followed_in_april(config, workspace)
    (row,) = came.to_dict("records")
    assert (row["list"], row["made"], row["n_acted"], row["n_held_out"]) == ("at_risk", "2026-03", 2000, 2000)
    assert row["bought_acted"] == bought[:2000].mean()
    assert row["uplift_low"] < 0.1 < row["uplift_high"]
    assert row["uplift_low"] > 0
    assert row["revenue_held_out"] == pytest.approx(10 * bought[2000:].mean())
    assert row["revenue_uplift_low"] < 4.0 < row["revenue_uplift_high"]
    assert uplift_rows.rows(came)[0]["n"] == "2,000\u00a0and\u00a02,000"


def test_hashed_lists_are_followed_too(tmp_path, monkeypatch):
    monkeypatch.setenv("LIST_SALT", "pepper")
    workspace, folder, table, bought = followed(tmp_path)
    table["customer_id"] = id_settings.hashed(list(table["customer_id"]), b"pepper")
    table_files.write_csv(folder / "champions.csv", pa.Table.from_pandas(table))
    config = Config(output=tmp_path / "reports", actions={"salt": "env:LIST_SALT"}, hash_ids=True)
    came = followed_in_april(config, workspace)
    assert came.loc[0, "bought_acted"] == bought[:2000].mean()


def test_lists_in_separate_files_are_followed_like_those_of_one_file(tmp_path):
    workspace, folder, table, bought = followed(tmp_path)
    for name, group in (("at_risk", "act"), ("at_risk_hold_out", "hold_out")):
        table_files.write_csv(folder / f"{name}.csv", pa.Table.from_pandas(table[table["group"] == group]))
    config = Config(output=tmp_path / "reports", actions={"holdout": 0.5})
    (row,) = followed_in_april(config, workspace).to_dict("records")
    assert (row["n_acted"], row["n_held_out"], row["n_contradicting"]) == (2000, 2000, 0)
    assert row["bought_held_out"] == bought[2000:].mean()


def test_customers_of_older_lists_with_contradicting_marks_are_left_out_and_counted(tmp_path):
    """Two lists of the draw per list: the first 500 held out of one are written to by the other."""
    workspace, folder, table, bought = followed(tmp_path)
    table_files.write_csv(folder / "at_risk.csv", pa.Table.from_pandas(table))
    other = table.iloc[2000:2600].assign(group=np.where(np.arange(600) < 500, "act", "hold_out"))
    table_files.write_csv(folder / "champions.csv", pa.Table.from_pandas(other))
    config = Config(output=tmp_path / "reports", actions={"holdout": 0.5})
    came = followed_in_april(config, workspace)
    rows = came.set_index("list")
    assert rows.loc["at_risk", ["n_acted", "n_held_out", "n_contradicting"]].tolist() == [2000, 1500, 500]
    assert rows.loc["champions", ["n_acted", "n_held_out", "n_contradicting"]].tolist() == [0, 100, 500]
    assert rows.loc["at_risk", "bought_held_out"] == pytest.approx(bought[2500:].mean())
    assert [row["left_out"] for row in uplift_rows.rows(came)] == ["500", "500"]


@pytest.mark.parametrize("rows", [[], [("a", "act")], [("a", "act"), ("b", "hold_out")]])
def test_too_few_customers_give_unknown_intervals_and_no_error(tmp_path, rows):
    workspace = saved([("a", "2026-04-01", 5.0)], tmp_path / "w")
    folder = tmp_path / "reports" / "2026-03" / "actions"
    folder.mkdir(parents=True)
    made = pd.DataFrame(rows, columns=["customer_id", "group"])
    table_files.write_csv(folder / "at_risk.csv", pa.Table.from_pandas(made))
    config = Config(output=tmp_path / "reports", actions={"holdout": 0.1})
    came = followed_in_april(config, workspace)
    assert len(came) == 1
    assert np.isnan(came.loc[0, "revenue_uplift_low"])
    (row,) = uplift_rows.rows(came)
    assert "–" not in row["revenue_uplift"].removeprefix("–")
    assert row["uplift"] == "–" or len(rows) == 2


def test_without_lists_of_the_month_before_there_is_nothing_to_compare(workspace, tmp_path):
    config = Config(output=tmp_path, actions={"holdout": 0.1})
    assert previous_reports.action_lists(tmp_path / "1998-05") == {}
    (tmp_path / "1998-05" / "actions").mkdir(parents=True)
    (tmp_path / "1998-05" / "actions" / "at_risk.csv").write_text("name\nx\n")
    assert previous_reports.action_lists(tmp_path / "1998-05") == {}
    assert uplift.compare({}, "1998-06", config=config, workspace=workspace) is None
