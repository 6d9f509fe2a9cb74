"""BG/CNBD-k and MBG/CNBD-k: BG/NBD and MBG/NBD for customers who buy at regular times.

Story: as in BG/NBD, a customer leaves for good after a purchase with probability p. But the gaps between their
purchases are Erlang-k: the sum of k stages, each as long as chance makes it. The larger k, the more regular they buy,
and the sooner silence means that they have left; k = 1 is BG/NBD.

=============  =========================================================================================
k              stages of a gap, the same for all customers: 1, 2, …
λ              stages per unit of time of one customer; λ ~ Gamma(r, α) over customers
p              chance that a purchase is the last; p ~ Beta(a, b) over customers
x, t_x, T      repeat purchases, time of the last of them, time until now, all since the first purchase
g_1 … g_x      gaps between purchases; their sum is t_x
c              chances of leaving so far: x in BG/CNBD-k, x + 1 in MBG/CNBD-k
R = r + kx     λ ~ Gamma(R + j, A), given that the customer is active at T, with j stages since t_x
A = α + T
z              (T - t_x) / A
=============  =========================================================================================
"""

from __future__ import annotations

import numpy as np
from scipy import special

from retention_kit.models.base.columns import Rule
from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.buying import BuyingProcess, refuse_endless
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise
from retention_kit.models.purchases.beta_geometric import BetaGeometric, log_odds_of_leaving, share_and_total
from retention_kit.models.purchases.erlang_stages import RegularCustomers, stage_terms

GAPS = "log_gaps"
"""Column with the sum of the logs of a customer's gaps."""
_ROUNDED = 0.01
"""Per gap: logs of gaps may be rounded, while another unit of time changes each by more than 1."""


def _most_even(values: dict[str, Array]) -> Array:
    """x log(t_x / x): the sum of the logs of x equal gaps, which is the largest that there can be."""
    x, t_x = values["frequency"], values["recency"]
    with np.errstate(divide="ignore"):
        most: Array = x * np.log(np.where(x > 0, t_x / np.maximum(x, 1), 1))
    return most


_GAP_RULES: tuple[Rule, ...] = (
    (
        "log_gaps must not be above frequency * log(recency / frequency): is it in the unit of recency?",
        lambda c: c[GAPS] > _most_even(c) + _ROUNDED * c["frequency"],
    ),
    (
        "log_gaps must be log(recency) where frequency is 1, and 0 where it is 0",
        lambda c: (c["frequency"] <= 1) & (c[GAPS] < _most_even(c) - _ROUNDED),
    ),
)


class RegularBuying(BuyingProcess):
    """The mathematics of both, with `chances_before` chances of leaving before the first repeat purchase: 0 or 1."""

    names = BetaGeometric.names
    scales = BetaGeometric.scales
    advice = BetaGeometric.advice
    sums = (GAPS,)
    rules_of_sums = _GAP_RULES
    takes_columns = True
    last_purchase_matters = True

    def __init__(self, k: int, chances_before: int) -> None:
        self.k, self.chances_before = k, chances_before

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""'Active at T' in any stage, plus the odds of 'left at t_x', arranged so that nothing overflows:

        .. math:: \log L = (k-1) \sum \log g - x \log \Gamma(k) + \log\frac{\Gamma(R)}{\Gamma(r)}
                  + \log\frac{B(a, b+c)}{B(a, b)} + r \log α - R \log(α+T) + \log(S + e^o), \quad
                  S = \sum_{j<k} \frac{\Gamma(R+j)}{\Gamma(R)} \frac{z^j}{j!}, \quad
                  o = \log\frac{a}{b+c-1} + R \log\frac{α+T}{α+t_x}

        Without log_gaps the term of the gaps, which no parameter is in, is left out. What depends on one column alone
        is computed once per value of it and brought back `to_rows`.
        """
        r, alpha, a, b = theta
        x, (counts, count_to_rows) = rows["frequency"], rows.levels("frequency")
        (t_x, last_to_rows), (T, end_to_rows) = rows.levels("recency"), rows.levels("T")
        c, R, stages = counts + self.chances_before, r + self.k * x, self.k * counts

        of_count = log_rise(r, stages) + log_beta_ratio(a, b, c) - counts * special.gammaln(self.k)
        age = end_to_rows(np.log1p(T / alpha))
        silence = age - last_to_rows(np.log1p(t_x / alpha))
        by_T = end_to_rows(1 / (alpha + T))
        terms = list(stage_terms(self.k, R, (rows["T"] - rows["recency"]) * by_T))
        active = sum(terms[1:], terms[0])
        odds = count_to_rows(log_odds_of_leaving(a, b, c)) + R * silence - np.log(active)
        left, log_total = share_and_total(odds)
        value = count_to_rows(of_count) - R * age - self.k * x * np.log(alpha) + np.log(active) + log_total
        if self.k > 1 and GAPS in rows.means:
            value = value + (self.k - 1) * rows.means[GAPS]
        if not slopes:
            return value, value[:0]

        psi = special.digamma
        by_t_x = last_to_rows(1 / (alpha + t_x))
        both = psi(a + b) - psi(a + b + c)
        by_R, by_z = _slopes_of_stages(terms, R)
        stay = (1 - left) / active
        d_r = count_to_rows(psi(r + stages) - psi(r)) - age + left * silence + stay * by_R
        d_alpha = r / alpha - R * (by_T + left * (by_t_x - by_T)) - stay * by_z * by_T
        d_a = count_to_rows(both) + left / a
        d_b = count_to_rows(both + psi(b + c) - psi(b)) - left * count_to_rows(1 / (b + (np.maximum(c, 1) - 1)))
        return value, np.stack([d_r, d_alpha, d_a, d_b])

    def starts(self, rows: Rows) -> list[list[float]]:
        """Those of BG/NBD, with k stages for each of its purchases."""
        return [[r, alpha / self.k, a, b] for r, alpha, a, b in BetaGeometric(self.chances_before).starts(rows)]

    def alive(self, theta: Array, rows: Rows) -> Array:
        """S / (S + e^o), as in `log_likelihood`."""
        r, alpha, a, b = theta
        x, t_x, T = rows["frequency"], rows["recency"], rows["T"]
        R = r + self.k * x
        silence = np.log1p((T - t_x) / (alpha + t_x))
        log_active = np.log(sum(stage_terms(self.k, R, (T - t_x) / (alpha + T))))
        leaving = log_odds_of_leaving(a, b, x + self.chances_before)
        active: Array = special.expit(log_active - leaving - R * silence)
        return active

    def active(self, theta: Array, rows: Rows) -> RegularCustomers:
        r, alpha, a, b = theta
        pairs, position = rows.pairs
        x, silence = pairs["frequency"], rows["T"] - rows["recency"]
        used = self.k if (silence > 0).any() else 1
        terms = np.stack([*stage_terms(used, r + self.k * rows["frequency"], silence / (alpha + rows["T"]))], axis=-2)
        likely = terms / terms.sum(axis=-2, keepdims=True)
        R, A = r + self.k * x, alpha + pairs["T"]
        return RegularCustomers(self.k, R, A, a, b + x + self.chances_before, position, likely)

    def future(
        self, theta: Array, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """One future per row: a stage, λ and p are drawn, then the stages passed in t, and of the purchases that these
        make those before the customer leaves. Given their number, the moments of N stages are N sorted uniform numbers,
        whose spacings are in proportion to exponential numbers: k of them to a gap."""
        alive = self.alive(theta, rows) if alive is None else alive
        active = np.flatnonzero(rng.random(len(rows)) < alive)
        known = self.active(theta, rows.take(active))
        likely = np.cumsum(known.stages, axis=0)
        j = (rng.random(len(active)) > likely[:-1]).sum(axis=0)
        rate = rng.gamma(known.R[known.position] + j) / known.A[known.position]
        p = np.maximum(rng.beta(known.a, known.b[known.position]), 1e-300)
        stays = np.floor(rng.exponential(size=len(active)) / -np.log1p(-np.minimum(p, 1 - 1e-16)))
        passed = rng.poisson(np.minimum(rate * t, _MOST_STAGES)).astype(float)
        bought = np.minimum(np.floor((passed + j) / self.k), stays + 1)
        refuse_endless(float(bought.sum()), t)
        return _moments(active, bought.astype(int), j, passed, self.k, t, rng)


_MOST_STAGES = 1e15
"""In one future: more are refused, unless the customer leaves at once."""


def _moments(
    active: Array, bought: Array, j: Array, passed: Array, k: int, t: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """The row of each purchase and its moment: sums of spacings, over the sum of all that lie in t."""
    buyers = bought > 0
    active, bought, j, passed = active[buyers], bought[buyers], j[buyers], passed[buyers]
    first = np.cumsum(bought) - bought
    shape = np.full(int(bought.sum()), float(k))
    shape[first] -= j
    upto = np.cumsum(rng.gamma(shape))
    before = np.where(first > 0, upto[first - 1], 0.0)
    last = upto[first + bought - 1] - before
    rest = rng.gamma(passed - (k * bought - j) + 1)
    owner = np.repeat(np.arange(len(bought)), bought)
    return active[owner], t * (upto - before[owner]) / (last + rest)[owner]


def _slopes_of_stages(terms: list[Array], R: Array) -> tuple[Array, Array]:
    """dS/dR, and z dS/dz."""
    by_R, by_z, rise = np.zeros_like(terms[0]), np.zeros_like(terms[0]), np.zeros_like(R)
    for j, term in enumerate(terms[1:], 1):
        rise = rise + 1 / (R + (j - 1))
        by_R, by_z = by_R + term * rise, by_z + j * term
    return by_R, by_z
