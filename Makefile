# Tollgate. One Makefile, no recursion. `make help` lists the targets.
#
# Variants never mix: everything built lands in build/$(V)/, V being debug, release, asan or cov.
# Each module of src/ is an archive. A unit test in test/unit/<module>/ links that module and the
# floors below it only, so an upward call fails to link.

V ?= debug
JOBS ?= $(shell nproc)
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
PREFIX ?= /usr/local
DESTDIR ?=

# As many jobs as processors, unless told otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(JOBS)
endif

# VERBOSE=1 shows the commands.
Q := $(if $(VERBOSE),,@)

BUILD := build/$(V)
GEN := build/gen

# The modules in floor order, lowest first: FLOORPLAN says the same, tools/tidy compares the two.
FLOOR_0 := base
FLOOR_1 := codec http
FLOOR_2 := rating store usage
FLOOR_3 := identity rollup
FLOOR_4 := notify
FLOOR_5 := catalog customer meter
FLOOR_6 := subscribe entitle credit gateway
FLOOR_7 := bill
FLOOR_8 := account
FLOOR_9 := api worker
FLOOR_10 := server cli agent
FLOORS := 0 1 2 3 4 5 6 7 8 9 10
EXISTING = $(foreach m,$(1),$(if $(wildcard src/$(m)/*.c),$(m)))
MODULES := $(foreach f,$(FLOORS),$(call EXISTING,$(FLOOR_$(f))))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wundef -Wvla \
  -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2 -Wfloat-equal -Wdouble-promotion \
  -Wimplicit-fallthrough -Wswitch-enum -Wunused-macros -Werror
C_WARNINGS := $(WARNINGS) -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
ifeq ($(findstring clang,$(CC)),)
C_WARNINGS += -Wnull-dereference -Wduplicated-cond -Wduplicated-branches -Wlogical-op
else
# C23 lets the last "..." of a macro be empty; clang 14 still calls that an extension.
C_WARNINGS += -Wno-gnu-zero-variadic-macro-arguments
endif

OPT_debug := -O1 -g
OPT_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Without CHECK, what only a CHECK looks at is unused.
OPT_cov := -O0 -g --coverage -fprofile-update=atomic -DCOVERAGE -Wno-unused -Wno-unused-parameter -Wno-unused-macros

OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer -fno-sanitize=vptr

# Where the libraries are. The file is made by tools/deps, which installs what is missing; make then
# starts over with what it says. Targets that build nothing do not ask for it.
NO_BUILD := help clean deps uninstall
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),program)),)
include build/deps.mk
endif

build/deps.mk: tools/deps
	@mkdir -p build
	$(Q)tools/deps build
	$(Q)tools/deps --flags > $@

# What other targets need besides, asked for when they are made: build/deps.lint, build/deps.cov, …
build/deps.%: tools/deps
	@mkdir -p build
	$(Q)tools/deps $*
	@touch $@

CPPFLAGS += -Isrc -I$(GEN) -D_GNU_SOURCE $(PKG_CFLAGS)
CFLAGS_ALL := -std=gnu2x -fPIE $(C_WARNINGS) $(OPT_$(V)) $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 -fPIE $(WARNINGS) $(OPT_$(V)) $(CXXFLAGS)
LDFLAGS_ALL := $(OPT_$(V)) -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
LDLIBS := -lsimdjson -lgmp $(PKG_LIBS) -lstdc++ -lm -lpthread

# ---- modules ------------------------------------------------------------------------------

OBJECTS_OF = $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/$(1)/*.c)) \
  $(patsubst src/%.cc,$(BUILD)/%.o,$(wildcard src/$(1)/*.cc))
ARCHIVE_OF = $(BUILD)/lib$(1).a

# The generated headers reach an object through its .d file: stamp only has to come first.
$(BUILD)/%.o: src/%.c | $(GEN)/stamp
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: src/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $@"
	$(Q)$(CXX) $(CPPFLAGS) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

define MODULE_RULE
$(call ARCHIVE_OF,$(1)): $(call OBJECTS_OF,$(1))
	@rm -f $$@
	@echo "  AR    $$@"
	$(Q)ar rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call MODULE_RULE,$(m))))

# Archives that a module of floor f may see: itself, then the floors below, highest first.
FLOOR_OF = $(strip $(foreach f,$(FLOORS),$(if $(filter $(1),$(FLOOR_$(f))),$(f))))
BELOW = $(foreach f,10 9 8 7 6 5 4 3 2 1 0,$(if $(shell [ $(f) -lt $(1) ] && echo y),$(call EXISTING,$(FLOOR_$(f)))))
SEES = $(1) $(call BELOW,$(call FLOOR_OF,$(1)))

# ---- generated ----------------------------------------------------------------------------

SQL_FILES := $(wildcard sql/schema/*.sql sql/query/*.sql)

$(GEN)/stamp: tools/gen_sql $(SQL_FILES)
	@mkdir -p $(GEN)
	tools/gen_sql $(GEN) $(SQL_FILES)
	@touch $@

# Rewritten by the rule above only when their content changes.
$(GEN)/sql_names.h $(GEN)/sql_text.inc: $(GEN)/stamp ;

# ---- unit tests ---------------------------------------------------------------------------

UNIT_SOURCES := $(wildcard test/unit/*/test_*.c)
UNIT_PROGRAMS := $(patsubst test/unit/%.c,$(BUILD)/test/%,$(UNIT_SOURCES))

define UNIT_RULE
$(BUILD)/test/$(1)/%: test/unit/$(1)/%.c $(foreach m,$(call SEES,$(1)),$(call ARCHIVE_OF,$(m)))
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	$(Q)$(CC) $(CPPFLAGS) -Itest $(CFLAGS_ALL) -MMD -MP -o $$@ $$< $(LDFLAGS_ALL) \
	  $(foreach m,$(call SEES,$(1)),$(call ARCHIVE_OF,$(m))) $(LDLIBS)
endef
$(foreach m,$(MODULES),$(eval $(call UNIT_RULE,$(m))))

# ---- the program --------------------------------------------------------------------------

PROGRAM := $(BUILD)/tollgate
ARCHIVES := $(foreach f,10 9 8 7 6 5 4 3 2 1 0,$(foreach m,$(call EXISTING,$(FLOOR_$(f))),$(call ARCHIVE_OF,$(m))))

.DEFAULT_GOAL := program

.PHONY: program
program: $(PROGRAM) ## build build/$(V)/tollgate (the default)

$(BUILD)/main.o: src/main.c | $(GEN)/stamp
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(PROGRAM): $(BUILD)/main.o $(ARCHIVES)
	@echo "  LD    $@"
	$(Q)$(CC) -o $@ $< $(LDFLAGS_ALL) $(ARCHIVES) $(LDLIBS)

# ---- running ------------------------------------------------------------------------------

DATA ?= tollgate-data
LISTEN ?= 127.0.0.1:8888

# These work on the release build, whatever V says.
.PHONY: demo run bench openapi install
ifneq ($(V),release)
demo run bench openapi install:
	@$(MAKE) --no-print-directory V=release $@
else
demo: $(PROGRAM) ## install what is missing, build, bill 100,000 events, print the invoices
	demo/run $(PROGRAM)

run: $(PROGRAM) ## serve until Ctrl-C, from $(DATA) on $(LISTEN)
	exec $(PROGRAM) serve --data $(DATA) --listen $(LISTEN)

openapi: $(PROGRAM) ## write the OpenAPI documents of api/openapi anew from the program
	tools/openapi $(PROGRAM) api/openapi
endif

# ---- the demo's events --------------------------------------------------------------------

GENERATOR := $(BUILD)/demo/generate

$(GENERATOR): demo/generate.c $(call ARCHIVE_OF,codec) $(call ARCHIVE_OF,base)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -o $@ $< $(LDFLAGS_ALL) $(call ARCHIVE_OF,codec) \
	  $(call ARCHIVE_OF,base) $(LDLIBS)

.PHONY: demo-events
demo-events: $(GENERATOR) ## make demo/events.jsonl.gz and demo/expected.txt anew
	$(GENERATOR) | gzip -9n >demo/events.jsonl.gz
	$(GENERATOR) --expect >demo/expected.txt

# ---- fuzz targets -------------------------------------------------------------------------

# TARGET=json means test/fuzz/fuzz_json.c; without it all of them.
FUZZ_NAMES := $(or $(TARGET),$(patsubst test/fuzz/fuzz_%.c,%,$(wildcard test/fuzz/fuzz_*.c)))
FUZZ_SECONDS ?= 30
REPLAYS := $(FUZZ_NAMES:%=$(BUILD)/replay/fuzz_%)
FUZZERS := $(FUZZ_NAMES:%=$(BUILD)/fuzz_%)

# An ordinary test: what the corpus holds, put through the target once.
$(BUILD)/replay/%: test/fuzz/%.c test/lib/replay.c $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(CPPFLAGS) -Itest $(CFLAGS_ALL) -MMD -MP -c -o $@.target.o $<
	$(Q)$(CC) $(CPPFLAGS) -Itest $(CFLAGS_ALL) -MMD -MP -c -o $@.replay.o test/lib/replay.c
	$(Q)$(CC) -o $@ $@.target.o $@.replay.o $(LDFLAGS_ALL) $(ARCHIVES) $(LDLIBS)

# The target under libFuzzer, for V=fuzz only.
$(BUILD)/fuzz_%: test/fuzz/fuzz_%.c $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(CPPFLAGS) -Itest $(CFLAGS_ALL) -MMD -MP -o $@ $< -fsanitize=fuzzer $(LDFLAGS_ALL) \
	  $(ARCHIVES) $(LDLIBS)

.PHONY: fuzz
ifneq ($(V),fuzz)
fuzz: build/deps.fuzz
	@$(MAKE) --no-print-directory V=fuzz CC=clang-14 CXX=clang++-14 fuzz
else
fuzz: $(FUZZERS) ## fuzz each target for FUZZ_SECONDS (30), or the one of TARGET=name
	$(Q)test/fuzz/run $(BUILD) $(FUZZ_SECONDS) $(FUZZ_NAMES)
endif

# ---- the simulator ------------------------------------------------------------------------

# test/sim: the whole program in one process. http_finish is its own: it has no sockets.
SIM := $(BUILD)/sim
SIM_OBJECTS := $(patsubst test/sim/%.c,$(BUILD)/test/sim/%.o,$(wildcard test/sim/*.c))

$(SIM_OBJECTS): $(BUILD)/test/sim/%.o: test/sim/%.c | $(GEN)/stamp
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) -Itest $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(SIM): $(SIM_OBJECTS) $(ARCHIVES)
	@echo "  LD    $@"
	$(Q)$(CC) -o $@ $(SIM_OBJECTS) $(LDFLAGS_ALL) -Wl,--wrap=http_finish $(ARCHIVES) $(LDLIBS)

.PHONY: sim
SECONDS ?= 60
sim: $(SIM) ## simulate customers' years for SECONDS (60); SEED=n repeats a run
	$(Q)$(SANITIZER) SIM_SECONDS=$(SECONDS) $(SIM)

# ---- tests --------------------------------------------------------------------------------

UNIT_WANTED := $(if $(MODULE),$(filter $(BUILD)/test/$(MODULE)/%,$(UNIT_PROGRAMS)),$(UNIT_PROGRAMS))

# The long ones first, so that the processors stay busy to the end; and more at once than there are
# processors, as half of the time goes in waiting for the disk.
TEST_JOBS := $(shell echo $$((2 * $(JOBS))))
LONG_TESTS := $(SIM) $(BUILD)/test/usage/test_power $(BUILD)/test/usage/test_seal_faults
SCRIPTS := $(wildcard test/crash/*.t test/cli/*.t test/server/*.t test/api/*.api test/tools/*.t \
  test/doc/*.t test/demo/*.t)
ifneq ($(V),asan)
SCRIPTS := $(wildcard test/sdk/*.t) $(SCRIPTS)
endif

SANITIZER := ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

.PHONY: unit test asan
unit: $(UNIT_WANTED) ## build and run the unit tests, or those of MODULE=name
	$(Q)$(SANITIZER) test/run --jobs $(JOBS) $(UNIT_WANTED)

test: $(PROGRAM) $(GENERATOR) $(SIM) $(UNIT_PROGRAMS) $(REPLAYS) build/deps.test ## run every test there is
	$(Q)$(SANITIZER) SIM_SEED=20261121 TOLLGATE=$(PROGRAM) test/run --jobs $(TEST_JOBS) --counts $(BUILD)/counts \
	  $(LONG_TESTS) $(SCRIPTS) $(filter-out $(LONG_TESTS),$(UNIT_PROGRAMS)) $(REPLAYS)

asan: ## run the tests with address, leak and undefined behaviour checks
	@$(MAKE) --no-print-directory V=asan test

# The floors hold what the tests reach now; they go up, not down. Those of the money rules leave room
# only for the branches of a switch to values that its enum does not have.
COVERAGE_LINES := 95
COVERAGE_BRANCHES := 84
COVERAGE_BRANCHES_MONEY := 97
# Of the prices, every branch and every line: by the unit tests of the module alone. Left out are only
# branches that no input can take: those in the macros MUST and TEXT_ARG (a text without bytes), and a
# switch's to a value that its enum does not have; with the `break` that ends one.
GCOVR_PRICES = $(GCOVR) --filter src/rating/ --txt $(BUILD)/coverage-prices.txt \
  --exclude-branches-by-pattern '.*(MUST\(|TEXT_ARG\(|switch \().*' \
  --exclude-lines-by-pattern '.*(UNREACHABLE\(\);|_COUNT:|^        break;$$).*' \
  --fail-under-branch 100 --fail-under-line 100
GCOVR = gcovr --root . --object-directory $(BUILD) --exclude-throw-branches \
  --exclude-unreachable-branches --exclude-lines-by-pattern '.*(UNREACHABLE\(\);|_COUNT:).*' \
  --print-summary

.PHONY: cov cov-prices
ifneq ($(V),cov)
cov cov-prices: build/deps.cov
	@$(MAKE) --no-print-directory V=cov $@
else
PRICE_TESTS := $(filter $(BUILD)/test/rating/%,$(UNIT_PROGRAMS))

cov-prices: $(PRICE_TESTS) ## every branch of src/rating is reached by its own tests
	$(Q)find $(BUILD)/rating -name '*.gcda' -delete
	$(Q)test/run --jobs $(JOBS) $(PRICE_TESTS)
	$(Q)$(GCOVR_PRICES)

cov: $(PROGRAM) $(SIM) $(UNIT_PROGRAMS) $(REPLAYS) build/deps.test ## measure what the tests reach
	$(Q)find $(BUILD) -name '*.gcda' -delete
	$(Q)TOLLGATE=$(PROGRAM) test/run --jobs $(TEST_JOBS) --counts $(BUILD)/counts \
	  $(LONG_TESTS) $(SCRIPTS) $(filter-out $(LONG_TESTS),$(UNIT_PROGRAMS)) $(REPLAYS)
	$(Q)$(GCOVR_PRICES)
	$(Q)$(GCOVR) --filter src/rating/ --filter src/base/dec --txt $(BUILD)/coverage-money.txt \
	  --fail-under-branch $(COVERAGE_BRANCHES_MONEY)
	$(Q)$(GCOVR) --filter src/ --txt $(BUILD)/coverage.txt --html $(BUILD)/coverage.html \
	  --fail-under-line $(COVERAGE_LINES) --fail-under-branch $(COVERAGE_BRANCHES)
endif

# ---- lint ---------------------------------------------------------------------------------

# Each stands alone, but for the one that is a part of dec.h.
HEADERS := $(filter-out src/base/dec_short.h,$(wildcard src/*/*.h))
LINTED := $(wildcard src/*.c src/*/*.c)
C_FILES := $(HEADERS) $(LINTED) $(wildcard src/*/*.cc test/*/*.[ch] test/unit/*/*.[ch] \
  bench/*.[ch] bench/lib/*.[ch] demo/*.[ch])
SCRIPT_FILES := $(filter-out %.md,$(wildcard tools/* .ci/run demo/run $(filter-out %.c %.md bench/lib,$(wildcard bench/*)) test/run \
  test/*/run test/*/*.t))
PARSE := -std=gnu2x -D_GNU_SOURCE -Isrc -I$(GEN) $(PKG_CFLAGS)

.PHONY: lint lint-quick analyze
lint: lint-quick $(LINTED:%=build/lint/%.tidy) ## check the rules of the house, the format, and with clang-tidy

lint-quick: build/deps.lint $(GEN)/stamp ## the same without clang-tidy
	$(Q)tools/tidy
	$(Q)clang-format-14 --dry-run -Werror $(C_FILES)
	$(Q)gcc $(PARSE) $(filter-out -Wunused-macros -Wpedantic,$(C_WARNINGS)) -fsyntax-only -x c $(HEADERS)
	$(Q)for file in $(SCRIPT_FILES); do \
	  case $$(head -n 1 $$file) in \
	  *perl*) perl -c $$file 2>&1 | grep -v 'syntax OK$$' ;; \
	  *) bash -n $$file ;; \
	  esac; done; true

# How far the analyzer looks into each function. Its own limit, 225000, takes six times as long and has
# found nothing more here; try it now and then.
LINT_NODES := 40000

# One stamp a file, and the headers it was made with, so that only what changed is read again.
build/lint/%.tidy: % .clang-tidy | build/deps.lint $(GEN)/stamp
	@mkdir -p $(@D)
	@echo "  TIDY  $<"
	$(Q)clang-tidy-14 --quiet $< -- $(PARSE) \
	  -Xclang -analyzer-config -Xclang max-nodes=$(LINT_NODES) 2>$@.log || { cat $@.log; exit 1; }
	$(Q)gcc $(PARSE) -MM -MP -MT $@ -MF $@.d $<
	@touch $@

analyze: $(LINTED:%=build/lint/%.analyzed) ## look for leaks and misuse with gcc -fanalyzer

# Leaks behind a MUST and texts of length 0 without bytes are reported where there are none; the asan
# build looks for both.
build/lint/%.analyzed: % | $(GEN)/stamp
	@mkdir -p $(@D)
	@echo "  ANALYZE $<"
	$(Q)gcc $(PARSE) -O2 -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-null-argument -Werror \
	  -MMD -MP -MF $@.d -MT $@ -c -o /dev/null $<
	@touch $@

# ---- measuring ----------------------------------------------------------------------------

BENCHES := $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))
BENCH_LIB := $(patsubst bench/%.c,$(BUILD)/bench/%.o,$(wildcard bench/lib/*.c))

$(BENCH_LIB): $(BUILD)/bench/%.o: bench/%.c
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) -Ibench $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/bench/%: bench/%.c $(BENCH_LIB) $(ARCHIVES)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(CPPFLAGS) -Ibench $(CFLAGS_ALL) -MMD -MP -o $@ $< $(LDFLAGS_ALL) $(BENCH_LIB) $(ARCHIVES) \
	  $(LDLIBS)

ifeq ($(V),release)
bench: $(PROGRAM) $(BENCHES) build/deps.bench ## measure, beside peers; the figures go to bench/results.md
	$(Q)bench/run bench/results.md $(PROGRAM) $(BUILD)/bench
endif

# ---- installing ---------------------------------------------------------------------------

INSTALLED_BIN := $(DESTDIR)$(PREFIX)/bin/tollgate
INSTALLED_MAN := $(DESTDIR)$(PREFIX)/share/man/man1/tollgate.1
INSTALLED_BASH := $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tollgate
INSTALLED_ZSH := $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tollgate
INSTALLED_UNIT := $(DESTDIR)$(PREFIX)/lib/systemd/system/tollgate.service
INSTALLED_DOC := $(DESTDIR)$(PREFIX)/share/doc/tollgate

ifeq ($(V),release)
install: $(PROGRAM) ## install below PREFIX (/usr/local), or below DESTDIR for packaging
	install -D -s -m 755 $(PROGRAM) $(INSTALLED_BIN)
	install -d $(dir $(INSTALLED_MAN) $(INSTALLED_BASH) $(INSTALLED_ZSH) $(INSTALLED_UNIT))
	$(PROGRAM) man >$(INSTALLED_MAN)
	$(PROGRAM) completion bash >$(INSTALLED_BASH)
	$(PROGRAM) completion zsh >$(INSTALLED_ZSH)
	sed 's|/usr/local|$(PREFIX)|' deploy/tollgate.service >$(INSTALLED_UNIT)
	install -D -m 644 -t $(INSTALLED_DOC) LICENSE $(wildcard README.md)
endif

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(INSTALLED_BIN) $(INSTALLED_MAN) $(INSTALLED_BASH) $(INSTALLED_ZSH) $(INSTALLED_UNIT)
	rm -rf $(INSTALLED_DOC)

# ---- the rest -----------------------------------------------------------------------------

.PHONY: deps clean help
deps: ## install every Debian package that building and testing need
	tools/deps build test sdk lint fuzz cov

clean: ## remove everything that was built
	rm -rf build

help: ## print this list
	@echo "make [V=debug|release|asan|cov] [JOBS=n] [VERBOSE=1] TARGET"
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 14

-include $(shell find $(BUILD) build/lint -name '*.d' 2>/dev/null)
