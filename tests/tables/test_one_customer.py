"""The page of one customer: dates, gaps, chance of being active, segments and the figure, by hand."""

import re

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, models, summarise, tables
from retention_kit.errors import DataError
from retention_kit.models import rfm
from retention_kit.tables.customer_history import histories
from retention_kit.tables.customer_strips import strips

AS_OF = pd.Timestamp("2026-04-15")
MODEL = models.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
CUTS = rfm.CutPoints(recency=(5, 15, 40, 80), frequency=(1, 2, 3, 4), monetary=(10, 20, 30, 40))


@pytest.fixture(scope="module")
def log():
    """Ada: two orders on one day, one 14 days later, a refund, two more; Bo bought once; Cy only got money back."""
    rows = [("ada", "2026-01-01 09:00", 10.0), ("ada", "2026-01-01 18:00", 5.0), ("ada", "2026-01-15 10:00", 20.0)]
    rows += [("ada", "2026-01-20 10:00", -5.0), ("ada", "2026-01-22 10:00", 20.0), ("ada", "2026-02-05 10:00", 1.0)]
    rows += [("bo", "2026-03-31 23:59", 7.0), ("cy", "2026-02-01", -3.0), ("ada", "2026-05-01", 99.0)]
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return load.orders(frame.assign(ordered_at=pd.to_datetime(frame["ordered_at"], format="mixed"))).table


@pytest.fixture(scope="module")
def made(log):
    return histories(log, ["ada", "bo", "cy"], as_of=AS_OF, model=None, cuts=CUTS)


def test_gaps_are_between_days_with_orders_and_refunds_are_not_orders(made):
    ada = made["ada"]
    assert (ada.number_of_orders, ada.revenue) == (5, 51.0)
    assert ada.gaps.tolist() == [14, 7, 14]
    assert (ada.usual_gap, ada.silence, ada.longer_gaps) == (14.0, 69, 0)
    assert (made["bo"].silence, len(made["bo"].gaps)) == (15, 0)
    assert np.isnan(made["bo"].usual_gap)
    assert "cy" not in made, "a customer with refunds alone has never bought"


def test_the_segment_of_a_month_counts_only_what_had_happened_by_its_end(made):
    segments = made["ada"].segments
    assert segments["end"].dt.strftime("%m-%d").tolist() == ["01-31", "02-28", "03-31", "04-15"]
    states = [(9, 4, 50.0), (23, 5, 51.0), (54, 5, 51.0), (69, 5, 51.0)]
    table = pd.DataFrame(states, columns=["days_since_last", "orders", "revenue"])
    expected = rfm.segment(rfm.score(table, cuts=CUTS))["segment"]
    assert segments["segment"].tolist() == expected.tolist()
    assert made["bo"].segments["end"].dt.strftime("%m-%d").tolist() == ["03-31", "04-15"]


@pytest.mark.filterwarnings("ignore:MBGNBD")
def test_in_a_first_month_the_curve_has_no_interval_and_no_band():
    orders = load.orders("cdnow_sample")
    fit = models.MBGNBD.fit(summarise.customers(orders, as_of="1997-01-31"))
    stored = models.MBGNBD.from_json(fit.to_json())
    assert not np.isfinite(stored.log_covariance).all()
    ids = orders.to_pandas().sort_values("ordered_at")["customer_id"].astype(str).head(1).tolist()
    (made,) = histories(orders.table, ids, as_of=pd.Timestamp("1997-01-31"), model=stored).values()
    assert 0 < made.probability_alive <= 1
    assert made.alive[["low", "high"]].isna().all(axis=None)
    assert "nan" not in (drawn := strips(made))
    assert 'class="curve"' in drawn
    assert "polygon" not in drawn


def test_the_chance_of_each_day_is_that_of_the_model(log, monkeypatch):
    thetas = np.array([MODEL.theta * factor for factor in (0.9, 1.0, 1.1)])
    monkeypatch.setattr(models.MBGNBD, "draws", lambda *_: thetas)
    curve = histories(log, ["ada"], as_of=AS_OF, model=MODEL)["ada"].alive
    end = pd.DataFrame({"frequency": [3], "recency": [5.0], "T": [104 / 7]})
    assert curve["day"].iloc[-1] == AS_OF
    assert curve["probability_alive"].iloc[-1] == pytest.approx(MODEL.probability_alive(end).item())
    before, after = curve[curve["day"] == "2026-01-15"]["probability_alive"]
    two = pd.DataFrame({"frequency": [0, 1], "recency": [0.0, 2.0], "T": [2.0, 2.0]})
    assert [before, after] == pytest.approx(MODEL.probability_alive(two).tolist())
    assert (curve["low"] <= curve["probability_alive"]).all()
    assert (curve["probability_alive"] <= curve["high"]).all()


def test_what_happened_later_is_not_known(log):
    with pytest.raises(DataError, match=r"'bo' first ordered on 2026-03-31, after 2026-03-30"):
        tables.customer(log, "bo", as_of="2026-03-30")


def test_an_unknown_id_is_one_error_with_similar_ids(log):
    with pytest.raises(DataError, match=r"No orders of customer 'adda'. Similar ids: ada\."):
        tables.customer(log, "adda", as_of=AS_OF)
    with pytest.raises(DataError, match=r"Similar ids: none"):
        tables.customer(log, "zzzz", as_of=AS_OF)
    accented = log.to_pandas().replace({"ada": "Żółć", "bo": "Ångström-1"})
    for asked, id in (("zolc", "Żółć"), ("ANGSTROM", "Ångström-1")):
        with pytest.raises(DataError, match=rf"Similar ids: {id}\."):
            tables.customer(accented, asked, as_of=AS_OF)
    with pytest.raises(DataError, match="No orders of customer 'cy'"):
        tables.customer(log, "cy", as_of=AS_OF)


def test_a_notebook_shows_the_customer_with_what_is_known(log):
    answers = pd.DataFrame({"customer_id": ["ada", "ada"], "answered_at": ["2026-02-01", "2026-02-10"]})
    answers = answers.assign(kind="nps", score=[3, None], answered_at=pd.to_datetime(answers["answered_at"]))
    paid = pd.DataFrame(
        {"customer_id": ["ada"], "subscription_id": ["s"], "started_at": pd.to_datetime(["2026-01-10"])}
    )
    paid = paid.assign(ended_at=pd.NaT, mrr=9.5, plan="<b>box</b>")
    shown = tables.customer(log, "ada", as_of=AS_OF, surveys=answers, subscriptions=paid)
    text = repr(shown)
    assert "So far: 51.00 in 5 orders since 2026-01-01" in text
    assert "Last order: 69 days ago, where 14 days are usual" in text
    html = shown._repr_html_()
    assert html.count('class="order"') >= 5
    assert html.count('<g class="refund">') == 1
    assert "<title>3\nNPS, 2026-02-01</title>" in html
    assert "<title>no answer\nNPS, 2026-02-10</title>" in html
    assert "&lt;b&gt;box&lt;/b&gt;" in html
    assert "<b>" not in html


def test_every_mark_of_the_figure_lies_on_it(made):
    for known in made.values():
        at = [float(x) for x in re.findall(r' c?x1?="([\d.]+)%"', strips(known))]
        assert min(at) >= 0
        assert max(at) <= 100
