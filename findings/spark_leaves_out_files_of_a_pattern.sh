#!/usr/bin/env bash
# Several files as one path of Spark, with signs that need a backslash in some of their names: /log/{a\[1\].parquet,sub/b.parquet}.
# (Ibis 12 passes Spark one path and no list, so one pattern for all files suggests itself.)
#
# Guess before the run: every file that is named is read, or an error says that one was not found.
# Seen with Spark 4.0.1: without a slash in the braces both files are read; with one, the file whose name was quoted is
# left out, without an error. Hadoop writes out braces with a slash first and loses the backslashes as it does.
# Needs Java 17.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'pyspark==4.0.1' 'pandas==2.3.3' 'pyarrow==22.0.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from pathlib import Path

import pandas as pd
from pyspark.sql import SparkSession

log = Path("log").absolute()
for name in ("a[1]", "b", "sub/b"):
    (log / name).parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"name": [name]}).to_parquet(log / f"{name}.parquet")
settings = SparkSession.builder.master("local[1]").config("spark.driver.bindAddress", "127.0.0.1")
spark = settings.config("spark.driver.host", "127.0.0.1").config("spark.ui.enabled", "false").getOrCreate()
read = {
    pattern: sorted(row.name for row in spark.read.parquet(f"{log}/{pattern}").collect())
    for pattern in (r"{a\[1\].parquet,b.parquet}", r"{a\[1\].parquet,sub/b.parquet}")
}
spark.stop()
for pattern, names in read.items():
    print(pattern, names)
assert list(read.values()) == [["a[1]", "b"], ["sub/b"]], read
PYTHON
