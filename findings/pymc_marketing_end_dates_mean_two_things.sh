#!/usr/bin/env bash
# In pymc-marketing the same end date includes its day in one function and leaves it out in the next.
#
# Guess before the run: rfm_summary(observation_period_end="2024-03-31") and rfm_train_test_split(...,
# test_period_end="2024-03-31") mean the same day, since both cut the same log at days (time_unit="D"): purchases at
# 10:00 and 12:00 of 31 March are in both, and a purchase at 10:00 on train_period_end is in the training half.
# Seen with pymc-marketing 0.19.2: the summary includes both (frequency 2); the split takes an end date as the midnight
# that begins the day: the purchases of 31 March are in neither half, and the one of the last training day is tested.
# The test half still says that it is 59 days long.
# Who is hurt: month ends given as dates lose their last day, so the test half of a monthly validation is too low.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'pymc-marketing==0.19.2' 'arviz==0.23.4' 'numpy==2.4.6' 'pandas==3.1.1' 'pymc==5.28.5' 'pymc-extras==0.10.0' 'pytensor==2.38.3' 'xarray==2026.9.0'
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import pandas as pd
from pymc_marketing.clv.utils import rfm_summary, rfm_train_test_split

log = pd.DataFrame(
    {
        "customer": "a",
        "time": pd.to_datetime(["2024-01-01 10:00", "2024-02-01 10:00", "2024-03-31 10:00", "2024-03-31 12:00"]),
        "value": [10.0, 10.0, 10.0, 40.0],
    }
)
summary = rfm_summary(log, "customer", "time", "value", observation_period_end="2024-03-31", time_unit="D").iloc[0]
halves = rfm_train_test_split(
    log,
    "customer",
    "time",
    train_period_end="2024-02-01",
    test_period_end="2024-03-31",
    monetary_value_col="value",
    time_unit="D",
).iloc[0]
print(summary.to_dict(), halves.to_dict())
assert (summary["frequency"], summary["monetary_value"]) == (2, 30)
assert halves["frequency"] == 0, "the purchase on the last training day counts as training"
assert (halves["test_frequency"], halves["test_monetary_value"]) == (1, 10), halves
assert halves["test_T"] == 59
PYTHON
