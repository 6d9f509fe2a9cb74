"""Pages opened in headless Chromium: what they ask for, what they say, how they fit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

WIDTHS = {"phone": 390, "desk": 1280}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; where it is missing tests are skipped, unless every engine is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        (pytest.fail if os.environ.get("RETENTION_KIT_REQUIRE_ENGINES") else pytest.skip)("Chromium is not installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Seen:
    """What happened while a page was open, and what it looked like."""

    page: Any
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def faults(self, axe: bool) -> list[str]:
        """Everything that is wrong with it."""
        told = [f"dialog: {text}" for text in self.dialogs] + [f"console: {text}" for text in self.errors]
        told += [f"request: {url[:80]}" for url in self.requests]
        told += [str(fault) for fault in self.page.evaluate(_LOOK)]
        if axe:
            found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
            told += [f"axe {v['id']} ({len(v['nodes'])}): {v['nodes'][0]['html'][:160]}" for v in found]
        return told


@contextmanager
def opened(browser: Browser, path: Path, *, width: int, dark: bool = False) -> Iterator[Seen]:
    """A page of a report in a window."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False)
    page = context.new_page()
    seen = Seen(page)
    page.on("dialog", lambda d: (seen.dialogs.append(d.message), d.dismiss()))
    page.on("console", lambda m: seen.errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: seen.errors.append(str(e)))
    url = path.resolve().as_uri()
    page.on("request", lambda r: None if r.url == url or r.url.startswith("data:") else seen.requests.append(r.url))
    page.goto(url)
    yield seen
    context.close()


_LOOK = r"""() => {
  const told = [], all = selector => [...document.querySelectorAll(selector)];
  if (window.robbed) told.push('a script from the data ran');
  if (!document.title.trim()) told.push('no title');
  if (!document.documentElement.lang) told.push('no language');
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) told.push(`the page scrolls sideways by ${wide} px`);
  if (all('h1').length !== 1) told.push(`${all('h1').length} main headings`);
  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) told.push(`heading skips a level: ${heading.textContent.slice(0, 60)}`);
    level = next;
  }
  for (const image of all('img')) {
    const alt = (image.getAttribute('alt') || '').trim();
    if (alt.length < 15 || /no description|<figure|^figure:?\s*$/i.test(alt)) told.push(`alternative text: '${alt}'`);
    if (!image.naturalWidth) told.push('an image that cannot be shown');
  }
  return told;
}"""
