# Plaza. `make` or `make help` explains every target.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# sudo often drops the folder where Go's own installer puts it.
export PATH := $(PATH):/usr/local/go/bin
# With a toolchain of its own, a checkout would download another compiler.
export GOTOOLCHAIN ?= local
GO ?= go

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0)
GOFLAGS_BUILD := -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'
STATIC := plazad plaza retaild
# Where dpathd's processor time goes, by which the compiler optimizes; not default.pgo, which tests and linters would compile by, too.
PROFILE := cmd/dpathd/cpu.pgo
# pacific: the librados of Debian 12 is that old, and builds for it work with newer clusters.
CEPH_TAGS := ceph pacific libvirt_dlopen
TOOL := $(GO) tool -modfile=tools/go.mod

# node_modules may hold Go files of others.
PACKAGES = $(shell $(GO) list ./... | grep -v /node_modules/)

PORTAL := $(wildcard portal/package.json)
# Not what its tests use and leave.
PORTAL_SOURCES := $(if $(PORTAL),$(shell find portal \( -name node_modules -o -name dist -o -name e2e -o -name screenshots \) -prune -o -type f ! -name '*.go' -print))
NODE := $(if $(PORTAL),$(shell command -v node))
NO_NODE := Node is missing: plazad is built without its portal; install Node 20 or newer, see https://nodejs.org

##@ Run

.PHONY: up
up: ## Bring the whole of it up on this machine: packages, build, images, plazad, agent, bundle retail (root)
	@deploy/local/up.sh

.PHONY: status
status: ## Tell what of it runs
	@deploy/local/status.sh

.PHONY: verify
verify: ## Check what `make up` brought up: servers, shop, dedicated path, self-healing (the bundle is left as it was)
	@deploy/local/check.sh

.PHONY: portal-walk
portal-walk: ## Walk the portal of what `make up` brought up, in Chromium: console, self-healing, deployment, dedicated path
	@deploy/local/portal.sh

.PHONY: down
down: ## Stop everything that `make up` started; data stay, and `make up` brings it back
	@deploy/local/down.sh

.PHONY: reset
reset: ## Stop it and forget all: guests, disks, networks, database, passwords
	@deploy/local/reset.sh

##@ Lab

.PHONY: lab
lab: build build-ceph ## Raise a cloud on this machine: OpenStack, Ceph, Ironic and Plaza on nodes of their own (root); LAB_PROFILE=small|ha
	@ansible/lab/up.sh

.PHONY: lab-status
lab-status: ## Tell how the lab is, and fail when something of it is amiss
	@ansible/lab/status.sh

.PHONY: lab-down
lab-down: ## End the lab; packages stay, so the next one is quick to raise
	@ansible/lab/down.sh

##@ Build

.PHONY: build
build: check-tools portal ## Build bin/plazad, plaza, plaza-agent, retaild and dpathd; only plaza-agent uses cgo
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build $(GOFLAGS_BUILD) -o bin/ $(STATIC:%=./cmd/%)
	CGO_ENABLED=0 $(GO) build $(GOFLAGS_BUILD) -pgo=$(PROFILE) -o bin/ ./cmd/dpathd
	CGO_ENABLED=1 $(GO) build $(GOFLAGS_BUILD) -o bin/ ./cmd/plaza-agent

# dlopen: a node of a Ceph cluster need not have libvirt.
.PHONY: build-ceph
build-ceph: check-tools ## Build bin/plaza-agent-ceph, the agent of Ceph nodes; needs the packages in deploy/packages-ceph.txt
	@mkdir -p bin
	@for header in rados/librados.h rbd/librbd.h; do \
	  echo "#include <$$header>" | cc -fsyntax-only -xc - 2>/dev/null || { echo "$$header is missing: apt-get install --no-install-recommends $$(grep -v '^#' deploy/packages-ceph.txt | xargs)" >&2; exit 1; }; \
	done
	CGO_ENABLED=1 $(GO) build $(GOFLAGS_BUILD) -tags '$(CEPH_TAGS)' -o bin/plaza-agent-ceph ./cmd/plaza-agent

MAN ?= build/man

.PHONY: man
man: check-tools ## Write the manual pages of plaza into MAN (build/man)
	$(GO) run $(GOFLAGS_BUILD) ./cmd/plaza man --dir $(MAN)

.PHONY: portal
portal: $(if $(NODE),portal/dist/index.html) ## Build the portal that plazad serves; without Node it is left out
	@$(if $(and $(PORTAL),$(if $(NODE),,missing)),echo "$(NO_NODE)",true)

ifneq ($(NODE),)
portal/dist/index.html: portal/node_modules/.package-lock.json $(PORTAL_SOURCES)
	cd portal && npm run build
	@touch $@

portal/node_modules/.package-lock.json: portal/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "The portal needs Node 20 or newer; see https://nodejs.org" >&2; exit 1; }
	# Not npm ci: it insists on packages for other platforms that are optional, and that not every registry has.
	cd portal && npm install --no-save --no-audit --no-fund
	@touch $@
endif

.PHONY: image
image: build ## Build the images plaza-appliance, debian-12 and plaza-deploy from Debian packages, once (root)
	images/build.sh --all

##@ Test

# Packages in parallel would only wait for each other: two cores are what there is.
# Never from the cache, which does not know of the programs that tests build themselves.
TEST_FLAGS ?= -count=1 -timeout 25m -p 2

# The longest first, so that none of them is left to run alone at the end; the two with most guests not beside each other.
SLOWEST = $(shell $(GO) list ./test/system ./test/surface ./pkg/kinds ./cmd/plaza-agent ./cmd/dpathd ./pkg/api ./agents/kvm)

.PHONY: test
test: check-tools portal ## Run every test that needs no lab, as root for those with libvirt; half an hour on two cores
	$(GO) test $(TEST_FLAGS) $(SLOWEST) $(filter-out $(SLOWEST) $(addsuffix /%,$(MEASURED)) $(MEASURED),$(PACKAGES))
	@$(MAKE) --no-print-directory cover
ifneq ($(NODE),)
	$(MAKE) --no-print-directory portal/node_modules/.package-lock.json
	cd portal && npm run --if-present test
endif

.PHONY: storm
storm: check-tools ## Let clients make, change and delete for ORDERS (10000) times through two plazads that are killed in turn, and count
	PLAZA_ORDERS=$(or $(ORDERS),10000) $(GO) test -count=1 -v -timeout 1h -run TestOrdersAreCountedUnderFire ./test/system

.PHONY: fuzz
fuzz: check-tools ## Ask a plazad whatever its OpenAPI document allows, and more, for FUZZ (10m)
	PLAZA_FUZZ=$(or $(FUZZ),10m) $(GO) test -count=1 -v -timeout 3h -run TestAnyRequestIsAnswered ./test/surface

LAB_DIR ?= /var/lib/plaza-lab

# The drivers' own tests: two packages at a time, as clouds make one wait.
LAB_DRIVERS := ./pkg/provider/openstack ./agents/ceph ./cmd/plaza-agent ./pkg/drift
LAB_DRIVER_TESTS := ^(TestLab|TestConformance$$|TestNoMonitors$$|TestStorageOverTheBus)

# What the tests of the lab are told of it.
IN_LAB = [[ -e $(LAB_DIR)/lab.env ]] || { echo "there is no lab in $(LAB_DIR): raise it with make lab" >&2; exit 1; }; \
	set -a; source $(LAB_DIR)/lab.env; set +a; \
	  export PLAZA_LAB=$(LAB_DIR) PLAZA_LAB_CLOUD=$(LAB_DIR)/clouds.yaml PLAZA_LAB_AMQP=$$LAB_AMQP_URL \
	    PLAZA_LAB_CEPH_CONF=$$LAB_CEPH_CONF PLAZA_LAB_CEPH_SHELL="$$PWD/ansible/lab/nodes ssh $$LAB_CEPH_NODE" \
	    PLAZA_LAB_RGW_ENDPOINT=$$LAB_RGW_URL PLAZA_LAB_RGW_ACCESS_KEY=$$LAB_RGW_ACCESS_KEY PLAZA_LAB_RGW_SECRET_KEY=$$LAB_RGW_SECRET_KEY;

.PHONY: lab-test
lab-test: check-tools ## Run the tests that need the lab, with its stock clients as witnesses; raise it first: make lab, make image
	$(IN_LAB) \
	  $(GO) test -v -count=1 -parallel 3 -timeout 2h ./test/lab | grep --line-buffered -v '^=== ' || failed=1; \
	  $(GO) test -v -count=1 -p 2 -parallel 3 -timeout 45m -tags '$(CEPH_TAGS)' -run '$(LAB_DRIVER_TESTS)' $(LAB_DRIVERS) | grep --line-buffered -v '^=== ' || failed=1; \
	  exit $${failed:-0}

.PHONY: lab-test-long
lab-test-long: check-tools ## Run those that take half an hour, with nothing else on the machine: from a blank machine to a host of servers
	@$(IN_LAB) PLAZA_LAB_LONG=yes $(GO) test -count=1 -v -timeout 90m -run TestMachineFromBlankToHost ./test/lab

.PHONY: screenshots
screenshots: build ## Take pictures of every page of the portal into portal/screenshots (needs Chromium)
	cd portal && npm run screenshots

RACE := ./pkg/bus/... ./pkg/dpath/... ./pkg/resource/... ./pkg/operation/... ./pkg/tenancy/... ./agents/agent/...

.PHONY: test-race
test-race: check-tools ## Run the tests of the packages with the most goroutines under the race detector
	CGO_ENABLED=1 $(GO) test -race $(TEST_FLAGS) $(RACE)

COVERED := pkg/resource pkg/operation pkg/dpath
COVERAGE := 85
MEASURED = $(addprefix $(shell $(GO) list -m)/,$(COVERED))

# Beside each other, as they wait for databases.
.PHONY: cover
cover: check-tools ## Test the kernel and dpath, tell how much of them the tests reach, and fail when that is below 85 %
	@mkdir -p build
	@measure() { \
	  profile=build/cover-$${1//\//-}.out; \
	  $(GO) test $(TEST_FLAGS) -coverpkg=./$$1 -coverprofile=$$profile ./$$1/... >$$profile.log || { cat $$profile.log; exit 1; }; \
	  share=$$($(GO) tool cover -func=$$profile | awk '/^total:/{print $$3+0}'); \
	  printf '%-16s %s %%\n' $$1 $$share; \
	  awk -v s=$$share 'BEGIN{exit s+0 < $(COVERAGE)}'; \
	}; \
	for package in $(COVERED); do measure $$package & all+=($$!); done; \
	for one in $${all[@]}; do wait $$one || failed=1; done; exit $${failed:-0}

.PHONY: image-test
image-test: image ## Boot both guest images under QEMU and try what they promise (minutes)
	$(GO) test -tags image -timeout 30m ./images/test

.PHONY: bench
bench: check-tools ## Measure what docs/bench.md tells: lists, applies, memory, start, time to a guest's first answer
	$(GO) run ./bench

.PHONY: profile
profile: check-tools ## Write anew the profile by which the compiler optimizes dpathd; on a quiet machine, after its way of calls was changed
	$(GO) run ./bench -profile-gateway $(PROFILE)

PARTS ?= create,outside,heat,list
comma := ,

.PHONY: bench-lab
bench-lab: check-tools ## Measure Plaza beside Nova, the openstack client and Heat in the lab; PARTS=create,outside,heat,list; needs make lab, make image
	@[[ '$(PARTS)' != *heat* ]] || ansible/lab/play ansible/lab/bench.yml
	$(GO) run ./bench -lab $(subst $(comma), ,$(PARTS))

##@ Check

.PHONY: lint
lint: check-tools lint-go lint-shell lint-ansible ## Run every linter

.PHONY: lint-go
lint-go: ## golangci-lint and gofmt; the first run builds the linter, which takes some minutes
	@unformatted=$$(gofmt -s -l $$(git ls-files '*.go')); [[ -z $$unformatted ]] || { echo "gofmt -s -w these: $$unformatted" >&2; exit 1; }
	$(TOOL) golangci-lint run

.PHONY: lint-shell
lint-shell: ## shellcheck, where it is installed
	@if command -v shellcheck >/dev/null; then shellcheck -x -P SCRIPTDIR deploy/local/*.sh images/*.sh .ci/run ansible/secrets.sh ansible/lab/{*.sh,nodes,play,metal}; else echo "shellcheck is not installed: scripts are not checked"; fi

.PHONY: lint-ansible
lint-ansible: ## ansible-lint and a syntax check, where they are installed
	@if command -v ansible-playbook >/dev/null; then cd ansible && for play in *.yml lab/lab.yml; do ansible-playbook -i inventories/example --syntax-check $$play >/dev/null; done; fi
	@if command -v ansible-lint >/dev/null; then cd ansible && ansible-lint --offline -q .; else echo "ansible-lint is not installed: roles are not checked"; fi

GENERATED := pkg

.PHONY: generate
generate: check-tools ## Write what is generated: OpenAPI document, client, the portal's types
	$(GO) generate ./pkg/...
ifneq ($(NODE),)
	$(MAKE) --no-print-directory portal/node_modules/.package-lock.json
	cd portal && npm run --if-present generate
endif

.PHONY: generate-check
generate-check: generate ## Generate anew and fail when a checked-in file was not what comes out
	git diff --exit-code --stat -- $(GENERATED) $(if $(PORTAL),portal/src)

##@ Other

.PHONY: clean
clean: ## Remove what was built, images and their cache included; `make reset` is about what runs
	rm -rf bin build
	find portal/dist -mindepth 1 ! -name .gitkeep -delete
	$(if $(PORTAL),rm -rf portal/node_modules)

.PHONY: check-tools
check-tools:
	@command -v $(GO) >/dev/null || { echo "Go is missing: unpack Go 1.26 or newer into /usr/local/go, see https://go.dev/dl" >&2; exit 1; }
	@have=$$($(GO) env GOVERSION); printf '%s\n' go1.26 "$$have" | sort -V -C || { echo "$$have is too old: Go 1.26 or newer is needed, see https://go.dev/dl" >&2; exit 1; }

.PHONY: help
help:
	@awk 'BEGIN {FS = ":.*## "; print "Plaza. The two to begin with: make up, make test"} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
