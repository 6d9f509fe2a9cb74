#!/usr/bin/env bash
# lifetimes counts purchases of the holdout by period and their value by row: frequency times value is not the money.
#
# Guess before the run: calibration_and_holdout_data treats both halves alike. Purchases of one day are one purchase in
# the calibration half, whose value is their sum, so monetary_value_holdout is money per day with a purchase.
# Seen with lifetimes 0.11.3: a customer who buys for 10 and 10 on one day and for 40 on another has
# frequency_holdout 2 (days) and monetary_value_holdout 20 (mean of three rows); 2 x 20 = 40 of the 60 spent.
# summary_data_from_transaction_data of the same rows says 30, and 2 x 30 = 60.
# Who is hurt: whoever validates customer lifetime value with frequency_holdout * monetary_value_holdout.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'lifetimes==0.11.3' 'pandas==2.2.3' 'numpy==2.2.6' 'scipy==1.15.3'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings

warnings.simplefilter("ignore")
import pandas as pd
from lifetimes.utils import calibration_and_holdout_data, summary_data_from_transaction_data

rows = pd.DataFrame(
    {
        "customer": "a",
        "day": pd.to_datetime(["2024-01-01", "2024-03-01", "2024-03-01", "2024-03-05"]),
        "value": [10.0, 10.0, 10.0, 40.0],
    }
)
halves = calibration_and_holdout_data(
    rows, "customer", "day", "2024-02-01", "2024-04-01", monetary_value_col="value"
).loc["a"]
summary = summary_data_from_transaction_data(rows, "customer", "day", "value", observation_period_end="2024-04-01").loc["a"]
print(halves[["frequency_holdout", "monetary_value_holdout"]].to_dict(), summary.to_dict())
assert (halves["frequency_holdout"], halves["monetary_value_holdout"]) == (2, 20)
assert (summary["frequency"], summary["monetary_value"]) == (2, 30)
PYTHON
