"""Pareto/NBD against published values."""

import numpy as np
import pytest
from models_cdnow import SAMPLE, fitted, frame
from scipy.special import hyperu

from retention_kit import models

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
