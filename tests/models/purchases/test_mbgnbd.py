"""MBG/NBD against published values, and its difference to BG/NBD."""

import numpy as np
import pytest
from models_cdnow import PUBLISHED, SAMPLE, fitted, frame

from retention_kit import models
from retention_kit.models.base.rows import read


def test_the_cdnow_sample_gives_the_published_parameters():
    published = SAMPLE["mbgnbd"]["params"]
    assert fitted("MBGNBD").params.round(3).to_dict() == published


def test_the_likelihood_of_one_row_is_the_published_one():
    case = next(c for c in PUBLISHED["likelihood"] if c["model"] == "MBGNBD")
    value = models.MBGNBD.process.log_likelihood(np.array(case["theta"]), read(frame(*[[v] for v in case["row"]])))[0]
    assert value[0] == pytest.approx(case["log_likelihood"], rel=1e-12)


def test_one_time_buyers_become_doubtful_with_time():
    alive = fitted("MBGNBD").probability_alive(frame([0, 0, 0], [0, 0, 0], [0, 20, 200]))
    assert alive.is_monotonic_decreasing
    assert alive.iloc[0] == pytest.approx(1 - fitted("MBGNBD").a / (fitted("MBGNBD").a + fitted("MBGNBD").b))


def test_the_expectation_follows_the_corrected_formula_of_the_paper():
    from scipy.special import hyp2f1

    model, x, T, t = fitted("MBGNBD"), 3, 30.0, 20.0
    r, alpha, a, b = model.params
    ratio = ((alpha + T) / (alpha + T + t)) ** (r + x)
    z = t / (alpha + T + t)
    hand = (a + b + x) / (a - 1) * (1 - ratio * hyp2f1(r + x, b + x + 1, a + b + x, z))
    row = frame([x], [12.0], [T])
    assert model.expected_purchases(row, t).item() == pytest.approx(
        hand * model.probability_alive(row).item(), rel=1e-10
    )
