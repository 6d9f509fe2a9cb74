#!/usr/bin/env bash
# ISO weeks printed by Babel change with the territory of the locale, not only with its language.
#
# Guess before the run: 1 January 2023 lies in week 52 of 2022 for every European language; "pl" and "pl_PL" agree.
# Seen with Babel 2.18.0: "pl", "de" and "fr" print week 1 of 2023, "pl_PL", "de_DE", "fr_FR" and "en_GB" week 52 of 2022.
# Why: the rules for weeks belong to territories in CLDR; a locale without one gets those of the world (territory 001),
# in which a week begins on Monday but the first week of a year needs one day only.
# Who is hurt: weekly cohorts and reports labelled with a bare language code.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'babel==2.18.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
from babel.dates import format_date

day = datetime.date(2023, 1, 1)
weeks = {name: format_date(day, "w/YYYY", locale=name) for name in ("pl", "de", "fr", "pl_PL", "de_DE", "fr_FR", "en_GB")}
print(weeks)
assert day.isocalendar()[:2] == (2022, 52)
assert [weeks[name] for name in ("pl", "de", "fr")] == ["1/2023"] * 3, weeks
assert [weeks[name] for name in ("pl_PL", "de_DE", "fr_FR", "en_GB")] == ["52/2022"] * 4, weeks
PYTHON
