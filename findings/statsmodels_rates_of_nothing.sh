#!/usr/bin/env bash
# statsmodels: two intervals for a count of zero leave zero out, and a test of 0 against 5 events says p = 0.
#
# Guess before the run: the mid-p interval for no event is 0 to about 3.0 and that of the square root begins at 0;
# every test of 0 against 5 events over equal times has a p-value between 0.01 and 0.07 (exact: 0.0625).
# A quiet month without a new customer has exactly such counts.
# Seen with statsmodels 0.14.6: confint_poisson(0, 1) is 2.9957 to 2.9957 by "midp-c" and 0.9604 to 0.9604 by "sqrt";
# test_poisson_2indep(0, 1, 5, 1) is exactly 0.0 by "score-log", nan by "wald-log", and 0.016 to 0.025 by the others.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'statsmodels==0.14.6' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.0.3'
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import math
from scipy.stats import binomtest
from statsmodels.stats.rates import confint_poisson, test_poisson_2indep

ends = {m: tuple(map(float, confint_poisson(0, 1, method=m))) for m in ("exact-c", "score", "jeff", "midp-c", "sqrt")}
print(ends)
assert ends["exact-c"][0] == ends["score"][0] == 0 and ends["jeff"][0] < 0.001
for method, end in {"midp-c": 2.9957323, "sqrt": 0.9603647}.items():
    assert all(math.isclose(x, end, rel_tol=1e-6) for x in ends[method]), (method, ends[method])

names = ("wald", "score", "sqrt", "etest", "score-log", "wald-log")
p = {m: float(test_poisson_2indep(0, 1, 5, 1, method=m).pvalue) for m in names}
exact = binomtest(0, 5, 0.5).pvalue
print(p, exact)
assert p["score-log"] == 0.0 and math.isnan(p["wald-log"]) and math.isclose(exact, 0.0625)
assert all(0.01 < p[m] < 0.03 for m in ("wald", "score", "sqrt", "etest"))
PYTHON
