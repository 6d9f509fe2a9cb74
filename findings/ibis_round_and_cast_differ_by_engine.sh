#!/usr/bin/env bash
# One Ibis expression, three answers: rounding a half and casting a fraction to a whole number.
#
# Guess before the run: Ibis makes round() and cast("int64") mean the same on every engine, or documents that not.
# Seen with Ibis 12.0.0 for [0.5, 1.5, 2.5, -2.5, 2.7]:
#   round()        DuckDB 1.5.1 and SQLite 1, 2, 3, -3, 3 (away from zero)   Polars 0, 2, 2, -2, 3 (to even)
#   cast("int64")  DuckDB 0, 2, 2, -2, 3 (rounds to even)                    Polars and SQLite 0, 1, 2, -2, 2 (cuts)
# So on DuckDB round(2.5) is 3 and the cast of 2.5 is 2, and a score such as cast(5 * share, int) moves customers to
# another class with the engine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'ibis-framework[duckdb,polars,sqlite]==12.0.0' 'duckdb==1.5.1' 'polars==2.1.0' 'sqlglot==30.17.0' 'pandas==3.0.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import ibis

values = [0.5, 1.5, 2.5, -2.5, 2.7]
answers = {}
for engine in ("duckdb", "sqlite", "polars"):
    connection = getattr(ibis, engine).connect()
    table = connection.create_table("t", ibis.memtable({"x": values}).to_pyarrow())
    shown = connection.to_pyarrow(table.select(rounded=table.x.round(), cut=table.x.cast("int64"))).to_pydict()
    answers[engine] = ([int(x) for x in shown["rounded"]], shown["cut"])
print(ibis.__version__, answers)
assert answers["duckdb"] == ([1, 2, 3, -3, 3], [0, 2, 2, -2, 3]), answers
assert answers["sqlite"] == ([1, 2, 3, -3, 3], [0, 1, 2, -2, 2]), answers
assert answers["polars"] == ([0, 2, 2, -2, 3], [0, 1, 2, -2, 2]), answers
PYTHON
