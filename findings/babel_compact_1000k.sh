#!/usr/bin/env bash
# Compact numbers of Babel choose their unit before they round.
#
# Guess before the run: 999,999 is written "1M", and 999,500 too, as ICU does.
# Seen with Babel 2.18.0: "1000K" for both; with one digit, 999,951 is "1000K" while 999,949 is "999.9K". In Polish
# 999,999 is "1000 tys.". Axis labels of revenue show it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'babel==2.18.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from babel.numbers import format_compact_decimal as compact

english = [compact(x, locale="en") for x in (999_499, 999_500, 999_999, 1_000_000)]
digits = [compact(x, locale="en", fraction_digits=1) for x in (999_949, 999_951)]
polish = compact(999_999, locale="pl").replace("\u00a0", " ")
print(english, digits, polish)
assert english == ["999K", "1000K", "1000K", "1M"], english
assert digits == ["999.9K", "1000K"], digits
assert polish == "1000 tys.", polish
PYTHON
