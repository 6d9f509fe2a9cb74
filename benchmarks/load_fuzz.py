"""Damaged files and files with odd text through `load`: no traceback, no row lost, bounded time and memory.

    python benchmarks/load_fuzz.py [number of damaged files] [number of files with odd text]

Every file is made by a seed: a good file of orders (CSV, JSON lines, Parquet or Excel) with a few random changes. A
process of its own loads it, so that a crash or a hang of a library is counted and does not end the run. A file passes
if it is read, with rows read = rows kept + rows refused, or refused by one DataError or ConfigError.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

LONGEST = 10.0
"""Processor seconds that a file may take."""
PATIENCE = 300.0
"""Seconds after which a process that has not answered is given up."""
KINDS = ("csv", "jsonl", "parquet", "xlsx")
HEADERS = ("customer_id", "ordered_at", "amount", "order_id", "currency", "country", "reason", "row", "__row", "note")
ODD_HEADERS = ("reason", "rule", "row", "file", "line", "__row", "__file", "__rule", "", "a\rb", "self", "name", "c0")
TEXTS = (
    "", " ", "a", "Ann", "zażółć", "王小明", "a,b", 'say "hi"', '"', "a\nb", "a\rb", "\r", "a\r\nb", "\t", ";", "|",
    "'", "=1+1", "\\", "\\n", "\ufeff", "\u00a0", "\u3000x", "\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\x01", "\x7f",
    "NULL", "nan", "🙂", "e\u0301", "{}", "[1]", "null", "x" * 300, "--", "#", "<b>", "%s", "{header}", "0", "1e5",
)  # fmt: skip
PIECES = (
    b"\r", b"\n", b"\r\n", b"\r\r\n", b",", b";", b"\t", b'"', b'""', b"\0", b"\x01", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xff", b"\xc3", b"\\", b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"-", b"1e999", b"PK\x03\x04", b"PAR1",
    b"<html>", b"\x1a", b"'",
)  # fmt: skip


def rows(rng: random.Random, number: int) -> list[dict]:
    """Good orders."""
    return [
        {
            "customer_id": f"c{rng.randrange(30)}",
            "ordered_at": f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02} 10:{rng.randrange(60):02}:00",
            "amount": rng.randrange(1, 99_999) / 100,
            "order_id": str(i),
            "country": rng.choice(["PL", "TW", None]),
        }
        for i in range(number)
    ]


def renamed(rng: random.Random, table: list[dict]) -> list[dict]:
    """Now and then a header of another name, or one more."""
    if rng.random() < 0.7:
        return table
    name = rng.choice(ODD_HEADERS)
    if rng.random() < 0.5:
        return [row | {name: rng.choice(TEXTS)} for row in table]
    return [{name if key == "country" else key: value for key, value in row.items()} for row in table]


def as_csv(rng: random.Random, table: list[dict]) -> bytes:
    """Text of a spreadsheet."""
    out = io.StringIO(newline="")
    end = rng.choice(["\n", "\r\n", "\r"])
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(out, delimiter=rng.choice(",;\t|"), lineterminator=end, quoting=quoting)
    writer.writerows([list(table[0]), *(list(row.values()) for row in table)])
    content = out.getvalue().encode(rng.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]))
    return gzip.compress(content) if rng.random() < 0.1 else content


def as_jsonl(rng: random.Random, table: list[dict]) -> bytes:
    """One object a line."""
    end = rng.choice(["\n", "\r\n", "\r"])
    return "".join(json.dumps(row, ensure_ascii=rng.random() < 0.5) + end for row in table).encode()


def as_parquet(rng: random.Random, table: list[dict]) -> bytes:
    """Parquet with one of several compressions and types."""
    frame = pd.DataFrame(table)
    if "ordered_at" in frame and rng.random() < 0.5:
        frame["ordered_at"] = pd.to_datetime(frame["ordered_at"]).dt.tz_localize(
            rng.choice([None, "UTC", "Asia/Taipei"])
        )
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    odd = [pa.array([[1]] * len(frame)), pa.array([{"a": 1}] * len(frame)), pa.array([b"\xff"] * len(frame))]
    odd += [
        pa.nulls(len(frame)),
        pa.array(["x"] * len(frame)).dictionary_encode(),
        pa.array([1] * len(frame), pa.duration("s")),
    ]
    if rng.random() < 0.4:
        arrow = arrow.append_column(rng.choice(["more", "__row", "reason"]), rng.choice(odd))
    out = io.BytesIO()
    pq.write_table(arrow, out, compression=rng.choice(["NONE", "SNAPPY", "GZIP", "ZSTD"]), row_group_size=20)
    return out.getvalue()


def as_xlsx(rng: random.Random, table: list[dict]) -> bytes:
    """A workbook; changes go into the sheets that are packed in it, or into the packed bytes."""
    out = io.BytesIO()
    frame = pd.DataFrame(table)
    frame.map(lambda cell: "".join(c for c in cell if c >= " ") if isinstance(cell, str) else cell).to_excel(
        out, index=False
    )
    if rng.random() < 0.3:
        return out.getvalue()
    changed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = rng.choice(old.namelist())
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damaged(rng, content) if name == chosen else content)
    return changed.getvalue()


MAKERS: dict[str, Callable[[random.Random, list[dict]], bytes]] = {
    "csv": as_csv,
    "jsonl": as_jsonl,
    "parquet": as_parquet,
    "xlsx": as_xlsx,
}


def damaged(rng: random.Random, content: bytes) -> bytes:
    """The bytes with one to four changes."""
    data = bytearray(content)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice([1, 1, 2, 5, 30, 300]))
        change = rng.randrange(8)
        if change == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif change == 1:
            data[at:at] = rng.choice(PIECES)
        elif change == 2:
            del data[at:to]
        elif change == 3:
            data[at:at] = data[at:to]
        elif change == 4:
            data[at:to] = rng.choice(PIECES)
        elif change == 5 and rng.random() < 0.3:
            del data[at:]
        elif change == 6:
            old = rng.choice(PIECES[:12])
            data = bytearray(bytes(data).replace(old, rng.choice(PIECES), rng.choice([1, 3, -1])))
        else:
            data[at:at] = rng.randbytes(rng.choice([1, 4, 20]))
    return bytes(data)


def broken_file(seed: int, folder: Path) -> Path:
    """The damaged file of a seed."""
    rng = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    content = MAKERS[kind](rng, renamed(rng, rows(rng, rng.choice([1, 2, 30, 100]))))
    path = folder / f"orders.{kind}"
    path.write_bytes(content if rng.random() < 0.1 else damaged(rng, content))
    return path


def odd_file(seed: int, folder: Path) -> tuple[Path, int]:
    """A whole CSV or JSON-lines file with odd text in its cells, and how many rows were written."""
    rng = random.Random(seed)
    table = [row | {"note": rng.choice(TEXTS), "reason": rng.choice(TEXTS), "last": "."} for row in rows(rng, 40)]
    for row in table:
        row["customer_id"] = "c" + rng.choice(TEXTS).replace("\0", "")
    if seed % 2:
        path = folder / "odd.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table), "utf-8", newline="")
    else:
        path = folder / "odd.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=rng.choice(",;\t|"), lineterminator=rng.choice(["\n", "\r\n"]))
            writer.writerows([list(table[0]), *(list(row.values()) for row in table)])
    return path, len(table)


def outcome(path: Path, written: int | None = None) -> str:
    """What came of a file: read, refused, or what went wrong."""
    from retention_kit import load
    from retention_kit.errors import ConfigError, DataError

    try:
        data = load.orders(path)
        kept = len(data.to_pandas())
        saved = load.orders(data.save(path.parent / "saved"))
    except (DataError, ConfigError) as fault:
        return "refused" if written is None and "\n" not in str(fault) else f"wrongly refused: {fault}"
    except Exception:
        return f"traceback: {traceback.format_exc(limit=-3)}"
    source = data.source
    whole = source.rows_read == source.rows_kept + source.rows_refused
    if not whole or kept != source.rows_kept or len(data.refused) != source.rows_refused:
        return f"rows lost: {source.rows_read} read, {kept} kept, {len(data.refused)} refused"
    if saved.source != source or len(saved.refused) != len(data.refused):
        return "saved otherwise than read"
    if written is not None and source.rows_read != written:
        return f"rows lost: {written} written, {source.rows_read} read"
    return "read"


def _work(pipe) -> None:
    """Load one file after the other until the parent has no more; the first, which imports all, is not timed."""
    with tempfile.TemporaryDirectory() as folder:
        outcome(broken_file(0, Path(folder)))
        while (job := pipe.recv()) is not None:
            what, seed = job
            path, written = (
                (broken_file(seed, Path(folder)), None) if what == "damaged" else odd_file(seed, Path(folder))
            )
            start = time.process_time()
            came = outcome(path, written)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            pipe.send((came, time.process_time() - start, memory))


class Worker:
    """A process that loads files, replaced when it crashes or hangs."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin a fresh process."""
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def load(self, what: str, seed: int) -> tuple[str, float, float]:
        """What came of the file of a seed, the seconds, and the memory of its process in MB."""
        self.pipe.send((what, seed))
        try:
            if self.pipe.poll(PATIENCE):
                return self.pipe.recv()
            came = "hangs"
        except EOFError:
            came = "crashes"
        self.process.kill()
        self.process.join()
        self.start()
        return came, LONGEST, 0.0


def run(what: str, number: int, first: int = 0) -> bool:
    """Load many files, print what came of them, and say whether all passed."""
    worker, counts, slowest, largest = Worker(), Counter(), 0.0, 0.0
    for seed in range(first, first + number):
        came, seconds, memory = worker.load(what, seed)
        slowest, largest = max(slowest, seconds), max(largest, memory)
        kind = f"{came.partition(':')[0]}{' slowly' if seconds > LONGEST else ''}"
        counts[kind] += 1
        if kind not in ("read", "refused"):
            print(f"seed {seed} ({KINDS[seed % 4] if what == 'damaged' else what}): {came}", flush=True)
    worker.pipe.send(None)
    worker.process.join()
    print(f"{number:,} files, {what}: {dict(counts)}; slowest {slowest:.1f} s, largest process {largest:.0f} MB")
    return set(counts) <= {"read", "refused"} and largest < 1024


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:]]
    passed = [run("damaged", sizes[0] if sizes else 5_000), run("odd text", sizes[1] if len(sizes) > 1 else 500)]
    sys.exit(0 if all(passed) else 1)
