#!/usr/bin/env bash
# The number of distinct customers depends on the engine behind Ibis: Polars counts a missing id as one more customer.
#
# Guess before the run: nunique() is COUNT(DISTINCT ...) everywhere and leaves missing values out.
# Seen with Ibis 12.0.0: DuckDB 1.5.1 and SQLite answer 2 for the ids [None, "a", None, None, "b"], Polars answers 3.
# Why: Ibis passes the question on to Polars' own n_unique, which counts null as a value.
# Who is hurt: active customers, averages per customer and repeat rates over logs with anonymous orders.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'ibis-framework[duckdb,polars,sqlite]==12.0.0' 'duckdb==1.5.1' 'polars==2.1.0' 'sqlglot==30.17.0' 'pandas==3.0.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import ibis

answers = {}
for engine in ("duckdb", "sqlite", "polars"):
    connection = getattr(ibis, engine).connect()
    log = connection.create_table(
        "log", ibis.memtable({"customer": [None, "a", None, None, "b"]}, schema={"customer": "string"}).to_pyarrow()
    )
    answers[engine] = int(connection.execute(log.customer.nunique()))
print(ibis.__version__, answers)
assert answers == {"duckdb": 2, "sqlite": 2, "polars": 3}, answers
PYTHON
