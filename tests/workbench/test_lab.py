"""The workbench in a real JupyterLab in headless Chromium: a cell is run, a choice changed, a cohort clicked."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import chromium

from retention_kit import load, summarise

TOKEN = "workbench-test"
CODE = """\
import retention_kit
from retention_kit import load
log = load.sample("cdnow")
retention_kit.explore(log, lapse_after=180)"""
SETTINGS = {"themes": '{"theme": "JupyterLab Dark"}', "notification": '{"fetchNews": "false"}'}
SECONDS = 120
"""The longest wait for anything, on a machine that has other work too."""


@contextmanager
def lab(folder):
    """A JupyterLab of this environment over a folder, with settings of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    for name, text in SETTINGS.items():
        (settings / f"{name}.jupyterlab-settings").write_text(text)
    own = {"JUPYTERLAB_SETTINGS_DIR": folder / "settings", "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces"}
    own |= {"JUPYTER_CONFIG_DIR": folder / "config", "JUPYTER_RUNTIME_DIR": folder / "runtime", "HOME": folder}
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"]
    options += ["--ServerApp.port_retries=0", "--allow-root", "--no-browser"]
    options += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    environment = {**os.environ, **{name: str(path) for name, path in own.items()}}
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=output, stderr=output
        )
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + SECONDS
            while not _answers(f"{address}/api?token={TOKEN}"):
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            server.wait(SECONDS)


def _answers(url):
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


def run_first_cell(page):
    """Run it, again if the notebook did not listen yet: a cell that runs has a star or a number in its prompt."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    prompt = cell.locator(".jp-InputPrompt")
    until = time.monotonic() + SECONDS
    while prompt.inner_text().strip() in ("", "[ ]:", "[\u00a0]:"):
        assert time.monotonic() < until, "the cell does not start"
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(3000)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The page with the panel after the cell was run, what its console said, and what it asked of others."""
    if os.environ.get("RETENTION_KIT_REQUIRE_ENGINES") is None:
        pytest.importorskip("anywidget")
    folder = tmp_path_factory.mktemp("lab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "shop.ipynb")
    with lab(folder) as address, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="dark")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page, errors, others = context.new_page(), [], []
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", lambda m: errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("request", lambda r: others.append(r.url) if "127.0.0.1" not in r.url and "://" in r.url else None)
        page.goto(f"{address}/lab/tree/shop.ipynb?token={TOKEN}")
        page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(state="attached")
        errors.clear()  # what JupyterLab itself says while it starts
        run_first_cell(page)
        page.locator(".rk-workbench .map button").first.wait_for()
        yield page, errors, others
        context.close()


def test_a_choice_a_click_and_the_list_in_jupyterlab(opened):
    page, errors, others = opened
    panel = page.locator(".rk-workbench")
    status = panel.locator(".status[role=status]").first
    assert "23,570 customers in 3 cohorts up to 1998-06-30" in status.inner_text()

    panel.locator("select[name=period]").select_option("quarter")
    panel.locator("select[name=definition]").select_option("on_or_after")
    page.wait_for_function("() => document.querySelector('.rk-workbench h3').textContent.includes('quarters')")
    page.wait_for_function("() => !document.querySelector('.rk-workbench.busy')")
    orders = load.sample("cdnow")
    cohorts = summarise.cohorts(orders, as_of="1998-06-30", period="quarter", counting="on_or_after")
    third = cohorts[cohorts["age"] == 3].iloc[0]
    cell = panel.locator(".map button[data-age='3']").first
    assert cell.inner_text() == f"{third['rate']:.1%}"

    cell.click()
    heading = panel.locator(".list h3")
    heading.wait_for()
    assert f"{third['active']:,.0f} customers, the first 100 by revenue" in heading.inner_text()
    rows = panel.locator(".list tbody tr")
    assert rows.count() == 100
    members = summarise.cohort_customers(
        orders, as_of="1998-06-30", period="quarter", counting="on_or_after", cohort=third["cohort"], age=3
    ).to_pandas()
    best = members.sort_values(["revenue", "customer_id"], ascending=[False, True]).iloc[0]
    assert rows.first.locator("th").inner_text() == best["customer_id"]
    assert errors == []
    assert others == []


def test_the_map_is_walked_and_asked_by_keyboard(opened):
    page, errors, _ = opened
    panel = page.locator(".rk-workbench")
    panel.locator(".map button[tabindex='0']").focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("[document.activeElement.dataset.cohort, document.activeElement.dataset.age]") == [
        "1997-01-01",
        "0",
    ]
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.rk-workbench .list h3')?.textContent.includes('23,570')")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert errors == []


def test_code_is_copied_and_nobody_is_locked_out(opened):
    page, errors, _ = opened
    page.locator(".rk-workbench > .results > section:last-child button").click()
    code = page.evaluate("navigator.clipboard.readText()")
    assert "summarise.cohorts(log, as_of='1998-06-30', period='quarter', counting='on_or_after')" in code
    page.locator(".rk-workbench .controls").scroll_into_view_if_needed()
    found = Axe().run(page, context=".rk-workbench", options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found] == []
    assert errors == []
