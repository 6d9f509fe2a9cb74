"""The simulated shop: its tables fit together, its truth can be found again, its dirt has a key."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from retention_kit import schema, simulate
from retention_kit.errors import ConfigError

TRUTH = simulate.STORE_TRUTH
TABLES = ["orders", "order_lines", "subscriptions", "surveys", "visits"]


@pytest.fixture(scope="module")
def shop():
    return simulate.store()


@pytest.fixture(scope="module")
def sales(shop):
    orders = shop["orders"]
    return orders[orders["amount"] > 0]


@pytest.fixture(scope="module")
def big():
    """Orders only, of a shop large enough to estimate from."""
    from retention_kit.simulate.shop import shop_customers, shop_orders

    return shop_orders.orders(shop_customers.customers(20_000, 5), 5)


def histories(orders):
    """Frequency, recency and T in weeks, purchases of one day merged, by hand."""
    days = orders.assign(day=orders["ordered_at"].dt.normalize()).drop_duplicates(["customer_id", "day"])
    by_customer = days.groupby("customer_id")["day"].agg(["min", "max", "size"])
    end = pd.Timestamp(TRUTH["last_day"])
    x = by_customer["size"].to_numpy() - 1.0
    recency = (by_customer["max"] - by_customer["min"]).dt.days.to_numpy() / 7
    return x, recency, (end - by_customer["min"]).dt.days.to_numpy() / 7


def nps(scores):
    return 100 * ((scores >= 9).mean() - (scores <= 6).mean())


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_the_columns_of_the_schema_and_only_dimensions_beside_them(shop, name):
    table = schema.TABLES[name]
    assert set(table.required) <= set(shop[name].columns)
    beside = {c for c in shop[name].columns if table.column(c) is None}
    assert beside <= {"country", "channel"}


def test_a_shop_of_ordinary_size_fits_a_notebook(shop):
    assert shop["orders"]["customer_id"].nunique() == 3000
    assert 12_000 < len(shop["orders"]) < 20_000


def test_everything_happens_between_october_2024_and_september_2026(shop):
    first, after = pd.Timestamp(TRUTH["first_day"]), pd.Timestamp(TRUTH["last_day"]) + pd.Timedelta(days=1)
    for name, column in [("orders", "ordered_at"), ("surveys", "answered_at"), ("visits", "day")]:
        assert shop[name][column].between(first, after, inclusive="left").all()
    stretches = shop["subscriptions"]
    assert stretches["started_at"].between(first, after, inclusive="left").all()
    assert stretches["ended_at"].dropna().between(first, after, inclusive="left").all()
    assert shop["visits"]["day"].nunique() == 730


def test_three_countries_and_two_channels_and_a_customer_lives_in_one_country(shop):
    assert set(shop["orders"]["country"]) == {"PL", "TW", "US"}
    assert set(shop["orders"]["channel"]) == {"web", "app"}
    everywhere = pd.concat([shop[t][["customer_id", "country"]] for t in ["orders", "subscriptions", "surveys"]])
    assert not everywhere.drop_duplicates()["customer_id"].duplicated().any()


def test_the_lines_of_an_order_add_up_to_its_amount_to_the_cent(shop, sales):
    lines = shop["order_lines"]
    cents = (lines["amount"] * 100).round().astype(int).groupby(lines["order_id"]).sum()
    wanted = (sales.set_index("order_id")["amount"] * 100).round().astype(int)
    pd.testing.assert_series_equal(cents.sort_index(), wanted.sort_index(), check_names=False)
    assert not lines.duplicated(["order_id", "product"]).any()
    assert (lines["amount"] > 0).all()
    assert (lines["quantity"] > 0).all()


def test_order_numbers_are_unique_and_refunds_follow_their_order_and_never_exceed_it(shop, sales):
    orders = shop["orders"]
    assert orders["order_id"].is_unique
    assert orders["ordered_at"].is_monotonic_increasing
    refunds = orders[orders["amount"] < 0]
    assert 0.01 < len(refunds) / len(sales) < 0.03
    paid = sales.set_index("order_id").loc[refunds["order_id"].str.removesuffix("-R")]
    assert (refunds["ordered_at"].to_numpy() > paid["ordered_at"].to_numpy()).all()
    assert (-refunds["amount"].to_numpy() <= paid["amount"].to_numpy()).all()
    assert (refunds["customer_id"].to_numpy() == paid["customer_id"].to_numpy()).all()


def test_conversions_are_the_customers_who_ordered_that_day(shop, sales):
    keys = [sales["ordered_at"].dt.normalize().rename("day"), sales["country"], sales["channel"]]
    bought = sales.groupby(keys)["customer_id"].nunique()
    visits = shop["visits"].set_index(["day", "country", "channel"])["conversions"]
    assert visits.sum() == bought.sum()
    assert (visits.loc[bought.index] == bought).all()
    assert (shop["visits"]["visitors"] >= shop["visits"]["conversions"]).all()


def test_bgnbd_truth_is_where_the_likelihood_is_highest(big):
    x, t_x, T = histories(big[big["amount"] > 0])

    def minus_log_likelihood(log_params):
        r, alpha, a, b = np.exp(log_params)
        first = special.betaln(a, b + x) - (r + x) * np.log(alpha + T)
        second = np.where(x > 0, special.betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x), -1e99)
        row = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) - special.betaln(a, b)
        return -(row + np.logaddexp(first, second)).mean()

    fit = optimize.minimize(minus_log_likelihood, np.zeros(4), method="L-BFGS-B")
    assert np.exp(fit.x) == pytest.approx(list(TRUTH["bgnbd"].values()), rel=0.12)


def test_gamma_gamma_truth_is_where_the_likelihood_is_highest(big):
    sales = big[big["amount"] > 0]
    by_customer = sales.groupby("customer_id")["amount"].agg(["size", "mean"])
    x, m = by_customer["size"].to_numpy(), by_customer["mean"].to_numpy()

    def minus_log_likelihood(log_params):
        p, q, gamma = np.exp(log_params)
        row = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q) + q * np.log(gamma)
        return -(row + p * x * np.log(x) + (p * x - 1) * np.log(m) - (p * x + q) * np.log(gamma + m * x)).mean()

    fit = optimize.minimize(minus_log_likelihood, np.ones(3), method="L-BFGS-B")
    assert np.exp(fit.x) == pytest.approx(list(TRUTH["gamma_gamma"].values()), rel=0.08)


def test_products_that_go_together_have_the_highest_lift(shop):
    lines = shop["order_lines"]
    baskets = pd.crosstab(lines["order_id"], lines["product"]).to_numpy(dtype=float)
    names = sorted(lines["product"].unique())
    share = baskets.mean(axis=0)
    lift = (baskets.T @ baskets) / len(baskets) / np.outer(share, share)
    true_pairs = [(names.index(one), names.index(other)) for one, other in TRUTH["affinities"]]
    of_others = lift.copy()
    np.fill_diagonal(of_others, 0)
    for one, other in true_pairs:
        of_others[one, other] = of_others[other, one] = 0
    assert min(lift[pair] for pair in true_pairs) > 1.3 * of_others.max()


def test_the_chart_of_months_shows_growth_and_a_season(sales):
    months = sales.groupby(sales["ordered_at"].dt.to_period("M"))["amount"].sum()
    assert months["2025-09"] > 4 * months["2024-10"]
    assert months["2026-09"] > 1.4 * months["2025-09"]
    assert months["2025-12"] == months[:"2026-02"].max()


def test_the_bad_month_of_nps_is_march_2026_and_its_cause_is_the_app(shop):
    answers = shop["surveys"].query("kind == 'nps'").dropna(subset=["score"])
    by_month = answers.groupby(answers["answered_at"].dt.to_period("M"))["score"].apply(nps)["2025-03":]
    assert str(by_month.idxmin()) == "2026-03"
    assert by_month["2026-03"] < by_month.drop(pd.Period("2026-03")).min() - 15
    march = answers[answers["answered_at"].dt.to_period("M") == "2026-03"].groupby("channel")["score"].apply(nps)
    assert march["app"] < march["web"] - 40
    visits = shop["visits"].query("channel == 'app'").groupby(shop["visits"]["day"].dt.to_period("M"))
    rate = visits["conversions"].sum() / visits["visitors"].sum()
    assert rate["2026-03"] < 0.75 * rate["2026-02"]


def test_promoters_buy_more_in_the_half_year_after_their_answer_than_detractors(shop, sales):
    answers = shop["surveys"].query("kind == 'nps' and answered_at < '2026-03-01'").dropna(subset=["score"])
    answers = answers.reset_index(names="answer")
    later = answers.merge(sales[["customer_id", "ordered_at"]], on="customer_id")
    wait = later["ordered_at"] - later["answered_at"]
    soon = later["answer"][(wait > pd.Timedelta(0)) & (wait < pd.Timedelta(days=182))]
    back = answers["answer"].isin(soon)
    assert back[answers["score"] >= 9].mean() > back[answers["score"] <= 6].mean() + 0.1


def test_scores_keep_to_their_scales_and_comments_to_given_answers(shop):
    surveys = shop["surveys"]
    assert set(surveys["kind"]) == {"nps", "csat"}
    assert surveys.query("kind == 'nps'")["score"].dropna().between(0, 10).all()
    assert surveys.query("kind == 'csat'")["score"].dropna().between(1, 5).all()
    assert surveys.dropna(subset=["comment"])["score"].notna().all()


@pytest.mark.parametrize("customers", [1, 2, 10])
def test_the_smallest_shops_have_every_table_in_its_types(shop, customers):
    for seed in range(5):
        small = simulate.store(customers, seed=seed)
        assert small["orders"]["customer_id"].nunique() == customers
        for name in TABLES:
            pd.testing.assert_series_equal(small[name].dtypes, shop[name].dtypes)
        dirty = simulate.store(customers, seed=seed, dirty=True)
        assert all((table.dtypes == "str").all() for name, table in dirty.items() if name != "answer_key")


def test_a_shop_without_customers_is_refused():
    with pytest.raises(ConfigError, match="customers must be a whole number, 1 or more"):
        simulate.store(0)


def test_the_same_seed_gives_the_same_shop_and_another_a_different_one():
    first, again, other = simulate.store(40), simulate.store(40), simulate.store(40, seed=1)
    for name in TABLES:
        pd.testing.assert_frame_equal(first[name], again[name])
        assert not first[name].equals(other[name])
