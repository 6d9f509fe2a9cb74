"""A report month whose orders stay in PostgreSQL against one that copies them: seconds, processor seconds of the client
and of the server, bytes between them both ways, and whether every table of the month is the same.

It starts a server of its own (PostgreSQL's programs must be installed) and counts bytes between the two in a proxy.
Run from the repository, best on a machine that does nothing else:

    python benchmarks/in_place.py 5_000_000

`month URL FOLDER left|copied` is a single run.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
MONTH = "2026-08"
WAYS = ("copied", "left")


class Proxy:
    """Forwards connections to a port of this machine and counts the bytes of both directions."""

    def __init__(self, target: int) -> None:
        self.target, self.sent, self.received, self.lock = target, 0, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client = self.listener.accept()[0]
            server = socket.create_connection(("127.0.0.1", self.target))
            for pair in ((client, server, "sent"), (server, client, "received")):
                threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, target: socket.socket, name: str) -> None:
        try:
            while data := source.recv(1 << 16):
                with self.lock:
                    setattr(self, name, getattr(self, name) + len(data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


def fill(url: str, file: Path) -> None:
    """A table of the orders in a Parquet file: amounts to the cent, moments without a zone."""
    import psycopg
    import pyarrow.parquet as pq

    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE orders (customer_id text, ordered_at timestamp, amount numeric(12, 2), country text)"
        )
        with connection.cursor().copy("COPY orders FROM STDIN (FORMAT csv)") as copy:
            for batch in pq.ParquetFile(file).iter_batches(columns=["customer_id", "ordered_at", "amount", "country"]):
                copy.write(batch.to_pandas().to_csv(index=False, header=False))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE orders")


def month(url: str, folder: Path, way: str) -> None:
    """One run; prints what it took."""
    from retention_kit import report

    os.environ["SHOP_DATABASE"] = url
    source = report.Source("env:SHOP_DATABASE", options={"query": "orders"})
    config = report.Config(orders=source, currency="EUR", output=folder, leave_in_place=way == "left")
    began = time.monotonic()
    report.run(config, months=MONTH)
    seconds = time.monotonic() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    pages = json.loads((folder / MONTH / "manifest.json").read_text(encoding="utf-8"))["notebooks"]
    failed = [page["name"] for page in pages if page["status"] != "whole"]
    print(json.dumps({"s": seconds, "cpu": sum(u.ru_utime + u.ru_stime for u in used), "failed": failed}))


def _processor_seconds(process: int) -> float:
    """Of the children of a process that have ended: of PostgreSQL's first process, the sessions that are closed."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def measured(url: str, folder: Path, way: str) -> dict[str, Any]:
    """One run in a process of its own, through a proxy."""
    import psycopg

    port = int(url.rpartition(":")[2].partition("/")[0])
    proxy = Proxy(port)
    with psycopg.connect(url) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    first = int(Path(data, "postmaster.pid").read_text(encoding="utf-8").split()[0])
    before = _processor_seconds(first)
    command = [sys.executable, __file__, "month", url.replace(f":{port}/", f":{proxy.port}/"), str(folder), way]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    time.sleep(2)  # until the server has seen the last sessions end
    server = _processor_seconds(first) - before
    return {**json.loads(printed), "server": server, "received": proxy.received, "sent": proxy.sent}


def compare(size: int) -> None:
    """Both ways, in turn; prints a table."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]
    import engines
    import scale

    with tempfile.TemporaryDirectory() as private, engines.postgres() as url:
        folder = Path(private)
        scale.orders(size, folder / "orders.parquet")
        fill(url, folder / "orders.parquet")
        rows = {way: measured(url, folder / way, way) for way in WAYS}
        tables = [{p.relative_to(folder / way): p.read_bytes() for p in (folder / way).rglob("*.csv")} for way in WAYS]
    print(f"{size:,} orders")
    print("| | seconds | client, CPU s | server, CPU s | MB to the client | MB to the server | pages that failed |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for way, r in rows.items():
        mega = (r["received"] / 1e6, r["sent"] / 1e6)
        figures = f"{r['s']:.0f} | {r['cpu']:.0f} | {r['server']:.0f} | {mega[0]:.1f} | {mega[1]:.1f}"
        print(f"| {way} | {figures} | {', '.join(r['failed']) or 'none'} |")
    differ = sorted(str(name) for name in tables[0] | tables[1] if tables[0].get(name) != tables[1].get(name))
    print(f"{len(tables[0])} tables; different: {', '.join(differ) or 'none'}")


if __name__ == "__main__":
    if sys.argv[1] == "month":
        month(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    else:
        compare(int(sys.argv[1]))
