# `make serve` and `make test` are all a fresh machine needs; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

MODEL ?=
HOST ?= 127.0.0.1
PORT ?= 8000
DEVICE ?=
ARGS ?=
STATIC ?=

# Everything is built in release, in one folder, with one set of flags: SwiftPM compiles a dependency
# anew for every change of them. A statically linked binary therefore has a folder of its own.
BUILD := .build
BUILD_FLAGS := -c release
ifeq ($(STATIC),1)
BUILD := .build-static
BUILD_FLAGS += --static-swift-stdlib
endif
PUMICE := $(BUILD)/release/pumice

# A real GPU is used by the system's own driver; without one the newest lavapipe there is.
GPU_NODES := $(wildcard /dev/dri/renderD* /dev/nvidia[0-9]* /dev/dxg)
RUN = $(if $(filter gpu,$(DEVICE))$(if $(filter cpu,$(DEVICE)),,$(GPU_NODES)),,.toolchain/bin/vkrun)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18
	echo
	echo '  variables: MODEL=file.gguf HOST=$(HOST) PORT=$(PORT) DEVICE=gpu ARGS="--flags of pumice"'
	echo '             STATIC=1 links the Swift runtime into the binary'

.PHONY: deps
deps: ## install what is missing; newer compiler and driver into .toolchain
	@Scripts/deps

.PHONY: build
build: deps ## build the binary: .build/release/pumice
	@Scripts/swift-build $(BUILD_FLAGS) --scratch-path $(BUILD) --product pumice

.PHONY: serve
serve: build ## build, fetch the demo model, and serve it on port 8000
	@model='$(MODEL)'
	[[ -n $$model ]] || model=$$(Scripts/fetch-model)
	exec $(RUN) $(PUMICE) serve --model "$$model" --host $(HOST) --port $(PORT) \
		$(if $(DEVICE),--device $(DEVICE)) $(ARGS)

.PHONY: test
test: deps ## set up and run every test
	@Scripts/test

.PHONY: bench
bench: build ## measure prompt and generation speed on this machine
	@model='$(MODEL)'
	[[ -n $$model ]] || model=$$(Scripts/fetch-model)
	exec $(RUN) $(PUMICE) bench --model "$$model" $(if $(DEVICE),--device $(DEVICE)) $(ARGS)

.PHONY: image
image: deps ## build the container images localhost/pumice:…-nvidia and …-universal
	@Scripts/image

.PHONY: chart
chart: deps ## write the helm chart's README from its values, and check the chart
	@Scripts/chart readme
	PUMICE_TESTS='^chart' Scripts/test

.PHONY: format
format: ## format the Swift sources
	@swift format format -i -p -r Package.swift Sources Tests

.PHONY: lint
lint: ## check the format of the Swift sources, and the scripts
	@Scripts/lint

.PHONY: clean
clean: ## remove what was built; .toolchain and .models stay
	@rm -rf .build .build-static
