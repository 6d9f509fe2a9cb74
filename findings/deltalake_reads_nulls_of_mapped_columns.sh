#!/usr/bin/env bash
# A Delta table whose columns are mapped by name (reader version 2, which Databricks and Spark write when a column is renamed or
# dropped) through deltalake's `to_pyarrow_dataset`, `to_pandas` and `to_pyarrow_table`.
#
# Guess before the run: they refuse it, as they refuse column mapping and deletion vectors of reader version 3.
# Seen with deltalake 1.6.6 and pyarrow 26.0.1: the right number of rows, and every cell empty, without a warning.
# deltalake 1.5.0 and 1.6.0 refuse the table ("minimum reader version is 2"), and the query engine of the same 1.6.6
# (`QueryBuilder`) reads it. The check asks for features of readers, which only version 3 lists.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 1.6.0 1.6.6; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "deltalake==$version" 'pyarrow==26.0.1' 'pandas==3.1.1'
    (cd "$folder" && "$folder/$version/bin/python" - "$version" <<'PYTHON'
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, QueryBuilder

table = Path(f"orders_{sys.argv[1]}")
(table / "_delta_log").mkdir(parents=True)
pq.write_table(pa.table({"col-1": ["ann", "ben"], "col-2": [1.5, 2.5]}), table / "a.parquet")
columns = [
    {
        "name": name,
        "type": kind,
        "nullable": True,
        "metadata": {"delta.columnMapping.id": i, "delta.columnMapping.physicalName": f"col-{i}"},
    }
    for i, (name, kind) in enumerate([("customer", "string"), ("amount", "double")], start=1)
]
log = [
    {"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}},
    {
        "metaData": {
            "id": "8c94744a-40dd-42c7-ba1c-2c759b7203e8",
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": columns}),
            "partitionColumns": [],
            "configuration": {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "2"},
            "createdTime": 0,
        }
    },
    {
        "add": {
            "path": "a.parquet",
            "partitionValues": {},
            "size": (table / "a.parquet").stat().st_size,
            "modificationTime": 0,
            "dataChange": True,
        }
    },
]
(table / "_delta_log" / f"{0:020d}.json").write_text("\n".join(map(json.dumps, log)))
opened = DeltaTable(str(table))
try:
    seen = opened.to_pyarrow_table().to_pydict()
except Exception as fault:
    seen = str(fault)
print(sys.argv[1], "to_pyarrow_table:", seen)
if sys.argv[1] == "1.6.0":
    assert "minimum reader version is 2" in seen, seen
else:
    assert seen == {"customer": [None, None], "amount": [None, None]}, seen
asked = pa.table(QueryBuilder().register("t", opened).execute('SELECT * FROM "t"').read_all()).to_pydict()
print(sys.argv[1], "QueryBuilder:", asked)
assert asked == {"customer": ["ann", "ben"], "amount": [1.5, 2.5]}, asked
PYTHON
    )
done
