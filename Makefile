# Tollgate. One Makefile, no recursion. `make help` lists the targets.
#
# Variants never mix: everything built lands in build/$(V)/, V being debug, release, asan or cov.
# Each module of src/ is an archive. A unit test in test/unit/<module>/ links that module and the
# floors below it only, so an upward call fails to link.

V ?= debug
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
PREFIX ?= /usr/local
DESTDIR ?=

# VERBOSE=1 shows the commands.
Q := $(if $(VERBOSE),,@)

BUILD := build/$(V)
GEN := build/gen

# The modules in floor order, lowest first: FLOORPLAN says the same, tools/tidy compares the two.
FLOOR_0 := base
FLOOR_1 := codec http
FLOOR_2 := rating store usage
FLOOR_3 := identity
FLOOR_4 := catalog customer meter notify
FLOOR_5 := subscribe entitle credit gateway
FLOOR_6 := bill
FLOOR_7 := account
FLOOR_8 := api worker
FLOOR_9 := server cli agent
FLOORS := 0 1 2 3 4 5 6 7 8 9
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
OPT_cov := -O0 -g --coverage -DCOVERAGE

LIBS := libmicrohttpd sqlite3 icu-i18n icu-uc libzstd libxxhash libsodium libcurl zlib
PKG_CFLAGS := $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null)

CPPFLAGS += -Isrc -I$(GEN) -D_GNU_SOURCE $(PKG_CFLAGS)
CFLAGS_ALL := -std=gnu2x $(OPT_$(V)) -fPIE $(C_WARNINGS) $(CFLAGS)
CXXFLAGS_ALL := -std=c++17 $(OPT_$(V)) -fPIE $(WARNINGS) $(CXXFLAGS)
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
BELOW = $(foreach f,9 8 7 6 5 4 3 2 1 0,$(if $(shell [ $(f) -lt $(1) ] && echo y),$(call EXISTING,$(FLOOR_$(f)))))
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

.PHONY: unit
unit: $(UNIT_PROGRAMS)
	prove $(if $(MODULE),$(filter $(BUILD)/test/$(MODULE)/%,$(UNIT_PROGRAMS)),$(UNIT_PROGRAMS))

-include $(shell find build/$(V) -name '*.d' 2>/dev/null)
