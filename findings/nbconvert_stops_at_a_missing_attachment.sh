#!/usr/bin/env bash
# One cell that was pasted from another notebook, and no page of the notebook can be exported.
#
# Guess before the run: a picture whose attachment is missing becomes a broken picture, as Jupyter shows it and as
# nbconvert does for a picture file that is not there; the rest of the page is written.
# Seen with nbconvert 7.17.0: the HTML exporter raises InvalidNotebook("missing attachment: gone.png") and writes
# nothing, although the notebook is valid by nbformat. A link to a file that does not exist is exported.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'nbconvert==7.17.0' 'nbformat==5.10.4'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import InvalidNotebook

def page(source):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source)])
    nbformat.validate(notebook)
    return HTMLExporter().from_notebook_node(notebook)[0]

assert 'src="gone.png"' in page("![p](gone.png) text")
try:
    page("![p](attachment:gone.png) text")
except InvalidNotebook as error:
    print(error)
    assert str(error) == "missing attachment: gone.png", error
else:
    raise SystemExit("the page was exported")
PYTHON
