"""Pareto/NBD against published values."""

import numpy as np
import pytest
from models_cdnow import SAMPLE, customers, fitted, frame
from scipy.special import hyperu

from retention_kit import models
from retention_kit.models.base.rows import read
from retention_kit.models.purchases import dropout_integral

PUBLISHED = SAMPLE["pareto_nbd"]


def test_the_cdnow_sample_gives_the_published_parameters():
    model = fitted("ParetoNBD")
    assert model.params.round(3).to_dict() == PUBLISHED["params"]
    assert round(model.log_likelihood, 1) == PUBLISHED["log_likelihood"]
    assert model.standard_errors.to_dict() == pytest.approx(PUBLISHED["standard_errors"], rel=1e-3)


def test_expected_purchases_of_a_new_customer_match_the_manual():
    published = PUBLISHED["new_customer"]
    model = models.ParetoNBD(**published["params"])
    assert model.expected_purchases_new(range(10)).round(8).tolist() == published["purchases"]


def test_residual_transactions_match_the_closed_form():
    """Fader, Hardie & Lee (2005), RFM and CLV: Tricomi's function."""
    model = fitted("ParetoNBD")
    row, force = frame([3], [20.0], [38.0]), np.log1p(0.15) * 7 / 365.25
    B = model.beta + 38
    closed = (model.r + 3) / (model.alpha + 38) * B * hyperu(1, 2 - model.s, force * B)
    value = model.discounted_purchases(row, annual_discount_rate=0.15).item()
    assert value == pytest.approx(closed * model.probability_alive(row).item(), rel=1e-8)


def test_alpha_equal_to_beta_is_no_special_case():
    values = [
        models.ParetoNBD(r=0.5, alpha=10.0, s=0.6, beta=beta).probability_alive(frame([2], [9.0], [30.0])).item()
        for beta in (10 - 1e-7, 10.0, 10 + 1e-7)
    ]
    assert values == pytest.approx([values[1]] * 3, rel=1e-6)


@pytest.mark.parametrize("theta", [(0.5, 10.0, 0.6, 11.0), (0.3, 4.0, 0.2, 3.0), (2.0, 30.0, 1.0, 50.0)])
def test_the_table_shared_by_all_rows_gives_each_row_its_own_integral(theta):
    rows, (r, alpha, s, beta) = read(customers()), theta
    x, t_x, T = rows["frequency"], rows["recency"], rows["T"]
    shared = dropout_integral._by_table(np.array(theta), rows, True)
    alone = dropout_integral.row_by_row(r + x, alpha + t_x, np.full(len(x), s), beta + t_x, T - t_x, True)
    assert shared is not None
    for ours, theirs in zip(shared[:2], alone[:2], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11)
    np.testing.assert_allclose((1 - alone[0]) * shared[2], (1 - alone[0]) * alone[2], atol=1e-12)


def test_where_a_table_is_too_coarse_each_row_has_its_own_integral():
    rows = read(customers())
    assert dropout_integral._by_table(np.array([0.5, 0.01, 0.6, 11.0]), rows, False) is None
