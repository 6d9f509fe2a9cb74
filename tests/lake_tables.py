"""Delta and Iceberg tables for tests: written by deltalake and pyiceberg, or by hand where these cannot."""

import contextlib
import json
import os
import re
import struct
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

CATALOGUE = "retentionkit"


@dataclass
class DeltaLake:
    """A folder of Delta tables."""

    path: Path
    kind = "delta"

    def create(self, name, frame, by=None):
        import deltalake

        deltalake.write_deltalake(self.folder(name), arrow(frame), partition_by=by)
        return f"delta:{self.folder(name)}"

    def append(self, name, frame):
        import deltalake

        deltalake.write_deltalake(self.folder(name), arrow(frame), mode="append", schema_mode="merge")

    def overwrite(self, name, frame):
        import deltalake

        deltalake.write_deltalake(self.folder(name), arrow(frame), mode="overwrite")

    def delete(self, name, customer):
        import deltalake

        deltalake.DeltaTable(self.folder(name)).delete(f"customer_id = '{customer}'")

    def version(self, name):
        import deltalake

        return f"v{deltalake.DeltaTable(self.folder(name)).version()}"

    def folder(self, name):
        return str(self.path / name)

    def advised(self, message):
        return re.search("'(delta:[^']*)'", message)[1]

    def data_files(self, name):
        return [path for path in Path(self.folder(name)).rglob("*.parquet") if "_delta_log" not in path.parts]


@dataclass
class Iceberg:
    """A catalogue of Iceberg tables in SQLite, described in environment variables as a user would."""

    path: Path
    catalogue: Any
    kind = "iceberg"

    def create(self, name, frame, by=None):
        from pyiceberg.transforms import IdentityTransform

        table = self.catalogue.create_table(f"sales.{name}", arrow(frame).schema)
        if by is not None:
            with table.update_spec() as spec:
                spec.add_field(by, IdentityTransform(), by)
        if len(frame):
            table.append(arrow(frame))
        return f"iceberg:{CATALOGUE}.sales.{name}"

    def append(self, name, frame):
        table = self._table(name)
        with table.update_schema() as schema:
            schema.union_by_name(arrow(frame).schema)
        table.append(arrow(frame))

    def overwrite(self, name, frame):
        self._table(name).overwrite(arrow(frame))

    def delete(self, name, customer):
        self._table(name).delete(f"customer_id == '{customer}'")

    def version(self, name):
        return self._table(name).current_snapshot().snapshot_id

    def folder(self, name):
        return self._table(name).location().removeprefix("file://")

    def advised(self, message):
        return re.search("'(iceberg:[^']*json)'", message)[1]

    def data_files(self, name):
        return list(Path(self.folder(name)).rglob("*.parquet"))

    def _table(self, name):
        return self.catalogue.load_table(f"sales.{name}")


@contextlib.contextmanager
def delta(folder):
    pytest.importorskip("deltalake", reason="the extra delta is needed")
    yield DeltaLake(folder / "lake")


@contextlib.contextmanager
def iceberg(folder):
    pytest.importorskip("pyiceberg", reason="the extra iceberg is needed")
    yield Iceberg(folder, _catalogue(folder))


def _catalogue(folder):
    """A new catalogue under the one name that this process knows: pyiceberg reads the variables when it is imported."""
    place = _place()
    with contextlib.suppress(FileNotFoundError):
        (place / "catalogue.db").unlink()
    from pyiceberg.catalog import load_catalog

    catalogue = load_catalog(CATALOGUE, warehouse=f"file://{folder / 'warehouse'}")
    catalogue.create_namespace("sales")
    return catalogue


_FOLDERS = []


def _place():
    """The folder of this process in which the catalogue is."""
    if not _FOLDERS:
        _FOLDERS.append(tempfile.TemporaryDirectory(prefix="retention_kit_iceberg_"))
        os.environ[f"PYICEBERG_CATALOG__{CATALOGUE.upper()}__TYPE"] = "sql"
        os.environ[f"PYICEBERG_CATALOG__{CATALOGUE.upper()}__URI"] = f"sqlite:///{_FOLDERS[0].name}/catalogue.db"
    return Path(_FOLDERS[0].name)


def arrow(frame):
    """The frame in types that Iceberg has: moments in microseconds."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    kinds = {f.name: f.type for f in table.schema}
    for name, kind in kinds.items():
        if pa.types.is_timestamp(kind):
            kinds[name] = pa.timestamp("us", kind.tz)
        elif pa.types.is_large_string(kind):
            kinds[name] = pa.string()
    return table.cast(pa.schema(list(kinds.items())))


def delta_log(folder, frame, *, features=None, deleted=()):
    """Write a Delta table with its log by hand (Delta protocol 3.3): deleted rows as a deletion vector in the log,
    columns mapped by name where `features` says so or is None (reader version 2)."""
    mapped = features is None or "columnMapping" in features
    table = arrow(frame)
    names = {name: f"col-{i}" if mapped else name for i, name in enumerate(table.column_names, start=1)}
    types = {"string": "string", "timestamp[us]": "timestamp_ntz", "double": "double"}
    columns = []
    for i, item in enumerate(table.schema, start=1):
        mapping = {"delta.columnMapping.id": i, "delta.columnMapping.physicalName": names[item.name]} if mapped else {}
        kind = types[str(item.type)].removesuffix("_ntz")
        columns.append({"name": item.name, "type": kind, "nullable": True, "metadata": mapping})
    moments = {name: table.schema.field(name).type for name in table.column_names}
    instants = [(names[n], pa.timestamp("us", "UTC") if pa.types.is_timestamp(t) else t) for n, t in moments.items()]
    (folder / "_delta_log").mkdir(parents=True)
    pq.write_table(table.rename_columns(list(names.values())).cast(pa.schema(instants)), folder / "part-0.parquet")
    old = {"minReaderVersion": 2, "minWriterVersion": 5}
    new = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features, "writerFeatures": features}
    settings = (
        {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": str(len(names))} if mapped else {}
    )
    file = {
        "path": "part-0.parquet",
        "partitionValues": {},
        "size": (folder / "part-0.parquet").stat().st_size,
        "modificationTime": 0,
        "dataChange": True,
        "stats": json.dumps({"numRecords": table.num_rows}),
    }
    if deleted:
        file["deletionVector"] = _deletion_vector(deleted)
    schema = json.dumps({"type": "struct", "fields": columns})
    metadata = {
        "id": str(uuid.uuid4()),
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema,
        "partitionColumns": [],
        "configuration": settings,
        "createdTime": 0,
    }
    entries = [{"protocol": old if features is None else new}, {"metaData": metadata}, {"add": file}]
    (folder / "_delta_log" / f"{0:020d}.json").write_text("\n".join(map(json.dumps, entries)))


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def _deletion_vector(rows):
    """Numbers of rows as a deletion vector within the log: a Roaring bitmap of 64 bits in Z85."""
    numbers = sorted(rows)
    # one container: cookie without runs, one key, its size less one, offset of its numbers, the numbers
    bitmap = struct.pack("<IIHHI", 12346, 1, 0, len(numbers) - 1, 16) + struct.pack(f"<{len(numbers)}H", *numbers)
    content = struct.pack("<iqi", 1681511377, 1, 0) + bitmap
    padded = content + b"\0" * (-len(content) % 4)
    values = struct.unpack(f">{len(padded) // 4}I", padded)
    text = "".join(_DIGITS[value // 85**power % 85] for value in values for power in (4, 3, 2, 1, 0))
    return {"storageType": "i", "pathOrInlineDv": text, "sizeInBytes": len(content), "cardinality": len(numbers)}
