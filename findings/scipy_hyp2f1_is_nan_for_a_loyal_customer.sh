#!/usr/bin/env bash
# scipy's Gauss hypergeometric function is nan for arguments that a BG/NBD forecast of a frequent buyer needs.
#
# Guess before the run: 2F1(300.2, 0.6; 301.2; z) is smooth and moderate for z below 1 (its integral form needs no
# cancellation), so scipy agrees with mpmath at 0.9, 0.99 and 0.999.
# Seen with scipy 1.17.1: it agrees at 0.9 and 0.99 and is nan at 0.999, where mpmath gives 32.92399538842340.
# The expected number of purchases of Fader, Hardie and Lee (2005), equation 10, evaluates 2F1(r + x, b + x;
# a + b + x - 1; t / (alpha + T + t)): large first and third arguments and z near 1 are long horizons of loyal customers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'scipy==1.17.1' 'numpy==2.4.6' 'mpmath==1.3.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import math
import mpmath
from scipy.special import hyp2f1

got = {z: float(hyp2f1(300.2, 0.6, 301.2, z)) for z in (0.9, 0.99, 0.999)}
truth = {z: float(mpmath.hyp2f1(300.2, 0.6, 301.2, z)) for z in got}
print(got, truth)
assert all(math.isclose(got[z], truth[z], rel_tol=1e-10) for z in (0.9, 0.99))
assert math.isnan(got[0.999]) and math.isclose(truth[0.999], 32.9239953884234, rel_tol=1e-12), (got, truth)
PYTHON
