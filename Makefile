# Every target sets up what it needs: Python 3.11 or later and make are all that must be there.
PYTHON ?= python3
VENV   ?= .venv
EXTRA  ?= dev
BIN    := $(VENV)/bin
RUNS   := $(VENV)/runs
READY  := $(VENV)/ready
PEERS  := $(VENV)/peers
PAGES  := $(VENV)/pages
PLAYGROUND ?= ../site/
REVISION ?= v0.2.0

.PHONY: help setup run test test-model test-core test-real test-user test-docs smoke lint check-types check-platforms check-imports structure coverage fidelity truth textbook utilization bench ratios engine scale dispatch live fuzz hostile submissions programs site check-site editor server-kills verdicts exercises families faults oracles random cpython life kills dist clean latency steps sweeps experiments imports record rt-app cgroups tour docs check-docs formats grading catalogues docs-catalogues

help: ## what the targets do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(RUNS): pyproject.toml # what a run needs: no tools, nothing for pictures and the page
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --editable .
	@touch $(RUNS)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --editable '.[$(EXTRA)]'
	@touch $(RUNS) $(READY)

setup: $(READY) ## install what all targets need, into $(VENV)

run: $(RUNS) ## simulate a lesson, run it on real processes, compare
	$(BIN)/python cli.py compare scenarios/lessons/overlap.yaml

test: lint check-types check-imports ## formatting, lint, types, imports, all tests
	$(MAKE) test-model
	$(MAKE) test-real

test-model: $(READY) ## the tests that start no real processes
	$(BIN)/python -m pytest -m "not real" -n 4 --dist worksteal

test-core: $(READY) ## of these, what a Python of another version may change; thousands of random cases are the same in each
	$(BIN)/python -m pytest -m "not real" -k "not oracle and not reference and not random and not families and not damage and not theory and not against_cpython" \
		-n 4 --dist worksteal tests/kernel tests/sim tests/timeline tests/cases tests/language/test_lessons.py \
		tests/language/test_textbook.py tests/language/source/test_reading.py tests/language/schema/test_random_draws.py

test-real: $(READY) ## the tests on real processes
	$(BIN)/python -m pytest -m apart -k ordinary tests/real
	$(BIN)/python -m pytest -m apart -n 4 tests/language
	$(BIN)/python -m pytest -m "real and not apart" --ignore tests/report

test-user: $(READY) ## those that root and a user may see differently
	$(BIN)/python -m pytest -m real tests/real/lifecycle/test_exit_codes.py tests/real/host/test_run_lock.py \
		tests/real/host/test_kernel_defaults.py tests/real/test_run.py tests/test_cli.py \
		tests/real/lifecycle/test_witnesses_can_fail.py
	$(BIN)/python -m pytest -m real -k "killed or terminate or orphan or interrupt or barrier or zombie" tests/real/lifecycle/test_lifecycle.py

test-docs: $(READY) ## the pages' examples load, and their commands print what stands there
	$(BIN)/python -m pytest -m "not real" -k "docs or write_a_policy or architecture"

smoke: $(READY) ## one lesson on real processes
	MULTIPROG_EFFORT=1 $(BIN)/python -m pytest -m real tests/test_cli.py -k "the_lesson_on_real_processes and overlap"

lint: $(READY) ## formatting and lint, of the workflows and of sentences too
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/zizmor --quiet --offline --persona=pedantic --strict-collection .github .pre-commit-config.yaml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/python -m tools.prose.check

check-types: $(READY) ## mypy, strict
	$(BIN)/mypy

PORTABLE := translation kernel language sim timeline report commands multiprog cli.py
ONLY_LINUX := report/replay/|commands/keeper/|commands/(recording|witness)

check-platforms: $(READY) ## mypy as on Windows and macOS, for all that must work there
	$(BIN)/mypy --platform win32 --follow-imports silent --exclude '$(ONLY_LINUX)' $(PORTABLE)
	$(BIN)/mypy --platform darwin --follow-imports silent --exclude '$(ONLY_LINUX)' $(PORTABLE)

check-imports: $(READY) ## who may import whom
	$(BIN)/lint-imports

structure: $(READY) ## what the code is made of, by folder; what is too large; circles of imports
	$(BIN)/python -m benchmarks.structure

coverage: $(READY) ## which branches the tests without real processes take; at least as many as before
	$(BIN)/python -m pytest -m "not real" -n 4 --dist worksteal --cov --cov-report=term:skip-covered

fidelity: $(READY) ## how close real runs come to the model, ours and the kernel's; a quiet machine, five minutes
	$(BIN)/python cli.py calibrate
	$(BIN)/python -m benchmarks.fidelity --costs measured; first=$$?; $(BIN)/python -m benchmarks.linux && exit $$first

truth: $(READY) ## the kernel's own schedules, workers' logs held against its trace (root); two minutes
	$(BIN)/python -m benchmarks.linux --trace

latency: $(READY) ## wake-up latencies, predicted and real, held against the kernel's trace (root); three minutes
	$(BIN)/python -m benchmarks.latency

cgroups: $(READY) ## shares of control groups, predicted and real (root); two minutes
	$(BIN)/python -m benchmarks.cgroups

textbook: $(READY) ## the textbooks' examples on both machines; a quiet machine, a few minutes
	$(BIN)/python -m benchmarks.textbook

utilization: $(READY) ## the CPU against the degree of multiprogramming, on both machines; a minute
	$(BIN)/python -m benchmarks.utilization

bench: $(PEERS) ## speed and memory of simulator and command, beside SimPy, Ciw, salabim and SimSo
	$(BIN)/python -m benchmarks.bench; first=$$?; $(BIN)/python -m benchmarks.ratios && exit $$first

$(PEERS): $(READY) # from the package index where they can be had; who is absent is said
	-$(BIN)/python -m pip install -qq --editable '.[peers]'
	-$(PYTHON) -m venv $(VENV)/simso && $(VENV)/simso/bin/pip install --quiet simso
	@touch $(PEERS)

ratios: $(PEERS) ## only the ratios to the others, against the committed ones; four minutes
	$(BIN)/python -m benchmarks.ratios

engine: $(READY) ## the engine beside that of REVISION, in turn; three minutes
	$(BIN)/python -m benchmarks.engine --revision $(REVISION)

dispatch: $(READY) ## ten to a thousand real processes, with and without root; a quiet machine, two minutes
	$(BIN)/python -m benchmarks.dispatch

scale: $(READY) ## a hundred to a million processes, 1 to 64 cores; five minutes
	$(BIN)/python -m benchmarks.scale

live: $(READY) ## what --live costs a real run; a quiet machine, a minute or two
	$(BIN)/python -m benchmarks.live

fuzz: $(READY) ## a hundred thousand damaged scenarios and saved runs; half an hour
	$(BIN)/python -m benchmarks.fuzz --workers 2

record: $(READY) ## five real programs recorded, modelled, run, and predicted on one core; root, a quiet machine
	$(BIN)/python -m benchmarks.record

rt-app: $(READY) ## workloads of rt-app on both machines and by rt-app itself, which must be installed; root
	$(BIN)/python -m benchmarks.rt_app

imports: $(READY) ## ten thousand damaged files of each kind that import reads, a trace of a gigabyte; half an hour
	$(BIN)/python -m benchmarks.fuzz_imports

hostile: $(READY) ## hostile policies on both machines; ten minutes
	$(BIN)/python -m benchmarks.hostile_policies

submissions: $(READY) ## hostile submissions to an assignment, then a hundred honest ones; ten minutes
	$(BIN)/python -m benchmarks.submissions
	$(BIN)/python -m benchmarks.submissions --hundred

programs: $(READY) ## twenty thousand exported programs proved, two thousand of them run; half an hour
	$(BIN)/python -m benchmarks.exports --scenarios 20000 --run 2000

verdicts: $(READY) ## what comparisons say, in quiet, under load, and of runs that must not agree; a quiet machine
	$(BIN)/python -m benchmarks.verdicts

grading: $(READY) ## a hundred answers to each of three exercises, on two processes and on a Dask cluster; two minutes
	$(BIN)/python -m benchmarks.grading
	$(BIN)/python -m benchmarks.submissions --hundred

CHECKERS := $(VENV)/checkers

$(CHECKERS): $(READY) # readers of course systems' formats that others have written; node must be there
	$(PYTHON) -m venv $(CHECKERS)
	$(CHECKERS)/bin/python -m pip install -qq xmlschema moodle-xml-parser
	npm install --silent --prefix $(CHECKERS) gift-pegjs
	@touch $(CHECKERS)

formats: $(CHECKERS) ## questions and marks for course systems, read by others' readers; two minutes
	$(BIN)/python -m benchmarks.formats --checkers $(CHECKERS)

exercises: $(READY) ## two hundred variants of every exercise: keys, misconceptions, damaged answers; half an hour
	$(BIN)/python -m benchmarks.exercises --variants 200

cpython: $(READY) ## the rules of multiprocessing, each measured 20 times on this Python; 15 minutes
	$(BIN)/python -m benchmarks.cpython

life: $(READY) ## 5,000 random programs of the life of processes, as model, as exported program and as real run; an hour
	$(BIN)/python -m benchmarks.life --count 5000 --real

families: $(READY) ## every lesson on the life of processes, twenty times on both machines and as a program; half an hour
	$(BIN)/python -m benchmarks.families --program

faults: $(READY) ## every fault in every kind of real run (make test has some of them)
	$(BIN)/python -m pytest -m apart

oracles: $(READY) ## simulator and memory against the slow references, every scenario on any machine, forty times as many cases as make test; many minutes
	MULTIPROG_EFFORT=40 $(BIN)/python -m pytest -n 4 --dist worksteal tests/sim/test_oracle.py tests/sim/test_oracle_conventions.py tests/sim/test_any_scenario_any_machine.py tests/kernel/memory/test_reference.py

steps: $(READY) ## 20,000 random programs with every step, under every policy and convention; a quarter of an hour
	MULTIPROG_EFFORT=100 $(BIN)/python -m pytest tests/sim/test_every_step.py

random: $(READY) ## every test of random cases, with ten times as many as make test; many minutes
	MULTIPROG_EFFORT=10 $(BIN)/python -m pytest -m "not real" -n 4 --dist worksteal

sweeps: $(READY) ## speed of sweeps beside peers, coverage of their intervals, kills; half an hour
	-$(BIN)/python -m pip install -qq --editable '.[cluster]'
	$(BIN)/python -m benchmarks.sweeps speed
	$(BIN)/python -m benchmarks.sweeps coverage
	$(BIN)/python -m benchmarks.sweeps kills

experiments: $(READY) ## every shipped experiment, and its picture in docs/experiments; some minutes
	for each in quantum degree thrashing fits load estimates nice; do \
		$(BIN)/python cli.py sweep scenarios/experiments/$$each.yaml --svg docs/experiments/$$each.svg || exit 1; done

tour: $(READY) ## the notebook docs/tour.ipynb, from docs/tour.py
	$(BIN)/python -m benchmarks.tour

kills: $(READY) ## a thousand runs of all kinds, of which a part is killed or stopped
	$(BIN)/python -m benchmarks.kills

site: $(READY) ## the playground as a static site, in build/site; needs Node's npm
	$(BIN)/python -m playground.site build/site

check-site: site ## every scenario in the site, in Chromium without a network, against the command line; views, keys, times; the panel of the server
	$(BIN)/python -m benchmarks.site build/site --screens build/site-screens
	$(BIN)/python -m benchmarks.local_views build/site-work --screens build/site-screens/server

editor: $(READY) ## the editor of the playground's server, made anew after a change of its packages; needs Node's npm
	$(BIN)/python -m playground.editor_bundle

server-kills: $(READY) ## two hundred servers of the playground killed during real runs; a quarter of an hour
	$(BIN)/python -m benchmarks.local_playground

dist: $(READY) ## the distributions; lessons by name and the Python interface, from the built one in another folder

$(PAGES): $(READY)
	$(BIN)/python -m pip install -qq --editable '.[docs]'
	@touch $(PAGES)

catalogues: $(READY) ## the texts to translate, as they are in the code now; what the program reads of them
	$(BIN)/python -m tools.translation.update

docs: $(PAGES) ## the documentation as a site, in English and Chinese, in build/docs; PLAYGROUND=address of the playground
	$(BIN)/python -m tools.documentation.build build/docs --playground $(PLAYGROUND)

check-docs: docs ## the site's links and search (needs Node), and every command of the pages
	$(BIN)/python -m tools.documentation.check build/docs
	$(BIN)/python -m tests.docs.run_commands

docs-catalogues: $(PAGES) ## the Chinese pages' catalogues, after a change of the English pages
	$(BIN)/python -m tools.documentation.catalogues

dist: $(READY) ## the distributions, and a lesson run from the built one
	rm -rf build dist
	$(BIN)/python -m build
	$(PYTHON) -m venv build/venv
	build/venv/bin/python -m pip install -qq dist/*.whl
	cd / && $(CURDIR)/build/venv/bin/python -P $(CURDIR)/benchmarks/installed.py

clean: ## remove what the targets made
	rm -rf $(VENV) *.egg-info build dist .coverage .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
