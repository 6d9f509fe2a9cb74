"""A month as a single file: HTML for mailing, PDF for the archive."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bs4 import BeautifulSoup

from retention_kit.errors import RetentionKitWarning

SECONDS = 120.0
"""Time limit of Chromium for a PDF."""


def join(folder: Path, first: str, pages: Sequence[str]) -> str:
    """Pages of a month, by their file names in order, as one HTML document with the look of the first.

    Each page is a section: headings one level deeper, ids and links to them unique in the document, links to files
    that are not part of it reduced to their text.
    """
    document = _tree(folder / first)
    names = {first: "main"} | {name: f"page-{number}" for number, name in enumerate(pages, start=1)}
    main = document.find("main")
    for nav in document.find_all("nav"):
        nav.decompose()
    styles = [document.find("style")]
    for name in pages:
        page = _tree(folder / name)
        if (style := page.find("style")).string not in [known.string for known in styles]:
            styles[-1].insert_after(style)
            styles.append(style)
        body = page.find("main")
        _apart(body, names[name])
        section = document.new_tag("section", attrs={"id": names[name], "class": "joined"})
        section.extend(list(body.children))
        main.append(section)
    _lead_inside(document, names)
    return str(document)


def _tree(path: Path) -> Any:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def _apart(body: Any, name: str) -> None:
    """Prefix ids and landmarks of a page with its name, and move its headings one level down."""
    for tag in body.find_all(id=True):
        tag["id"] = f"{name}-{tag['id']}"
    title = body.find("h1").get_text(" ", strip=True)
    for tag in body.find_all(True):
        if tag.get("role") == "region":
            tag["aria-label"] = f"{title}, {tag.get('aria-label', '')}"
        for attribute in ("headers", "aria-labelledby", "aria-describedby", "popovertarget"):
            if attribute in tag.attrs:
                targets = tag[attribute] if isinstance(tag[attribute], list) else tag[attribute].split()
                tag[attribute] = " ".join(f"{name}-{word}" for word in targets)
        if tag.name == "a" and tag.get("href", "").startswith("#"):
            tag["href"] = f"#{name}-{tag['href'][1:]}"
    for tag in body.find_all(re.compile("^h[1-5]$")):
        tag.name = f"h{int(tag.name[1]) + 1}"


def _lead_inside(document: Any, names: dict[str, str]) -> None:
    """Point links between pages at their sections; links to other files keep only their text, or go where they only
    lead on."""
    for link in document.find_all("a", href=True):
        if link.decomposed:
            continue
        target = link["href"].partition("#")[0]
        if target in names:
            link["href"] = f"#{names[target]}"
        elif target and not re.match(r"[a-z][a-z0-9+.-]*:", target, re.IGNORECASE):
            leads_on = link if "see" in link.get("class", []) else link.find_parent(class_="all")
            if leads_on is None:
                link.unwrap()
            else:
                leads_on.decompose()


def to_pdf(html: str, path: Path) -> bool:
    """Print a complete document through Chromium; False, with a warning, if Chromium is missing or fails."""
    chromium = next(
        (program for name in ("chromium", "chromium-browser", "google-chrome") if (program := shutil.which(name))), None
    )
    if chromium is None:
        return _without_pdf("Chromium is not installed")
    with tempfile.TemporaryDirectory(dir=path.parent) as private:  # removed with the month if the run is killed
        page = Path(private) / "report.html"
        page.write_text(html, encoding="utf-8")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={private}/user",
        ]
        command = [chromium, *flags, f"--print-to-pdf={path}", page.as_uri()]
        try:
            with _temporary(Path(private)) as own:
                status = _ended(command, os.environ | {"TMPDIR": str(own)})
        except subprocess.TimeoutExpired:
            return _without_pdf(f"Chromium took longer than {SECONDS:.0f} seconds")
    return path.exists() or _without_pdf(f"Chromium ended with status {status}")


_LAST_WRITES: Final = 0.2
"""Seconds to wait until killed child processes have ended and no longer write into the private folder."""
_LONGEST_SOCKET: Final = 100
"""Most bytes of a socket's path that every system accepts; Chromium creates one in its temporary folder."""


def _ended(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """The exit status of a program; it and its children are ended first if the run is stopped or time is up."""
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=silent, stderr=silent, env=variables, start_new_session=True) as running:
        try:
            return running.wait(timeout=SECONDS)
        except BaseException:
            if hasattr(os, "killpg"):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(running.pid, signal.SIGKILL)
            running.kill()
            running.wait()
            time.sleep(_LAST_WRITES)
            raise


@contextlib.contextmanager
def _temporary(private: Path) -> Iterator[Path]:
    """A temporary folder for Chromium, which leaves its socket and links there when it is stopped: inside the private
    folder of the run, or, where that path is too long for a socket, a folder that is removed at the end of the call."""
    longest = private / "org.chromium.Chromium.XXXXXX" / "SingletonSocket"
    if len(os.fsencode(longest)) <= _LONGEST_SOCKET:
        yield private
        return
    with tempfile.TemporaryDirectory(prefix="retention-kit-") as short:
        yield Path(short)


def _without_pdf(reason: str) -> bool:
    warnings.warn(f"No PDF was made: {reason}. The HTML pages are complete.", RetentionKitWarning, stacklevel=3)
    return False
