#!/usr/bin/env bash
# numpy.quantile is nan beside an infinite value, also where the quantile is itself a finite element of the array.
#
# Guess before the run: the 0.5 quantile of [1, 2, inf] is 2, as numpy.median says, and the 0.75 quantile is inf.
# Seen with numpy 2.4.6: both are nan (with a RuntimeWarning), while median answers 2.0. The 0.6 quantile is inf.
# Why: linear interpolation computes inf - 2 and multiplies it by a weight of 0.
# Who is hurt: intervals from posterior draws of expected spend, which is infinite where a draw of the Gamma-Gamma
# model has q at or below 1: a few such draws turn the upper end, or the median, into nan in place of infinity.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'numpy==2.4.6'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings
import numpy as np

warnings.simplefilter("ignore")
values = [1.0, 2.0, np.inf]
answers = {q: float(np.quantile(values, q)) for q in (0.5, 0.6, 0.75)}
print(np.__version__, answers, float(np.median(values)))
assert np.median(values) == 2.0
assert np.isnan(answers[0.5]) and np.isnan(answers[0.75]) and answers[0.6] == np.inf, answers
higher = float(np.quantile(values, 0.75, method="higher"))
assert higher == np.inf, higher
PYTHON
