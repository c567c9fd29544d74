# One command per job. Each sets up all that it needs in .venv, and nothing again if it is there.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install -qq --disable-pip-version-check
WANTED := $(PYTHON) tools/requirements.py
JOBS   := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

CPP      := $(shell find src/descend/engine tests/engine -name '*.[ch]pp')
ENGINE   := src/descend/engine/CMakeLists.txt $(filter src/%,$(CPP))
LINTED   := src tests tools examples docs $(wildcard benchmarks)

# The page of the playground: sources, what is built of them, and commands of Node, which comes from PyPI.
FRONT    := src/descend/play/front
PAGE     := src/descend/play/static/descend.js
IN_FRONT := cd $(FRONT) && PATH="$(CURDIR)/$(BIN):$$PATH"

export CMAKE_BUILD_PARALLEL_LEVEL ?= $(JOBS)

# Bytecode is kept whatever the environment says: tests start hundreds of processes, and each would compile all anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-long scores check front browser notebook cluster compat bench accuracy accuracy-ablation accuracy-decisions accuracy-distil docs embedded format clean distclean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do \
	    printf '  make %-17s %s\n' "$$name" "$$text"; done

demo: $(VENV)/.package ## learn two real tables from the command line, judge them, predict
	@$(BIN)/python tools/demo.py

test: $(VENV)/.package $(VENV)/.test ## run the tests; those of the page where make front and make browser were
	@if test -d $(FRONT)/node_modules; then $(IN_FRONT) npm test --silent; fi
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS)

test-long: $(VENV)/.package $(VENV)/.test front scores docs ## long tests, the wheel alone, the engine under sanitizers, kills, scores (minutes)
	@$(BIN)/python -m pytest -q -n $(JOBS) -m long
	@$(BIN)/python -m pytest -q -n $(JOBS) -m "hypothesis and not long" --hypothesis-profile=thorough
	@$(BIN)/python tools/check_wheel.py
	@$(BIN)/python tools/check_engine.py
	@$(BIN)/python tools/kill_trial.py --kills 20
	@$(BIN)/python tools/kill_trial.py --kills 6 --blend

scores: $(VENV)/.package ## train on the two bundled tables; the scores on untouched rows must reach their bars
	@$(BIN)/python tools/check_scores.py

check: $(VENV)/.package $(VENV)/.test $(VENV)/.lint ## lint, format, types, sizes, order of imports
	@$(BIN)/ruff check $(LINTED)
	@$(BIN)/ruff format --check $(LINTED)
	@$(BIN)/mypy
	@$(if $(CPP),$(BIN)/clang-format --dry-run -Werror $(CPP),:)
	@$(BIN)/python tools/check_sizes.py
	@$(BIN)/python tools/check_imports.py
	@$(BIN)/python tools/play_messages.py --check
	@if test -d $(FRONT)/node_modules; then $(IN_FRONT) npm run --silent types; \
	    else echo "types of the playground's page: not checked; make front installs what that takes"; fi

front: $(PAGE) $(VENV)/.package ## build the page of `descend play`, with Node from PyPI

browser: ## install Chromium for the tests of that page, by apt where that is allowed
	@$(PYTHON) tools/install_browser.py

notebook: .venv-notebook/.package browser ## try descend.watch in a real JupyterLab, in a headless browser
	@.venv-notebook/bin/python tools/try_notebook.py

cluster: .venv-cluster/.package ## try clusters on this machine: Dask, a worker that is killed, time, what is sent, Ctrl-C; Ray, and Spark where there is Java
	@.venv-cluster/bin/python -W ignore tools/cluster_trial.py $(CLUSTER_ARGS)

compat: .venv-oldest/.package .venv-newest/.package .venv-bench/.package .venv-bench/.peers .venv-bench/.test ## run the tests with the oldest supported and the newest dependencies, and those that need PyTorch or another peer
	@echo "== oldest supported dependencies" && .venv-oldest/bin/python -m pytest -q -n $(JOBS) $(PYTEST_ARGS)
	@echo "== newest dependencies" && .venv-newest/bin/python -m pytest -q -n $(JOBS) $(PYTEST_ARGS)
	@echo "== networks to and from PyTorch" && .venv-bench/bin/python -m pytest -q tests/nets/test_network_torch.py
	@echo "== the benchmark's jobs of LightGBM and CatBoost" && .venv-bench/bin/python -m pytest -q tests/benchmarks/test_benchmarks_job_peers.py

bench: .venv-bench/.package .venv-bench/.peers ## measure next to PyTorch, scikit-learn, JAX, onnxruntime, LightGBM and CatBoost; see benchmarks/README.md
	@.venv-bench/bin/python -m benchmarks $(BENCH_ARGS)

accuracy: .venv-accuracy/.package .venv-accuracy/.peers ## compare predictions on 51 real tables with CatBoost, LightGBM, RealMLP, …; hours; see benchmarks/README.md
	@.venv-accuracy/bin/python -m benchmarks.accuracy $(ACCURACY_ARGS)

accuracy-decisions: .venv-accuracy/.package .venv-accuracy/.peers ## what thresholds chosen out of fold lose, and calibration; half an hour
	@.venv-accuracy/bin/python -m benchmarks.accuracy.decisions $(DECISIONS_ARGS)

accuracy-distil: .venv-accuracy/.package .venv-accuracy/.peers ## what a blend loses in one small network, on 26 of these tables; half an hour
	@.venv-accuracy/bin/python -m benchmarks.accuracy.distil $(DISTIL_ARGS)

accuracy-ablation: .venv-accuracy/.package .venv-accuracy/.peers ## what each part of a blend is worth, on 49 of these tables; half an hour
	@.venv-accuracy/bin/python -m benchmarks.accuracy.ablation $(ABLATION_ARGS)

embedded: $(VENV)/.package ## exported C on a Cortex-M4 under QEMU, with the bits of this machine; installs both by apt where that is allowed
	@$(BIN)/python tools/embedded.py

docs: $(VENV)/.package $(VENV)/.docs ## build the HTML documentation into docs/_build/html
	@$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html
	@$(BIN)/python tools/check_site.py
	@echo "docs/_build/html/index.html"

format: $(VENV)/.lint ## format Python and C++, fix what the linter can fix
	@$(BIN)/ruff check --fix-only -q $(LINTED)
	@$(BIN)/ruff format $(LINTED)
	@$(if $(CPP),$(BIN)/clang-format -i $(CPP),:)

clean: ## remove what was built and generated; .venv stays
	rm -rf build dist docs/_build docs/gallery docs/reference/api docs/reference/backreferences demo-output .pytest_cache .mypy_cache .ruff_cache .hypothesis $(VENV)/.package \
	    $(dir $(PAGE))
	find $(LINTED) -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## also remove the virtual environments
	rm -rf .venv .venv-oldest .venv-newest .venv-notebook .venv-cluster .venv-bench .venv-accuracy $(FRONT)/node_modules

# ---------------------------------------------------------------- what the jobs need; the file is the stamp

%/.python: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else f"descend needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}. Say which to use: make PYTHON=python3.12")'
	@command -v $${CXX:-c++} >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || { \
	    echo "descend needs a C++17 compiler; none was found. On Debian: apt-get install g++" >&2; exit 1; }
	@echo "Setting up $* ..."
	@test -x $*/bin/python || $(PYTHON) -m venv $*
	@$*/bin/python -m pip install -qq --disable-pip-version-check $$($(WANTED) build)
	@touch $@

# The list of modules: an editable install knows files by their names, so it is made anew when they move.
%/.modules: %/.python FORCE
	@find src/descend -name '*.py' | LC_ALL=C sort > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

FORCE:

# The engine compiles while pip fetches and unpacks what descend needs.
$(VENV)/.package: $(VENV)/.python $(VENV)/.modules $(ENGINE)
	@echo "Building the engine and installing descend into $(VENV) (once, about a minute) ..."
	@$(PIP) --no-build-isolation --no-deps -e . & engine=$$!; \
	    $(PIP) --no-compile $$($(WANTED) project play report) || { kill $$engine; exit 1; }; wait $$engine
	@touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.docs $(VENV)/.front: $(VENV)/.%: $(VENV)/.python
	@$(PIP) $$($(WANTED) $*)
	@touch $@

$(FRONT)/node_modules/.package-lock.json: $(FRONT)/package-lock.json $(VENV)/.front
	@$(IN_FRONT) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(FRONT)/node_modules/.package-lock.json $(shell find $(FRONT) -name node_modules -prune -o -type f -print)
	@$(IN_FRONT) npm run --silent types
	@$(IN_FRONT) npm run --silent build
	@touch $@

.venv-newest/.package: .venv-newest/.python .venv-newest/.modules $(ENGINE)
	@.venv-newest/bin/python -m pip install -qq --no-build-isolation --upgrade --upgrade-strategy eager -e '.[play,report]' $$($(WANTED) test)
	@touch $@

.venv-oldest/.package: .venv-oldest/.python .venv-oldest/.modules $(ENGINE) tools/oldest.py
	@.venv-oldest/bin/python tools/oldest.py > .venv-oldest/constraints.txt
	@.venv-oldest/bin/python -m pip install -qq --no-build-isolation -c .venv-oldest/constraints.txt -e '.[play,report]' $$($(WANTED) test)
	@touch $@

.venv-notebook/.package: .venv-notebook/.python .venv-notebook/.modules $(ENGINE) $(PAGE)
	@.venv-notebook/bin/python -m pip install -qq --no-build-isolation -e '.[notebook]' $$($(WANTED) jupyter)
	@touch $@

.venv-cluster/.package: .venv-cluster/.python .venv-cluster/.modules $(ENGINE)
	@.venv-cluster/bin/python -m pip install -qq --no-build-isolation -e '.[cli,dask]' $$($(WANTED) cluster)
	@touch $@

# The benchmarks measure what users get: the wheel.
.venv-bench/.package .venv-accuracy/.package: %/.package: %/.python $(ENGINE) $(shell find src/descend -name '*.py')
	@rm -rf $*/wheels
	@$*/bin/python -m pip wheel -qq --no-build-isolation --no-deps -C build-dir=build/$* -C cmake.define.DESCEND_WITHOUT_PAGE=ON -w $*/wheels .
	@$*/bin/python -m pip install -qq "$$(ls $*/wheels/*.whl)[cli]"
	@$*/bin/python -m pip install -qq --force-reinstall --no-deps $*/wheels/*.whl
	@touch $@

.venv-bench/.test: .venv-bench/.python
	@.venv-bench/bin/python -m pip install -qq --disable-pip-version-check $$($(WANTED) test)
	@touch $@

.venv-bench/.peers: benchmarks/requirements.txt .venv-bench/.python
	@.venv-bench/bin/python -m pip install -qq -r benchmarks/requirements.txt
	@touch $@

.venv-accuracy/.peers: benchmarks/accuracy/requirements.txt .venv-accuracy/.python
	@.venv-accuracy/bin/python -m pip install -qq -r benchmarks/accuracy/requirements.txt
	@touch $@

# a file as the stamp of another: kept, not taken for an intermediate one
.PRECIOUS: %/.python %/.modules
