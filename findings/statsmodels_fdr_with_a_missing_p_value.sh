#!/usr/bin/env bash
# statsmodels: one missing p-value makes every adjusted p-value of the step-up corrections nan, while some stay rejected.
#
# Guess before the run: a missing p-value is left out or counts as 1; the adjusted values of the others are numbers.
# A monthly report tests many numbers together, and one of them has no p-value in a shop's first year.
# Seen with statsmodels 0.14.6: fdr_bh, fdr_by, fdr_tsbh and simes-hochberg answer nan for all five adjusted values but
# still reject the first two; hommel rejects none of them. The step-down corrections (holm, holm-sidak) and bonferroni
# give numbers for the four that are known. scipy 1.17.1 (false_discovery_control) raises a ValueError instead.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'statsmodels==0.14.6' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.0.3'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

p = np.array([0.0001, 0.001, 0.2, 0.5, np.nan])
for method in ("fdr_bh", "fdr_by", "fdr_tsbh", "simes-hochberg", "hommel", "holm", "holm-sidak", "bonferroni"):
    rejected, adjusted = multipletests(p, method=method)[:2]
    print(method, rejected.tolist(), adjusted.tolist())
    if method in ("holm", "holm-sidak", "bonferroni"):
        assert rejected.tolist() == [True, True, False, False, False] and np.isfinite(adjusted[:4]).all()
    else:
        assert np.isnan(adjusted).all()
        assert rejected.sum() == (0 if method == "hommel" else 2)
without = multipletests(p[:4], method="fdr_bh")[1]
assert np.isfinite(without).all() and without[0] < 0.001
try:
    false_discovery_control(p)
except ValueError as error:
    print("scipy:", error)
else:
    raise AssertionError("scipy answered")
PYTHON
