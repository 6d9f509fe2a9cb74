"""Pages of customers: what is known of them where the model of the shop is only half known."""

import pandas as pd
import pytest
from models_cdnow import customers

from retention_kit import models
from retention_kit.errors import RetentionKitWarning
from retention_kit.report.actions import shown_customers


def test_a_model_whose_covariance_has_gaps_draws_no_curves_and_stops_no_report():
    settled = models.BGNBD.fit(customers()).to_json()
    assert shown_customers._model(settled).to_json() == settled
    few = pd.DataFrame({"frequency": [0, 1, 3, 6], "recency": [0.0, 5.0, 20.0, 30.0], "T": [40.0] * 4}, dtype=float)
    with pytest.warns(RetentionKitWarning, match="not settled by the data"):
        unsettled = models.BGNBD.fit(few.assign(unit="week"))
    assert unsettled.covariance.isna().any(axis=None)
    assert shown_customers._model(unsettled.to_json()) is None
    assert shown_customers._model("") is None
