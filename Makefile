# retention_kit: `make help` lists what there is.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
MONTH  ?= 1998-06

.DEFAULT_GOAL := help
.PHONY: help report test test-oldest test-newest test-resolution test-wheel check lint lab lock messages refresh-lessons refresh-notebooks sample clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

report: $(VENV)/.report  ## the monthly report of MONTH (June 1998 of the CDNOW log) into reports/
	$(BIN)/retention-kit report --month $(MONTH)

test: lint  ## everything CI runs: lint, types, unit tests, doctests, notebooks (COVERAGE=1 measures coverage)
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(if $(COVERAGE),--cov=retention_kit --cov-report=xml)
	$(BIN)/python -m pytest -n 3 --dist loadfile --nbval --nbval-current-env --nbval-cell-timeout 300 notebooks/reports notebooks/solutions

test-oldest: RESOLUTION := lowest-direct
test-oldest: VERSION := 3.11
test-oldest: test-resolution  ## a report and quick tests with the oldest versions that pyproject.toml allows (needs uv)

test-newest: RESOLUTION := highest
test-newest: VERSION := 3.13
test-newest: test-resolution  ## the same with the newest

test-resolution:
	uv venv --quiet --clear --python $(VERSION) $(VENV)-$(RESOLUTION)
	uv pip install --quiet --python $(VENV)-$(RESOLUTION)/bin/python --resolution $(RESOLUTION) -e ".[report,test,browser,delta,iceberg]"
	$(VENV)-$(RESOLUTION)/bin/python -m pytest -q -k "not postgres and not spark" $(QUICK)
	$(VENV)-$(RESOLUTION)/bin/retention-kit report --month 1998-06 --force
QUICK := tests/plots tests/tables tests/metrics tests/load/files/test_files.py tests/summarise/by_customer tests/summarise/common \
	tests/summarise/by_cohort/test_order_cohorts.py tests/summarise/by_period/test_period_table.py \
	tests/models/base/test_model.py tests/models/base/test_fitting.py tests/models/purchases/test_bgnbd.py \
	tests/models/purchases/test_lifetimes.py tests/models/rfm/test_scores.py tests/models/spend/test_gamma_gamma.py \
	tests/report/test_run.py

test-wheel:  ## the wheel in an empty environment: without the report first, then with it (needs uv)
	rm -rf build/wheel && uv build --quiet --wheel --out-dir build/wheel .
	uv venv --quiet --clear --python $(PYTHON) $(VENV)-wheel
	uv pip install --quiet --python $(VENV)-wheel/bin/python build/wheel/*.whl
	cd build/wheel && ../../$(VENV)-wheel/bin/python -I ../../tests/installs/base.py
	uv pip install --quiet --python $(VENV)-wheel/bin/python "$$(echo build/wheel/*.whl)[report]"
	cd build/wheel && ../../$(VENV)-wheel/bin/python -I ../../tests/installs/report.py

check: test  ## the same as make test

lint: $(VENV)/.test  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: $(VENV)/.lab  ## open JupyterLab on notebooks/
	$(BIN)/jupyter lab notebooks

refresh-notebooks: $(VENV)/.test  ## run the report notebooks again and store their outputs, cleaned
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace notebooks/reports/*.ipynb
	$(BIN)/nbstripout --keep-output --keep-count --extra-keys "metadata.language_info.version cell.metadata.execution cell.metadata.papermill metadata.papermill" notebooks/reports/*.ipynb

refresh-lessons: $(VENV)/.test  ## run the solved lessons again, and make those to work through from them
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace notebooks/solutions/*.ipynb
	$(BIN)/nbstripout --keep-output --keep-count --extra-keys "metadata.language_info.version cell.metadata.execution cell.metadata.papermill metadata.papermill" notebooks/solutions/*.ipynb
	$(BIN)/python -m retention_kit.lesson notebooks/solutions notebooks/learn --replace

messages: $(VENV)/.report  ## bring the files of the report's languages up to date with its texts
	$(BIN)/python -m retention_kit.report.language

sample: $(VENV)/.report  ## write the simulated sample tables into data/sample/ again, byte for byte
	$(BIN)/python -m retention_kit.simulate data/sample --replace

lock:  ## compile the lock files again (needs uv)
	uv pip compile pyproject.toml --extra report $(LOCK) -o requirements.lock
	uv pip compile pyproject.toml --extra lab -c requirements.lock $(LOCK) -o requirements-lab.lock
	uv pip compile pyproject.toml --extra lab --extra test --extra browser --extra delta --extra iceberg --extra postgres --extra spark -c requirements-lab.lock $(LOCK) --no-strip-extras -o requirements-test.lock
LOCK := --universal --no-emit-package retention-kit --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

clean:  ## remove what was installed and built
	rm -rf $(VENV) reports .pytest_cache .mypy_cache .ruff_cache

# Each stamp says that the environment holds its lock file; a second run installs nothing.
$(VENV)/.report: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "retention_kit needs Python 3.11 or later")'
	@echo "Installing the packages of requirements.lock into $(VENV); this takes a few minutes, once."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

$(VENV)/.lab: requirements-lab.lock $(VENV)/.report
	@echo "Installing the packages of requirements-lab.lock; this takes a few minutes, once."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-lab.lock
	touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.report
	@echo "Installing the packages of requirements-test.lock; this takes a few minutes, once."
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock
	touch $@
