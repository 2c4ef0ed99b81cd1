# make demo   environment, installation, a short training, export, verification, a digit read
# make test   environment, installation, data, all tests, file by file on all cores
# make lint   ruff and mypy
# make faults every event of every command that writes, failed and killed (13 minutes of CPU time; needs a C compiler)
# make fuzz   damaged files of each kind; COUNT=20000 and SEED=7 say how many and which
# make exports   train the full recipe and renew exports/
# make wheel  the installable file, in build/dist/
# make bundle one file that installs on a Raspberry Pi without internet, in build/dist/
# make engines  numpy and onnxruntime on all 10,000 validation images and 200 pages: the same bits
# make arm64  the bundle installed and proven in an emulated Raspberry Pi (Debian only)
# make arm32  the same with the 32-bit system, where numpy runs the models
# make arm64-bounds   the five worst pictures there, in a folder that is watched (docs/limits.md)
# make arm64-full   int8 and fp32 there on all 10,000 validation images (about an hour)
# make clients  Triton's client and schemathesis, in an environment of their own, ask a server
# make peers  edgemnist beside other runtimes, each in its own environment (about 6 GB)
# make clean  remove what the targets above made
#
# PIP_ARGS   goes to every pip install, e.g. to name a package index with a CPU-only torch
# EPOCHS     how long `make demo` trains; 20 is the full recipe

PYTHON ?= python3
VENV ?= .venv
PIP_ARGS ?=
EPOCHS ?= 2
COUNT ?= 100
SEED ?= 0

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO := build/demo
RELEASE := build/release
CLIENTS := build/clients

.PHONY: demo test faults fuzz clients data lint exports wheel bundle engines arm64 arm64-bounds arm32 arm64-full peers clean

demo: $(INSTALLED) data
	rm -rf $(DEMO)
	$(BIN)/edgemnist train --epochs $(EPOCHS) --out $(DEMO)
	$(BIN)/edgemnist export $(DEMO)/checkpoint.pt --quantize
	$(BIN)/edgemnist verify $(DEMO)/edgemnist-fp32.onnx
	$(BIN)/edgemnist verify $(DEMO)/edgemnist-int8.onnx
	$(BIN)/edgemnist infer docs/pictures/seven.jpg --model $(DEMO)/edgemnist-int8.onnx --top-k 3

test: $(INSTALLED) data
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not arm64" --numprocesses logical --dist loadfile --no-loadscope-reorder
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m arm64 # one emulated Raspberry Pi at a time: they share a root

faults: $(INSTALLED)
	$(BIN)/python tests/faults/campaign.py

fuzz: $(INSTALLED)
	OMP_NUM_THREADS=1 $(BIN)/python tests/faults/fuzz.py --count $(COUNT) --seed $(SEED)

data: $(INSTALLED)
	$(BIN)/python -m edgemnist.data

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

exports: $(INSTALLED) data
	rm -rf $(RELEASE)
	OMP_NUM_THREADS=1 $(BIN)/edgemnist train --out $(RELEASE) --seed 0 --float32
	cp $(RELEASE)/checkpoint.pt exports/edgemnist.pt
	OMP_NUM_THREADS=1 $(BIN)/edgemnist train --network finder --out $(RELEASE)/finder --seed 0 --float32
	cp $(RELEASE)/finder/checkpoint.pt exports/edgemnist-finder.pt
	$(BIN)/edgemnist export exports/edgemnist.pt --quantize > $(RELEASE)/report.txt
	$(BIN)/edgemnist export exports/edgemnist-finder.pt --quantize >> $(RELEASE)/report.txt
	mv $(RELEASE)/report.txt exports/report.txt
	cat exports/report.txt

wheel: $(INSTALLED)
	rm -rf build/dist
	$(BIN)/python -m pip wheel $(PIP_ARGS) --no-deps --wheel-dir build/dist .

bundle: wheel
	$(BIN)/edgemnist bundle --wheel build/dist/edgemnist-*.whl --out build/dist/edgemnist-pi.sh

engines: $(INSTALLED) data
	MNIST_IMAGES=10000 PAGES=200 $(BIN)/python -m pytest -s tests/export/test_engines.py -k onnxruntimes

arm64: bundle
	.ci/arm64

arm32: wheel
	$(BIN)/edgemnist bundle --target pi32 --wheel build/dist/edgemnist-*.whl --out build/dist/edgemnist-pi32.sh
	.ci/arm32

arm64-bounds: arm64
	PYTHON=$(BIN)/python tests/arm64/bounds.sh

arm64-full: arm64 data
	ARM64_IMAGES=10000 $(BIN)/python -m pytest -m arm64

clients: $(INSTALLED) $(CLIENTS)/.installed
	$(BIN)/python tests/serve/clients/campaign.py $(CLIENTS)

$(CLIENTS)/.installed: Makefile
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install $(PIP_ARGS) "tritonclient[http]" schemathesis numpy Pillow
	touch $@

peers: $(INSTALLED) data
	benchmarks/peers/environments.sh build/peers $(PIP_ARGS)
	$(BIN)/python benchmarks/compare_peers.py exports/edgemnist.pt build/peers
	$(BIN)/python benchmarks/compare_reading.py build/peers

clean:
	rm -rf build $(VENV) .mypy_cache .pytest_cache .ruff_cache

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(PIP_ARGS) --editable ".[dev]"
	touch $@
