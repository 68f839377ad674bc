# Two commands: `make demo` finds a pose in a photo, `make test` proves that all is well.
# Both set up .venv on first use; the tests also install ComfyUI, into .venv-comfyui.

PYTHON ?= python3
TORCH ?= torch==2.13.0
PHOTO ?= miniature/photos/000000000785.jpg
MODEL ?=
KEYPOINTS ?= 308

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
MINIATURE := miniature/sapiens_miniature_17.safetensors

# The real ComfyUI for the tests; COMFYUI_DIR=... tests against another source tree of it.
COMFYUI_VENV := .venv-comfyui
COMFYUI_DIR ?= $(CURDIR)/$(COMFYUI_VENV)/ComfyUI
COMFYUI_INSTALL := $(addprefix tests/comfyui/,install.sh torchvision_operators.py comfyui.txt \
	requirements.txt requirements-no-deps.txt)

# Those that wait most begin first; short ones fill up what is left of the processor.
CHECKS := served unit-commands unit-core nodes lint types
# Threads of several test runs would wait for one another; compiled tests are kept for the next run.
QUICKLY := OMP_NUM_THREADS=$(or $(OMP_NUM_THREADS),1) PYTHONDONTWRITEBYTECODE=
# The tests of the page wait for the browser at each step: without others in its way it needs a third
# of the time, and what never waits still has two processors' worth of work when it is done.
POLITELY := nice -n 5 env
# What is left out of the checks; the file pyproject.toml says the same to whoever runs pytest.
IN_CHECKS := not slow and not exhaustive
UNIT = $(QUICKLY) $(BIN)/python -m pytest --ignore tests/comfyui --ignore tests/cluster
WORKERS := --numprocesses auto --maxprocesses 8 --dist worksteal

# Each worker collects all tests for itself. On two cores, two halves side by side need none.
ABOUT_COMMANDS := tests/commands tests/fuzz tests/repository
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
HALF := $(if $(filter 1 2 3,$(CORES)),,--numprocesses $(shell expr $(CORES) / 2) \
	--maxprocesses 8 --dist worksteal)

PROCESSORS := scalar sse41 avx2

.PHONY: demo test lint types unit unit-commands unit-core nodes served crashes portable \
	$(PROCESSORS:%=portable-%) exhaustive slow guards mutants opencv4 oldest comfyui \
	comfyui-if-possible comfyui-tests cluster site clean

# The oldest Python and packages that are declared to work.
OLDEST_VENV := .venv-oldest
OLDEST_PYTHON ?= python3.10

ifeq ($(MODEL),)
demo: $(VENV)/installed
	@echo "This is the miniature: a stand-in trained on the bundled photo only, to show the way."
	@echo "The real thing: make demo MODEL=0.3b KEYPOINTS=308   (any photo: PHOTO=me.jpg)"
	@$(BIN)/sapiens-pose estimate $(PHOTO) -o out --overlay --weights $(MINIATURE) --detector whole
else
demo: $(VENV)/installed
	@$(BIN)/sapiens-pose estimate $(PHOTO) -o out --overlay --model $(MODEL) --keypoints $(KEYPOINTS)
endif

# The checks run side by side, because half of the tests wait for servers and processes rather than
# for the processor, and all of them run, whatever fails. Each is shown when it has ended.
test: $(VENV)/installed-test
	@echo "Runs $(CHECKS) side by side; each is shown when it has ended."
	@$(MAKE) --no-print-directory --keep-going --jobs=4 \
		$(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(CHECKS)

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The repository is the package: seen through a link of the package's name, it can be checked
# whatever the folder is called.
types: $(VENV)/installed-test
	@mkdir -p $(VENV)/src && ln -sfn ../.. $(VENV)/src/comfyui_sapiens_pose
	cd $(VENV)/src && ../bin/mypy --config-file comfyui_sapiens_pose/pyproject.toml \
		$(addprefix -p comfyui_sapiens_pose.,skeletons sapiens_core commands nodes) \
		-m comfyui_sapiens_pose -m comfyui_sapiens_pose.cli -m comfyui_sapiens_pose.api

unit: unit-commands unit-core

unit-commands: $(VENV)/installed-test
	$(POLITELY) $(UNIT) $(HALF) -m "$(IN_CHECKS) and not crash" $(ABOUT_COMMANDS)

unit-core: $(VENV)/installed-test
	$(POLITELY) $(UNIT) $(HALF) -m "$(IN_CHECKS) and not crash" $(addprefix --ignore ,$(ABOUT_COMMANDS))

# Several processes that are stopped, killed and begun again: most of their time goes into starts.
crashes: $(VENV)/installed-test
	$(UNIT) $(WORKERS) -m "$(IN_CHECKS) and crash"

# Numbers depend on a processor's instructions and on the number of threads. What is compared with
# numbers of others is run again as on other processors; two minutes on two idle cores.
portable: $(VENV)/installed-test
	@$(MAKE) --no-print-directory --keep-going --jobs=2 \
		$(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(PROCESSORS:%=portable-%)

portable-scalar: LIKE = ATEN_CPU_CAPABILITY=default OMP_NUM_THREADS=1
portable-sse41: LIKE = ONEDNN_MAX_CPU_ISA=SSE41 OPENCV_CPU_DISABLE=AVX512-SKX,AVX2,FMA3 \
	OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive
portable-avx2: LIKE = ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 \
	OPENCV_CPU_DISABLE=AVX512-SKX OMP_NUM_THREADS=1
$(PROCESSORS:%=portable-%): $(VENV)/installed-test
	$(LIKE) $(BIN)/python -m pytest --ignore tests/comfyui --ignore tests/cluster --ignore tests/fuzz \
		-m "portable and not slow and (needs_transformers or not exhaustive)"

# All rows of the tables of which the checks run a few of each kind.
exhaustive: $(VENV)/installed-test $(VENV)/opencv4
	$(UNIT) $(WORKERS) -m "exhaustive and not slow"
	$(OPENCV4) -m "exhaustive and opencv" $(OPENCV_TESTS)
	@$(MAKE) --no-print-directory comfyui-tests CHOSEN="exhaustive and not slow"

# A network of real size, two minutes and 4 GB of memory; and 100,000 cases for each fuzzed target,
# an hour or more. FUZZ_CASES=1000 is quicker.
slow: $(VENV)/installed-test
	$(BIN)/python -m pytest --ignore tests/comfyui -m slow
	@$(MAKE) --no-print-directory nodes CHOSEN=slow

# Takes the guards against strangers' files out of a copy, one at a time: their tests must fail.
# `python tests/repository/take_out.py -k WORD` takes out some.
guards: $(VENV)/installed-test comfyui
	$(BIN)/python tests/repository/take_out.py

# Changes modules in many small ways, and shows the changes that no test notices. Minutes a module.
MODULES ?= skeletons/oks.py skeletons/poses/hidden_parts.py sapiens_core/crop.py
mutants: $(VENV)/installed-mutmut
	$(BIN)/python tests/repository/mutate.py $(MODULES)

$(VENV)/installed-mutmut: $(VENV)/installed-test
	$(PIP) install "mutmut>=3.8,<4"
	@touch $@

OPENCV4 = PYTHONPATH=$(VENV)/opencv4 $(QUICKLY) $(BIN)/python -m pytest
OPENCV_TESTS = $$(grep --recursive --files-with-matches "pytest.mark.opencv" tests --include "test_*.py")

# What depends on OpenCV is run again under version 4, which many ComfyUI installs have.
opencv4: $(VENV)/opencv4
	$(OPENCV4) -m "$(IN_CHECKS) and opencv" $(OPENCV_TESTS)

# Clusters of Ray on this machine, and moto, a server that answers as Amazon's S3 does; apart, because
# Ray is half a gigabyte and slow to start.
cluster: $(VENV)/installed-cluster
	$(BIN)/python -m pytest tests/cluster

# The oldest versions of all packages; several GB, as PyTorch was then.
oldest: $(OLDEST_VENV)/installed
	@mkdir -p $(OLDEST_VENV)/src && ln -sfn ../.. $(OLDEST_VENV)/src/comfyui_sapiens_pose
	PYTHONPATH=$(OLDEST_VENV)/src $(OLDEST_VENV)/bin/python -m pytest --ignore tests/comfyui \
		--ignore tests/cluster

$(OLDEST_VENV)/installed: tests/oldest.txt
	$(OLDEST_PYTHON) -m venv $(OLDEST_VENV)
	$(OLDEST_VENV)/bin/python -m pip --disable-pip-version-check --quiet install -r tests/oldest.txt
	@touch $@

comfyui: $(COMFYUI_VENV)/installed

# Without ComfyUI these tests are skipped, each with the reason.
comfyui-if-possible: $(VENV)/installed-test
	@$(MAKE) --no-print-directory comfyui || echo "ComfyUI could not be installed."

CHOSEN = $(IN_CHECKS)
IN_COMFYUI = if [ -f $(COMFYUI_VENV)/installed ]; then venv=$(COMFYUI_VENV); else venv=$(VENV); fi; \
	COMFYUI_DIR=$(COMFYUI_DIR) $(QUICKLY) $$venv/bin/python -m pytest -rs tests/comfyui

# ComfyUI in the process of the tests; then as a server, with its page in a browser.
nodes: comfyui-if-possible
	@$(IN_COMFYUI) -m "$(CHOSEN) and not served"

served: comfyui-if-possible
	@$(IN_COMFYUI) -m "$(CHOSEN) and served"

comfyui-tests: nodes served

$(COMFYUI_VENV)/installed: $(COMFYUI_INSTALL) requirements.txt
	@rm -f $@
	tests/comfyui/install.sh $(COMFYUI_VENV) "$(TORCH)"
	@touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml requirements.txt | $(VENV)/bin/python
	$(PIP) install "$(TORCH)"
	$(PIP) install --editable .
	@# Bare servers lack the libraries that opencv-python's windows need.
	@$(BIN)/python -c "import cv2" 2>/dev/null || $(PIP) install --force-reinstall --no-deps opencv-python-headless
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) install --editable ".[test]"
	@touch $@

$(VENV)/installed-cluster: $(VENV)/installed-test
	$(PIP) install --editable ".[cluster]" "moto[server]>=5.2,<6"
	@touch $@

$(VENV)/opencv4: | $(VENV)/installed-test
	$(PIP) install --no-deps --target $@.part "opencv-python-headless>=4.12,<5"
	@mv $@.part $@

# The pages as a site, in site/; a link that leads nowhere is an error, which --quiet would hide.
SITE_VENV := .venv-site
site: $(SITE_VENV)/installed
	$(SITE_VENV)/bin/python docs/make_site.py
	NO_MKDOCS_2_WARNING=1 $(SITE_VENV)/bin/mkdocs build --strict

$(SITE_VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(SITE_VENV)
	$(SITE_VENV)/bin/python -m pip --disable-pip-version-check --quiet install "mkdocs-material>=9.5,<10"
	@touch $@

clean:
	rm -rf $(VENV) $(OLDEST_VENV) $(COMFYUI_VENV) $(SITE_VENV) out site
