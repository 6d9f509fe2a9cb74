"""What a committed notebook must be, beyond what nbval compares.

nbval passes a notebook whose outputs were stripped, so the gate asks for a clean run from top to bottom.
"""

NUMBERS = "application/vnd.retention-kit.numbers+json"
IGNORES = ("nbval-ignore-output", "nbval-skip", "nbval-raises-exception")


def faults(notebook, *, parameter_cells=1):
    """Everything that keeps a notebook from being a clean, comparable run; empty when it is one. A lesson has none."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = _run_faults(code)
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("the kernelspec is not python3")
    tagged = sum("parameters" in cell.metadata.get("tags", []) for cell in code)
    if tagged != parameter_cells:
        found.append(f"{tagged} cells are tagged parameters, not {parameter_cells}")
    ignored = sum(_is_ignored(cell) for cell in code)
    if ignored > len(code) / 5:
        found.append(f"{ignored} of {len(code)} cells are not compared")
    if "papermill" in notebook.metadata or any("papermill" in cell.metadata for cell in code):
        found.append("papermill's metadata are stored")
    return found


def _run_faults(code):
    counts = [cell.execution_count for cell in code]
    found = [] if counts == list(range(1, len(code) + 1)) else [f"execution counts are {counts}, not 1 to {len(code)}"]
    for number, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"cell {number} stores an error")
            if output.get("name") == "stderr":
                found.append(f"cell {number} wrote to stderr")
            if "image/svg+xml" in output.get("data", {}):
                found.append(
                    f"cell {number} stores SVG, which nbval compares and every run writes with other ids; store a PNG"
                )
    last = code[-1] if code else None
    if last is None or not any(NUMBERS in output.get("data", {}) for output in last.outputs):
        found.append("the last cell does not end in a table of checked numbers")
    return found


def _is_ignored(cell):
    tags = cell.metadata.get("tags", [])
    return any(tag in tags for tag in IGNORES) or "NBVAL_" in cell.source
