"""Pages of customers: what is known of them where the model of the shop is only half known."""

import json

import pandas as pd

from retention_kit import models
from retention_kit.report.actions import shown_customers


def test_a_model_whose_covariance_has_gaps_draws_no_curves_and_stops_no_report():
    bought = {"frequency": [0, 1, 3, 0, 6, 2], "recency": [0.0, 5.0, 20.0, 0.0, 30.0, 4.0], "T": [40.0] * 6}
    text = models.BGNBD.fit(pd.DataFrame(bought).assign(unit="week")).to_json()
    assert shown_customers._model(text).to_json() == text
    content = json.loads(text)
    content["evidence"]["covariance"][0][0] = None
    assert shown_customers._model(json.dumps(content)) is None
    assert shown_customers._model("") is None
