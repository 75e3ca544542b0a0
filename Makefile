# Scrip: build, run and test. `make help` lists what can be asked for.
#
# No source file is named here: a new lib/x.c, cgi-bin/x.c, tests/unit/x.c or
# tests/*/x.test.js is found by where it lies. Everything made goes to build/
# (BUILD=dir: elsewhere; VARIANT=asan: build/asan, with the sanitizers), data
# to SCRIP_HOME (var). V=1 shows the commands whole.
#
# What Debian has and this machine lacks is installed when we are root;
# anybody else is told the command, and nothing is done. Nothing else is ever
# downloaded for running; the tests also use npm, inside tests/ alone.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j2
endif

# ------------------------------------------------------------- packages
RUN_PACKAGES := gcc libc6-dev make \
    libfcgi-dev libcurl4-openssl-dev libcjson-dev libsodium-dev \
    libsqlite3-dev \
    nginx spawn-fcgi multiwatch curl ca-certificates tzdata

TEST_PACKAGES := perl sqlite3 clang-format chromium-headless-shell git \
    apache2-bin libapache2-mod-fcgid lighttpd fcgiwrap \
    $(if $(shell command -v node),,nodejs) \
    $(if $(shell command -v npm),,npm)

# For the tarball of static programs alone.
DIST_PACKAGES := dpkg-dev binutils libssl-dev libc-ares-dev xz-utils \
    $(if $(shell command -v npm),,npm)

# $(call need,PACKAGES): there they are, or are installed, or we stop here.
define need
	@have=$$(dpkg-query -W -f '$${Package}=$${db:Status-Status}\n' $(1) \
	    2>/dev/null); \
	missing=; \
	for p in $(1); do case " "$$have" " in \
	    *[!a-z0-9.+-]$$p=installed[!a-z0-9.+-]*) ;; \
	    *) missing="$$missing $$p" ;; esac; done; \
	test -z "$$missing" && exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
	    echo "installing:$$missing"; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get -q update && \
	    apt-get -q -y --no-install-recommends install $$missing; \
	else \
	    echo "Some Debian packages are missing. As root, please run"; \
	    echo; echo "    apt-get update && apt-get install$$missing"; \
	    echo; echo "and try again. Nothing was done."; exit 1; \
	fi >&2
endef

# ---------------------------------------------------------------- flags
VARIANT ?= release
BUILD ?= build
archives := $(BUILD)/libraries
CC := gcc

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
    -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
    -Wimplicit-fallthrough -Wbidi-chars=any -Werror
# -iquote, not -I: <limits.h> must stay the system's.
CPPFLAGS = -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE \
    -iquote lib -iquote $(B)/gen
CFLAGS := -std=c11 -g $(WARN) -fPIE -pthread \
    -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
    -ffile-prefix-map=$(CURDIR)=.
LDFLAGS := -pie -pthread -Wl,--as-needed \
    -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodlopen
LDLIBS := -lfcgi -lcurl -lcjson -lsodium -lsqlite3 -lpthread -lm

ifeq ($(VARIANT),release)
B := $(BUILD)
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
CFLAGS += -O2 -fstack-protector-strong -fstack-clash-protection \
    -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr \
    $(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full)
else ifeq ($(VARIANT),asan)
B := $(BUILD)/asan
CFLAGS += -O1 -fsanitize=address,undefined -fno-omit-frame-pointer \
    -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(VARIANT),static)
# One file that runs on any Linux of this machine's kind, whatever C library
# it has or lacks: for hosts where nothing can be installed.
B := $(BUILD)/static
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -isystem $(archives)/include
CFLAGS += -O2 -fstack-protector-strong -ftrivial-auto-var-init=zero \
    -ffunction-sections -fdata-sections
LDFLAGS := -static-pie -pthread -Wl,--gc-sections -Wl,--strip-all \
    -Wl,-z,relro,-z,now,-z,noexecstack
LDLIBS := $(addprefix $(archives)/,libcurl.a libcjson.a libsqlite3.a) \
    -lfcgi -lsodium -lcares -lssl -lcrypto -lpthread -lm
else
$(error VARIANT is release, asan or static, not "$(VARIANT)")
endif

# ------------------------------------------------ what there is to build
objects = $(patsubst %.c,$(B)/obj/%.o,$(sort $(1)))

scrip_o   := $(call objects,$(wildcard lib/*.c)) $(B)/obj/gen/ledger_sql.o
sandbox_o := $(call objects,$(wildcard lib/sandbox/*.c)) \
    $(B)/obj/gen/sandbox_sql.o
command_o := $(call objects,$(wildcard bin/*.c))
programs  := $(patsubst %.c,$(B)/%,$(sort $(wildcard cgi-bin/*.c)))
units     := $(patsubst tests/%.c,$(B)/%,\
    $(sort $(wildcard tests/unit/*.c tests/fault/*.c)))
# The simulation is one program of several files.
sim_o     := $(call objects,$(wildcard tests/sim/*.c))
sim       := $(if $(sim_o),$(B)/sim/ledger)
rules     := $(addprefix $(B)/hosting/,htaccess lighttpd.conf fcgiwrap.conf)
generated := $(foreach s,ledger sandbox,$(B)/gen/$(s)_sql.h)

.PHONY: all help units run start stop test format clean need-run need-test
all: $(programs) $(B)/scrip $(rules)
units: $(units) $(sim)

help:
	@echo 'make          build the site'
	@echo 'make run      build it and run it here; Ctrl-C ends it'
	@echo 'make start    the same in the background; make stop ends it'
	@echo 'make test     every test; make test T=word: those named so'
	@echo 'make units VARIANT=asan   the C tests alone, into build/asan/unit'
	@echo 'make dist     a tarball of static programs for shared hosting;'
	@echo '              make dist-test tries it where there is nothing else'
	@echo 'make format   lay out the C sources;  make clean: remove build/'

need-run:
	$(call need,$(RUN_PACKAGES))
need-test: | need-run
	$(call need,$(TEST_PACKAGES))

# -------------------------------------------------------------- building
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '%-5s %s\n' '$(1)' '$(2)')

define compile
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
endef
$(B)/obj/%.o: %.c Makefile | need-run $(generated)
	$(compile)
$(B)/obj/gen/%.o: $(B)/gen/%.c Makefile | need-run
	$(compile)

$(B)/obj/tests/%.o: CPPFLAGS += -iquote tests

$(B)/libscrip.a: $(scrip_o)
$(B)/libsandbox.a: $(sandbox_o)
$(B)/libscrip.a $(B)/libsandbox.a:
	$(call say,ar,$@)
	@rm -f $@
	$(Q)ar rcsD $@ $^

# Programs load only what they call (--as-needed): libcurl is not in all. A
# running site finds the old program or the new one, never a part.
define link
	@mkdir -p $(@D)
	$(call say,link,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@.new $(filter %.o,$^) \
	    $(filter %/libsandbox.a,$^) $(filter %/libscrip.a,$^) $(LDLIBS)
	@mv -f $@.new $@
endef
$(B)/cgi-bin/sandbox: $(B)/libsandbox.a
# A program with many actions has the further ones in a folder of its name.
.SECONDEXPANSION:
$(B)/cgi-bin/%: $(B)/obj/cgi-bin/%.o \
    $$(call objects,$$(wildcard cgi-bin/$$*/*.c)) $(B)/libscrip.a
	$(link)
$(B)/scrip: $(command_o) $(B)/libscrip.a
	$(link)
$(units): $(B)/%: $(B)/obj/tests/%.o $(B)/libsandbox.a $(B)/libscrip.a
	$(link)

$(B)/sim/ledger: $(sim_o) $(B)/libscrip.a
	$(link)

# SQL becomes C: an enum of the queries, their texts, the migrations.
ledger_in  := $(sort $(wildcard sql/queries/*.sql) $(wildcard sql/*.sql)) \
    $(sort $(wildcard sql/sqlite/*.sql))
sandbox_in := $(sort $(wildcard lib/sandbox/*.sql))
ledger_prefix := Q
sandbox_prefix := SQ
define embed
$(B)/gen/$(1)_sql.c $(B)/gen/$(1)_sql.h &: \
    sql/embed.awk $$($(1)_in) | need-run
	$$(call say,sql,$(1))
	@mkdir -p $$(@D)
	$$(Q)awk -v set=$(1) -v prefix=$$($(1)_prefix) \
	    -v out=$(B)/gen/$(1)_sql -f sql/embed.awk $$($(1)_in)
endef
$(foreach s,ledger sandbox,$(eval $(call embed,$(s))))

# The addresses of site.conf for other web servers.
server_of = $(or $(if $(findstring htaccess,$(1)),apache),$(basename $(1)))
$(rules): $(B)/hosting/%: nginx/hosting/rules.awk nginx/site.conf \
    nginx/headers.conf Makefile
	$(call say,rules,$*)
	@mkdir -p $(@D)
	$(Q)awk -v server=$(call server_of,$*) -f $< nginx/headers.conf \
	    nginx/site.conf >$@

.SECONDARY:
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ------------------------------------------------------ for other machines
VERSION := $(shell cat VERSION)

.PHONY: dist dist-test dist-libraries
release := $(BUILD)/scrip-$(VERSION)

# Kept between builds, for it takes minutes.
dist-libraries: | need-run
	$(call need,$(DIST_PACKAGES))
	nginx/hosting/libraries '$(archives)'
# What is ours is built anew: nothing in it is of a build that was broken off,
# or of a source that is no longer there.
dist: dist-libraries
	rm -rf '$(BUILD)/static' '$(release)' '$(release)-x86_64.tar.gz'
	$(MAKE) VARIANT=static all
	nginx/hosting/package '$(BUILD)/static' '$(release)' '$(archives)'
	@sha256sum '$(release)-x86_64.tar.gz'
# What only static programs show: their curl keeps net.h's promises, and the
# tarball works where there is nothing else.
dist-test: dist | need-test
	$(MAKE) VARIANT=static '$(BUILD)/static/unit/net'
	prove --exec tests/run '$(BUILD)/static/unit/net'
	tests/servers/empty-root '$(release)-x86_64.tar.gz'

# --------------------------------------------------------------- running
run: all
	@exec nginx/run foreground
start: all
	@exec nginx/run start
stop:
	@exec nginx/run stop

# --------------------------------------------------------------- testing
# One prove over everything: C programs (with the sanitizers) and the *.test.js
# of tests/*/, two at a time in the order of tests/order.yml. T=word keeps the
# files whose path has it. Why something failed is said again at the end.
failures := $(abspath $(BUILD))/failures.txt
all_tests = $(patsubst tests/%.c,$(BUILD)/asan/%,\
        $(sort $(wildcard tests/unit/*.c tests/fault/*.c))) \
    $(patsubst $(B)/%,$(BUILD)/asan/%,$(sim)) \
    $(sort $(wildcard tests/*/*.test.js))
tests = $(if $(T),$(foreach f,$(all_tests),$(if $(findstring $(T),$(f)),$(f))),\
    $(all_tests))

test: need-test tests/node_modules/.package-lock.json all
	$(if $(strip $(tests)),,$(error no test is named like "$(T)"))
	$(MAKE) VARIANT=asan all units
	@rm -f '$(failures)'
	HARNESS_RULESFILE=tests/order.yml SCRIP_BUILD='$(abspath $(BUILD))/asan' \
	    SCRIP_FAILURES='$(failures)' \
	    prove --exec tests/run -j2 --timer $(tests) || \
	    { tail -n 60 '$(failures)' 2>/dev/null; exit 1; }

tests/node_modules/.package-lock.json: tests/package-lock.json | need-test
	cd tests && npm ci --no-audit --no-fund
	@touch $@

format: | need-test
	clang-format -i $(wildcard */*.[ch] */*/*.[ch])

clean:
	rm -rf $(BUILD)
