"""BG/CNBD-k and MBG/CNBD-k: their published likelihood, what the stages of a gap imply, and the choice of k."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, fitted, frame, orders
from scipy import special, stats

from retention_kit import models, simulate, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models.base.rows import newcomers, read
from retention_kit.models.purchases.regular_process import RegularBuying

THETA = np.array([0.85, 1.45, 0.79, 2.42])
HISTORIES = frame([0, 0, 1, 3, 9, 25], [0, 0, 2.5, 30.0, 31.0, 60.0], [1.0, 70.0, 3.0, 38.0, 31.5, 61.0])
ROWS = read(HISTORIES)
SPREAD = [(3.0, 0.1, 0.05, 0.4), (1.6, 0.3, 2.3, 0.3), (0.85, 1.45, 0.79, 2.42), (20.0, 5.0, 0.2, 0.03)]


@pytest.mark.parametrize(("name", "chances"), [("BGNBD", 0), ("MBGNBD", 1)])
def test_with_one_stage_every_answer_is_that_of_the_model_without_regularity(name, chances):
    plain, regular = getattr(models, name).process, RegularBuying(1, chances)
    start, length = np.array([0.0, 4.0, 90.0]), np.array([4.3, 4.4, 4.3])
    answers = {
        "likelihood and slopes": lambda process: np.vstack(process.log_likelihood(THETA, ROWS)),
        "alive": lambda process: process.alive(THETA, ROWS),
        "stay": lambda process: process.stay(THETA, ROWS, 26.0),
        "expected": lambda process: process.expected(THETA, ROWS, 26.0),
        "new": lambda process: process.expected_new(THETA, np.array([1.0, 10.0, 100.0])),
        "none": lambda process: process.probability_of_n(THETA, ROWS, 0, 26.0),
        "three": lambda process: process.probability_of_n(THETA, ROWS, 3, 26.0),
        "discounted": lambda process: process.discounted(THETA, ROWS, 52.0, 0.002),
        "for ever": lambda process: process.discounted(THETA, ROWS, np.inf, 0.002),
        "cohort": lambda process: process.buy_between(THETA, start, length),
    }
    for answer in answers.values():
        np.testing.assert_allclose(answer(regular), answer(plain), rtol=1e-10)


@pytest.mark.parametrize("chances", [0, 1])
@pytest.mark.parametrize("gaps", [[2.0, 5.0, 3.0], []])
def test_the_likelihood_is_the_story_integrated_over_rates_and_chances(chances, gaps):
    """Gap by gap: Erlang densities, and either the last purchase was the last, or the next gap is still open."""
    k, T, (r, alpha, a, b) = 3, 14.0, THETA
    x, t_x = len(gaps), float(sum(gaps))

    p, by_p = special.roots_sh_jacobi(40, a + b - 1, a)
    rate, by_rate = special.roots_genlaguerre(60, r - 1)
    p, rate = p[:, None], rate / (alpha + T)  # so that what is left beside e^(-rate (α + T)) is a polynomial, nearly
    gaps_seen = np.prod([stats.erlang.pdf(gap, k, scale=1 / rate) for gap in gaps], axis=0) if gaps else 1.0
    left = p * (1 - p) ** (x + chances - 1) if x + chances else 0.0
    stays = (1 - p) ** (x + chances) * stats.erlang.sf(T - t_x, k, scale=1 / rate)
    story = gaps_seen * (left + stays) * np.exp(rate * T) * (alpha / (alpha + T)) ** r
    expected = by_p @ story @ by_rate / (by_p.sum() * by_rate.sum())
    table = frame([x], [t_x], [T]).assign(log_gaps=float(np.log(gaps).sum()), unit="week")
    rows = RegularBuying(k, chances).read(table, fit=True)
    assert RegularBuying(k, chances).log_likelihood(THETA, rows)[0][0] == pytest.approx(np.log(expected), abs=1e-6)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("chances", [0, 1])
def test_the_gradient_is_the_derivative_of_the_likelihood(k, chances):
    process = RegularBuying(k, chances)
    for i, step in enumerate(np.diag(1e-5 * THETA)):
        ends = [process.log_likelihood(THETA + sign * step, ROWS)[0] for sign in (1, -1)]
        difference = (ends[0] - ends[1]) / (2 * step[i])
        np.testing.assert_allclose(process.log_likelihood(THETA, ROWS)[1][i], difference, rtol=1e-6, atol=1e-7)


def by_series(k, theta, t, chances):
    """Expected purchases of active customers, as the sum over the n-th purchase: P(enough stages) E[(1-p)^(n-1)]."""
    r, alpha, a, b = theta
    x, silence, A = ROWS["frequency"], ROWS["T"] - ROWS["recency"], alpha + ROWS["T"]
    n, j = np.arange(1, 12_000 // k)[:, None, None], np.arange(k)[:, None]
    R, c = r + k * x + j, x + chances
    likely = np.exp(special.gammaln(R) - special.gammaln(R[0]) - special.gammaln(j + 1.0)) * (silence / A) ** j
    bought = special.betainc(k * n - j, R, t / (A + t)) * np.exp(
        special.betaln(a, b + c + n - 1) - special.betaln(a, b + c)
    )
    return (bought.sum(axis=0) * likely / likely.sum(axis=0)).sum(axis=0)


@pytest.mark.parametrize("theta", SPREAD)
@pytest.mark.parametrize("k", [2, 3, 5])
def test_expected_purchases_are_the_sum_over_the_single_purchases(k, theta):
    process = RegularBuying(k, 1)
    for t in (3.0, 30.0):
        value = process.active(np.array(theta), ROWS).purchases(t)
        np.testing.assert_allclose(value, by_series(k, theta, t, 1), rtol=1e-9)


@pytest.mark.parametrize("k", [2, 4])
def test_probabilities_of_all_numbers_add_up_to_one_and_to_the_expectation(k):
    model = models.MBGCNBD(*THETA, k=k)
    chance = np.array([model.probability_of_n_purchases(n, 10.0, HISTORIES) for n in range(120)])
    np.testing.assert_allclose(chance.sum(axis=0), 1, atol=1e-9)
    np.testing.assert_allclose(np.arange(120) @ chance, model.expected_purchases(HISTORIES, 10.0), rtol=1e-7)
    new = model.probability_of_n_purchases(np.arange(200), 10.0)
    assert np.arange(200) @ new == pytest.approx(model.expected_purchases_new(10.0), rel=1e-7)


@pytest.mark.parametrize("theta", SPREAD)
@pytest.mark.parametrize("k", [2, 5])
def test_discounted_purchases_are_the_integral_over_the_expected_ones(k, theta):
    """By parts: what is bought until t at the last price, and what each moment before was worth more."""
    process, theta, t, force = RegularBuying(k, 1), np.array(theta), 52.0, 0.002
    active = process.active(theta, ROWS)
    node, weight = special.roots_legendre(14)
    edges = np.append(0, np.geomspace(1e-3, t, 30))
    total = np.exp(-force * t) * active.purchases(t)
    for low, high in pairwise(edges):
        for u, w in zip(low + (high - low) * (node + 1) / 2, weight * (high - low) / 2, strict=True):
            total = total + w * force * np.exp(-force * u) * active.purchases(u)
    worth = process.discounted(theta, ROWS, t, force)
    np.testing.assert_allclose(worth, process.alive(theta, ROWS) * total, rtol=1e-8)
    rough = process.discounted(theta, ROWS, t, force, rough=True)
    np.testing.assert_allclose(rough, worth, rtol=1e-4)


def drawn(k, theta, chances, n, rng, T):
    """Purchase by purchase: the moments of everybody, (purchases, n), endless after the last."""
    r, alpha, a, b = theta
    rate, p = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    there, t, moments = np.ones(n, dtype=bool) if not chances else rng.random(n) >= p, np.zeros(n), []
    while there.any():
        t = np.where(there, t + rng.gamma(k, 1 / rate), np.inf)
        moments.append(t)
        there &= (t <= T) & (rng.random(n) >= p)
    return np.array(moments)


def test_predictions_hold_in_a_world_drawn_purchase_by_purchase():
    """Customers with the same past: two purchases, the last of them early or late."""
    k, theta, n, T, t = 3, np.array([2.0, 1.0, 0.6, 2.4]), 100_000, 10.0, 6.0
    moments = drawn(k, theta, 1, n, np.random.default_rng(2), T + t)
    x, later = (moments <= T).sum(axis=0), ((moments > T) & (moments <= T + t)).sum(axis=0)
    last = np.where(moments <= T, moments, 0).max(axis=0)
    model = models.MBGCNBD(*theta, k=k)
    for low, high in ((2.0, 2.5), (6.0, 6.5), (9.0, 9.5)):
        seen = (x == 2) & (last > low) & (last < high)
        table = frame(x[seen], last[seen], np.full(seen.sum(), T))
        error = later[seen].std() / np.sqrt(seen.sum())
        assert abs(model.expected_purchases(table, t).mean() - later[seen].mean()) < 3.5 * error
        none = model.probability_of_n_purchases(0, t, table).mean()
        assert abs(none - (later[seen] == 0).mean()) < 3.5 * np.sqrt(none * (1 - none) / seen.sum())
        one = model.probability_of_n_purchases(1, t, table).mean()
        assert abs(one - (later[seen] == 1).mean()) < 3.5 * np.sqrt(one * (1 - one) / seen.sum())


def test_new_customers_buy_in_a_stretch_of_time_as_often_as_in_a_world_drawn_purchase_by_purchase():
    k, theta, n = 3, np.array([2.0, 1.0, 0.6, 2.4]), 60_000
    moments = drawn(k, theta, 1, n, np.random.default_rng(3), 20.0)
    start, length = np.array([0.0, 3.0, 12.0]), np.array([1.0, 2.0, 4.0])
    chance = RegularBuying(k, 1).buy_between(theta, start, length)
    seen = [((moments > s) & (moments <= s + h)).any(axis=0).mean() for s, h in zip(start, length, strict=True)]
    assert (abs(chance - seen) < 3.5 * np.sqrt(chance * (1 - chance) / n)).all()


@pytest.mark.parametrize("k", [1, 2, 4])
def test_futures_drawn_at_random_hold_what_is_expected_at_the_expected_times(k):
    process, n, t = RegularBuying(k, 1), 40_000, 12.0
    rows = read(frame(np.full(n, 3.0), np.full(n, 8.0), np.full(n, 10.0))).take(np.zeros(n, dtype=int))
    owner, when = process.future(THETA, rows, t, np.random.default_rng(5))
    assert ((when > 0) & (when < t)).all()
    for upto in (2.0, 6.0, t):
        bought = np.bincount(owner[when <= upto], minlength=n)
        expected = process.expected(THETA, rows.take([0]), upto)[0]
        assert abs(bought.mean() - expected) < 4 * bought.std() / np.sqrt(n)
        none = process.probability_of_n(THETA, rows.take([0]), 0, upto)[0]
        assert abs((bought == 0).mean() - none) < 4 * np.sqrt(none * (1 - none) / n)


@pytest.mark.parametrize(("name", "simulated"), [("BGCNBD", "bgcnbd_customers"), ("MBGCNBD", "mbgcnbd_customers")])
def test_the_fit_recovers_parameters_and_k_and_gains_from_regular_gaps(name, simulated):
    truth = {"r": 1.5, "alpha": 1.2, "a": 0.6, "b": 2.4}
    table = getattr(simulate, simulated)(4000, **truth, k=3, T=52.0, seed=5)
    model = getattr(models, name).fit(table)
    assert model.k == 3
    assert model.verdict == "converged"
    assert (abs(model.params - pd.Series(truth)) < 3 * model.standard_errors).all()
    without = getattr(models, name.replace("C", "")).fit(table)
    assert model.log_likelihood - without.log_likelihood > 0.4 * len(table)


def test_k_is_counted_by_the_criteria_only_where_it_was_chosen():
    table = engine_customers_with_gaps()
    chosen, stated = models.MBGCNBD.fit(table), models.MBGCNBD.fit(table, k=1)
    assert (chosen.k, chosen.log_likelihood) == (1, pytest.approx(fitted("MBGNBD").log_likelihood, abs=1e-6))
    assert stated.aic == pytest.approx(fitted("MBGNBD").aic)
    assert chosen.aic - stated.aic == pytest.approx(2)
    assert chosen.bic - stated.bic == pytest.approx(np.log(len(table)))


def engine_customers_with_gaps():
    return pd.DataFrame(summarise.customers(orders(), as_of="1997-09-30", log_gaps=True).to_pandas())


def test_without_the_gaps_a_stated_k_is_fitted_and_its_likelihood_is_not_known():
    table = simulate.mbgcnbd_customers(800, r=1.5, alpha=1.2, a=0.6, b=2.4, k=2, seed=3)
    known, unknown = models.MBGCNBD.fit(table, k=2), models.MBGCNBD.fit(table.drop(columns="log_gaps"), k=2)
    np.testing.assert_allclose(unknown.params, known.params, rtol=1e-9)
    assert np.isnan([unknown.log_likelihood, unknown.aic, unknown.bic]).all()
    assert models.MBGCNBD.from_json(unknown.to_json()) == unknown
    with pytest.raises(DataError, match=r"summarise\.customers\(orders, as_of=\.\.\., log_gaps=True\).*k=2"):
        models.MBGCNBD.fit(table.drop(columns="log_gaps"))


def test_rows_that_stand_for_several_customers_carry_the_mean_of_their_gaps():
    table = simulate.bgcnbd_customers(3000, r=1.5, alpha=1.2, a=0.6, b=2.4, k=2, seed=3).round({"recency": 0})
    table = table[(table["recency"] > 0) | (table["frequency"] == 0)]
    table = table.assign(log_gaps=np.minimum(table["log_gaps"], most(table)))
    table["log_gaps"] = np.where(table["frequency"] == 1, most(table), table["log_gaps"])
    keys = ["frequency", "recency", "T", "unit"]
    grouped = table.groupby(keys, as_index=False).agg(log_gaps=("log_gaps", "mean"), n=("T", "size"))
    one, other = models.BGCNBD.fit(table), models.BGCNBD.fit(grouped, weights="n")
    assert one.k == other.k
    assert other.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


def most(table):
    """Sum of the logs of equal gaps."""
    x = table["frequency"]
    return (x * np.log((table["recency"] / x.where(x > 0, 1)).where(table["recency"] > 0, 1))).to_numpy()


def test_engines_and_frames_give_the_same_fit():
    table = summarise.customers(orders(), as_of="1997-09-30", log_gaps=True)
    one, other = models.MBGCNBD.fit(table, k=2), models.MBGCNBD.fit(table.to_pandas(), k=2)
    np.testing.assert_allclose(one.params, other.params, rtol=1e-9)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)


@pytest.mark.parametrize(
    ("column", "wrong", "message"),
    [
        ("log_gaps", [0.0, 0.0, 9.0], "unit of recency"),
        ("log_gaps", [0.0, 0.5, 2.0], r"log\(recency\) where frequency is 1"),
        ("log_gaps", [0.5, np.log(7.0), 2.0], "unit of recency"),
        ("log_gaps", [0.0, np.log(7.0), np.nan], "log_gaps is empty for 1 customer"),
        ("log_gaps", [0.0, np.log(7.0), -np.inf], "log_gaps must be finite"),
    ],
)
def test_gaps_that_cannot_belong_to_the_purchases_are_refused(column, wrong, message):
    table = frame([0, 1, 2], [0.0, 7.0, 8.0], [9.0, 9.0, 9.0]).assign(unit="week", **{column: wrong})
    with pytest.raises(DataError, match=message):
        models.BGCNBD.fit(table)


def test_the_largest_k_that_was_tried_is_said_to_be_so():
    table = simulate.mbgcnbd_customers(500, r=3.0, alpha=0.4, a=0.6, b=2.4, k=9, seed=3)
    with pytest.warns(RetentionKitWarning, match=r"k = 5 is the largest.*fit\(customers, k=6\)"):
        assert models.MBGCNBD.fit(table).k == 5


@pytest.mark.parametrize("k", [0, 1.5, "2", True, None])
def test_k_is_a_whole_number_from_1(k):
    with pytest.raises(ConfigError, match="k "):
        models.BGCNBD(*THETA, k=k)


def test_json_and_new_parameters_keep_k():
    model = models.BGCNBD(*THETA, k=3, unit="day")
    assert models.BGCNBD.from_json(model.to_json()) == model
    assert model.with_parameters(THETA * 2).k == 3
    assert model.summary().attrs["k"] == 3
    with pytest.raises(ConfigError, match="not a MBGCNBD"):
        models.MBGCNBD.from_json(model.to_json())


def test_silence_of_regular_buyers_says_sooner_that_they_left():
    """After two gaps without a purchase a customer with regular gaps is in doubt, one who buys at random is less so."""
    table = frame([4], [20.0], [32.0])
    alive = [models.MBGCNBD(2.0, 10.0 / k, 0.8, 2.4, k=k).probability_alive(table).item() for k in (1, 2, 4)]
    assert alive[0] > alive[1] > alive[2]


@pytest.mark.parametrize("rough", [True, False])
def test_columns_of_parameters_answer_as_each_line_of_them(rough):
    lines, process = np.array([THETA, *SPREAD]), RegularBuying(3, 1)
    start, length = np.array([0.0, 4.0, 90.0]), np.array([4.3, 4.4, 4.3])
    answers = {
        "likelihood": lambda theta: process.log_likelihood(theta, ROWS, slopes=False)[0],
        "alive": lambda theta: process.alive(theta, ROWS),
        "expected": lambda theta: process.expected(theta, ROWS, 30.0),
        "new": lambda theta: process.expected_new(theta, start),
        "two": lambda theta: process.probability_of_n(theta, ROWS, 2, 30.0),
        "discounted": lambda theta: process.discounted(theta, ROWS, 52.0, 0.003, rough),
        "for ever": lambda theta: process.discounted(theta, ROWS, np.inf, 0.003, rough),
        "cohort": lambda theta: process.buy_between(theta, start, length, rough),
    }
    for answer in answers.values():
        np.testing.assert_allclose(
            answer(lines.T[:, :, None]), [answer(theta) for theta in lines], rtol=1e-11, atol=1e-15
        )


def test_a_customer_without_stages_behind_them_is_new():
    assert RegularBuying(4, 0).active(THETA, newcomers(2)).stages.shape == (1, 2)


def test_all_that_the_family_offers_is_there_for_regular_buyers():
    """With two stages on CDNOW: values, intervals, totals by group, tracking, histograms, cohorts."""
    table, model = customers(), fitted("MBGCNBD")
    spend = fitted("GammaGamma")
    value = models.lifetime_value(model, spend, table, months=6, annual_discount_rate=0.1)
    weeks = 6 * 365.25 / 12 / 7
    plain = model.expected_purchases(table, weeks) * spend.expected_value(table)
    assert (value <= plain * (1 + 1e-9)).all()
    assert value.sum() == pytest.approx(plain.sum(), rel=0.05)
    shared = models.lifetime_value(
        model, spend, table.head(30), months=6, annual_discount_rate=0.1, level=0.9, draws=20
    )
    assert (shared["expected_low"] <= shared["expected_high"]).all()
    bands = models.interval(model, "discounted_purchases", table.head(9), 26, annual_discount_rate=0.1, draws=20)
    assert (bands["low"] < bands["high"]).all()
    groups = table.assign(band=table["frequency"].clip(upper=2))
    parts = model.forecast(groups, 26, by="band", draws=20)
    assert parts["expected"].sum() == pytest.approx(model.expected_purchases(table, 26).sum())
    assert (parts["predicted_low"] < parts["predicted_high"]).all()
    curve = models.tracking(model, orders(), start="1997-01-01", as_of="1997-09-30")
    assert curve["cumulative_expected"].iloc[-1] == pytest.approx(curve["cumulative_actual"].iloc[-1], rel=0.1)
    histogram = models.frequency_histogram(model, table)
    assert histogram["expected"].sum() == pytest.approx(len(table))
    assert models.expected_cohorts(model, orders(), as_of="1997-09-30", ages=2, draws=5)["expected"].between(0, 1).all()
    assert models.alive_history(model, [4.0, 8.0], T=30, steps=5)["probability_alive"].iloc[-1] < 0.2
