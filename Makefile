# `make demo` and `make test` each install everything they need into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt
DESCRIPTION := setup.cfg setup.py pyproject.toml constraints.txt

# Many small runs are faster on one thread: waiting for idle threads costs more than they bring.
TEST_THREADS ?= 1
TEST_WORKERS ?= 2
# A file's tests run in one process, and so share what they fit.
PYTEST = OMP_NUM_THREADS=$(TEST_THREADS) $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile

.PHONY: demo test test-slow check dist docs bench bench-check study matrix clean

demo: $(VENV)/.demo
	$(BIN)/topicgen fit "$$($(BIN)/python corpora/bbc/locate.py)" -k 20 -o demo-model --overwrite

test: $(VENV)/.test
	$(PYTEST) -m 'not slow'

# What takes long: see CONTRIBUTING.md.
test-slow: $(VENV)/.test
	$(PYTEST) -m slow

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=$(TEST_THREADS) $(BIN)/python -m pytest -q --doctest-modules topicgen

# Builds the distributions, and runs the wheel in an empty environment, from an empty folder.
dist: $(VENV)/.dist
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist
	$(BIN)/python scripts/check_wheel.py dist/*.whl -c constraints.txt

# The site: open build/docs/index.html. Warnings, broken links and misspelt words are errors.
# All pages are built anew, and the outputs of notebooks that have not changed kept in build/notebooks.
docs: $(VENV)/.docs
	$(BIN)/python scripts/check_spelling.py
	rm -rf build/docs
	OMP_NUM_THREADS=$(TEST_THREADS) $(BIN)/python -m sphinx -q -E -W --keep-going -d build/doctrees docs build/docs
	$(BIN)/python scripts/check_site.py
	$(BIN)/python scripts/check_site.py build/docs

bench: $(VENV)/.bench
	$(BIN)/python scripts/benchmark_peers.py
	$(BIN)/python scripts/benchmark_estimator.py
	$(BIN)/python scripts/benchmark_corpus.py
	$(BIN)/python scripts/benchmark_coherence.py
	$(BIN)/python scripts/benchmark_perplexity.py
	$(BIN)/python scripts/benchmark_effects.py

# Whether this version is slower, larger or worse than another: make bench-check BASE=main
bench-check: $(VENV)/.test
	$(BIN)/python scripts/check_regressions.py $(or $(BASE),$(error name a revision: make bench-check BASE=main))

# The tests on every Python that is installed, and with the lowest dependencies.
matrix: $(VENV)/.matrix
	$(BIN)/nox

# study_topic_models, study_embeddings and study_word_vectors need files of others: see their heads.
study: $(VENV)/.bench
	$(BIN)/python scripts/study_synthetic.py
	$(BIN)/python scripts/study_vae.py
	$(BIN)/python scripts/study_separation.py
	$(BIN)/python scripts/study_depth.py
	$(BIN)/python scripts/study_selection.py
	$(BIN)/python scripts/study_significance.py
	$(BIN)/python scripts/study_comparison.py
	$(BIN)/python scripts/study_calibration.py
	$(BIN)/python scripts/study_counts.py
	$(BIN)/python scripts/study_counts_width.py
	$(BIN)/python scripts/study_encoders.py
	$(BIN)/python scripts/study_polars.py
	$(BIN)/python scripts/study_seeds.py
	$(BIN)/python scripts/study_effects.py
	$(BIN)/python scripts/study_real_effects.py
	$(BIN)/python scripts/gallery.py
	$(BIN)/python scripts/study_refit.py
	$(BIN)/python scripts/study_short_texts.py
	$(BIN)/python scripts/study_bounds.py
	$(BIN)/python scripts/study_letters.py

clean:
	rm -rf $(VENV) .nox build dist *.egg-info demo-model

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo $(VENV)/.test $(VENV)/.dist $(VENV)/.docs $(VENV)/.bench $(VENV)/.matrix: $(VENV)/.%: $(VENV)/bin/python $(DESCRIPTION)
	$(INSTALL) -e '.[$*]'
	touch $@
