"""Memory and processors of a run."""

import ibis
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from retention_kit.errors import ConfigError
from retention_kit.load.sources.engine import answer, default_engine, limited
from retention_kit.report.execution import budget, execute, forked
from retention_kit.report.execution.clean import plain_text
from retention_kit.report.notebooks.discovery import Notebook


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("1.5 GiB", 3 * 2**29), (" 900 mb ", 900 * 10**6), (10**9, 10**9), ("0.5TB", 5 * 10**11)],
)
def test_sizes_are_read(text, size):
    assert budget.read_size(text) == size


@pytest.mark.parametrize("text", ["2", "2 G", "GB", "-1GB", "0GB", "nan GB", "", 0, -5, True, None, 1.5])
def test_other_sizes_are_refused_with_an_example(text):
    with pytest.raises(ConfigError, match="2GB or 1500MB"):
        budget.read_size(text)


@pytest.mark.parametrize("memory", ["1.2GB", "2GB", "4GB", "16GB", None])
def test_the_shares_add_up_to_no_more_than_the_memory(memory):
    shares = budget.plan(memory)
    assert 1 <= shares.jobs <= shares.processors + 2
    used = budget._RUN + shares.jobs * (budget._KERNEL + shares.engine) + shares.engine
    assert used <= shares.memory


def test_small_memory_runs_fewer_notebooks_at_a_time():
    assert budget.plan("1.2GB").jobs == 1
    assert budget.plan("3GB").jobs == 2
    assert budget.plan("64GB").jobs == budget.plan("64GB").processors + 2
    assert budget.plan("64GB").engine > budget.plan("4GB").engine


def test_jobs_that_do_not_fit_are_refused_with_the_number_that_does():
    with pytest.raises(ConfigError, match=r"8 notebooks at a time need 3.77 GB of memory, not 2 GB; .* --jobs 3"):
        budget.plan("2GB", jobs=8)


def test_memory_for_no_notebook_is_refused_with_the_least():
    with pytest.raises(ConfigError, match=r"1 notebook at a time need.* not 0\.5 GB; the least is 1\.15 GB"):
        budget.plan("500MB")


def test_a_cell_has_more_time_where_notebooks_share_processors():
    assert budget.Budget(0, jobs=4, engine=0, processors=2).seconds_of(600) == 1200
    assert budget.Budget(0, jobs=1, engine=0, processors=2).seconds_of(600) == 600


def test_the_engine_of_a_session_gets_its_limit_back(tmp_path):
    engine = default_engine()

    def current():
        return answer(engine, "SELECT current_setting('memory_limit'), current_setting('temp_directory')")[0]

    before = current()
    with limited(300 * 10**6, tmp_path):
        assert current() == ("286.1 MiB", before[1])
    assert current() == before


def test_an_engine_that_nobody_had_writes_into_the_folder_of_the_run_and_goes_with_it(tmp_path, monkeypatch):
    monkeypatch.setattr(ibis.options, "default_backend", None)
    with limited(100 * 10**6, tmp_path / "it's here"):
        engine = default_engine()
        engine.raw_sql("CREATE TABLE t AS SELECT i, hash(i)::VARCHAR AS s FROM range(3_000_000) r(i) ORDER BY s")
        assert list((tmp_path / "it's here").iterdir())
    assert ibis.options.default_backend is None


def test_the_engine_of_a_kernel_has_its_share_and_writes_into_the_private_folder(tmp_path):
    source = (
        "from retention_kit.load.sources.engine import answer, default_engine\n"
        "print(answer(default_engine(), \"SELECT current_setting('memory_limit'), current_setting('temp_directory')\"))"
    )
    cells = [new_code_cell("as_of = ''", metadata={"tags": ["parameters"]}), new_code_cell(source)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    own = Notebook(tmp_path / "own.ipynb", new_notebook(cells=cells, metadata={"kernelspec": kernel}), {"as_of": ""})
    kernels = forked.Kernels(memory=300 * 10**6)
    done = execute.execute(own, {"as_of": "x"}, {"as_of": "x"}, private=tmp_path, cell_timeout=60, kernels=kernels)
    assert done.failure is None
    text = plain_text(nbformat.writes(done.node))
    assert "286.1 MiB" in text
    assert execute.SPILLED in text
    assert str(tmp_path) not in text
