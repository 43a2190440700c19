# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            the library and the commands, in $(O)
# make check      every test that needs no kernel source, with sanitizers
# make check-company  of `make check`: that what is linked with others has the outcome that it has alone
# make check-report  of `make check`: the pages of --report, in Chromium too where it is installed
# make check-kernel  real kernel objects (downloads Debian's linux-source-6.1)
# make check-audit  what differs in pairs of objects, by a comparison of its own, against what the tool says
# make check-mutation  the same for real objects with one thing changed: N=200, SEED=1
# make check-live  patches in running kernels, in QEMU (downloads Debian's kernels 6.1 and 6.12; KERNELS=5.10 that one); CASES="warn module";
#                 ARCH=s390x, ppc64el, arm64: in small kernels for these, which are built first
# make check-guest  kpatch in Debian's kernel, in QEMU: alone, and with Debian's systemd, before and after a reboot
# make check-history  what changed between two Debian kernels, as patches; HISTORY=6.12.115 is the older one, LIMIT=100 takes so many
# make check-docs  the commands of README and the manual pages, as they are written
# make check-ci   packaging/ci/Containerfile built by buildah, and a patch made and booted in what it makes
# make check-package  the packages of make deb and make rpm, made twice, and installed in a bare Debian
# make check-growth  that time grows as the input does
# make check-mutants  fixtures with single fields changed: every run ends, and no wrong object is written; N=20000, SEED=1
# make fuzz       fuzzers over the library for TIME=60 seconds in all; FUZZER=afl: AFL++ instead of libFuzzer
# make lint       what a reviewer would otherwise have to say
# make analyze    static analysers: gcc -fanalyzer, clang-tidy, cppcheck
# make bench      speed against floors: of a unit, a whole kernel, a build directory; see tests/bench/README. RUNS=9
# make bench-record  record the instruction counts that check-counts (of make check) compares with
# make fixtures   compile tests/fixtures/src anew
# make guide      put the table of ids and the examples into docs/guide.md
# make report-picture  docs/report.png, which README.md shows
# make golden-update  rewrite tests/golden from what the tools say now: review the diff
# make install DESTDIR= PREFIX=/usr/local  also LIBDIR (PREFIX/lib), MANDIR (PREFIX/share/man) and others, see below
# make uninstall  with the same variables
# make dist       $(O)/dist/elfdiff-VERSION.tar.gz of what is committed: the same bytes wherever it is made
# make deb        Debian packages of that tarball, in $(O)/deb
# make rpm        RPM packages of it, in $(O)/rpm
#
# HARDEN= builds without the checks that inputs from elsewhere make worth their time.
# V=1 shows commands, O=dir builds elsewhere, SAN=1 adds ASan and UBSan,
# WERROR=1 makes warnings errors.

VERSION := $(file < VERSION)
# An incompatible change of the library's interface is a new first number; all programs of one are served by one file.
SOVERSION := $(firstword $(subst ., ,$(VERSION)))
O ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
CC = gcc
PKG_CONFIG ?= pkg-config
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' '$(1)' '$(2)')


WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes $(if $(WERROR),-Werror)
CFLAGS ?= -O2 -g
comma := ,
san := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
# FUZZ: set by tests/fuzz/run.sh, together with a compiler that knows it
# Fortified functions need -O, and a sanitizer checks more than they do.
fortify := $(if $(SAN)$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN ?= $(fortify) -fstack-protector-strong
HARDEN_LD ?= -Wl,-z,relro,-z,now,-z,noexecstack
all_cflags = -std=c11 $(WARN) $(CFLAGS) $(HARDEN) $(san) $(if $(FUZZ),-fsanitize=fuzzer-no-link) -fPIC -fvisibility=hidden -D_GNU_SOURCE \
	-DELFDIFF_VERSION='"$(VERSION)"' -Iinclude -Ilib/elfdiff -Icommands $(packages_cflags)
packages := libelf libdw zlib
packages_cflags := $(shell $(PKG_CONFIG) --cflags $(packages) libxxhash)
# Debian 12 has no zydis.pc.
zydis := $(shell $(PKG_CONFIG) --libs zydis 2>/dev/null || echo -lZydis)
libs := $(shell $(PKG_CONFIG) --libs $(packages)) $(zydis)

# The disassembly in pages of --report is a command's: the library has no use for it. It is loaded where there is a page to make.
create-diff-object_libs := -ldl

lib_src := $(wildcard lib/elfdiff/*/*.c)
lib_obj := $(lib_src:%.c=$(O)/%.o)
commands := create-diff-object create-klp-module
unit_src := $(wildcard tests/unit/*.c)
units := $(unit_src:%.c=$(O)/%)
tool_src := $(wildcard tests/bench/*.c)
live_tools := $(patsubst %.c,$(O)/%,$(wildcard tests/live/*.c))
harnesses := $(addprefix $(O)/tests/fuzz/,diff check convert symbols symvers cache)
fuzz_src := $(wildcard tests/fuzz/*.c)
mutator := $(patsubst %,$(O)/tests/fuzz/%.o,mutator elf_mutate elf_pick elf_view mutate_groups mutate_names odd_number)
all_obj := $(lib_obj) $(foreach c,$(commands),$(patsubst %.c,$(O)/%.o,$(wildcard $c/*.c))) \
	$(patsubst %.c,$(O)/%.o,$(wildcard commands/*.c)) \
	$(unit_src:%.c=$(O)/%.o) $(tool_src:%.c=$(O)/%.o) $(live_tools:%=%.o) $(fuzz_src:%.c=$(O)/%.o)

scripts := kpatch-build kpatch-boot kpatch
completions := $(addprefix $(O)/completions/bash/,$(commands) $(scripts))

static := $(O)/libelfdiff.a
shared := $(O)/libelfdiff.so.$(VERSION)

.PHONY: all check check-counts bench-record check-unit check-fixtures check-input check-directory check-report check-company check-sandbox check-install check-runtime check-kmod check-parts check-boot check-build check-package check-ci check-docs check-growth check-kernel check-audit check-mutation check-mutants check-fuzz check-live check-guest check-history lint analyze bench fixtures guide report-picture golden-update install uninstall clean fuzz harnesses dist deb rpm force
.DELETE_ON_ERROR:
.SECONDARY:

all: $(static) $(shared) $(foreach c,$(commands),$(O)/bin/$c) $(completions)

$(O)/%.o: %.c Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

# Another commit is another content of this file, and only then it is written: an unchanged tree has nothing to build.
$(O)/commit: force
	@mkdir -p $(@D)
	@sh scripts/commit.sh > $@.new && { cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }

$(O)/commands/version.o: $(O)/commit
$(O)/commands/version.o: all_cflags += -DELFDIFF_COMMIT='"$(file < $(O)/commit)"'
$(all_obj): VERSION

$(static): $(lib_obj)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(shared): $(lib_obj) lib/elfdiff/libelfdiff.map
	$(call say,LD,$@)
	$(Q)$(CC) $(san) $(HARDEN_LD) $(LDFLAGS) -shared -Wl,-soname,libelfdiff.so.$(SOVERSION) \
		-Wl,--version-script=lib/elfdiff/libelfdiff.map -o $@ $(lib_obj) $(libs)
	$(Q)ln -sf $(@F) $(O)/libelfdiff.so.$(SOVERSION) && ln -sf $(@F) $(O)/libelfdiff.so

# What --explain-id prints
$(O)/commands/id_texts.c: docs/ids.txt scripts/ids.awk
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)awk -v form=c -f scripts/ids.awk $< > $@

$(O)/commands/id_texts.o: $(O)/commands/id_texts.c commands/explain_id.h Makefile
	$(call say,CC,$@)
	$(Q)$(CC) $(all_cflags) -c -o $@ $<

define command_rule
$(O)/bin/$(1): $(patsubst %.c,$(O)/%.o,$(wildcard $(1)/*.c commands/*.c)) $(O)/commands/id_texts.o $(static)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(san) -pie $$(HARDEN_LD) $$(LDFLAGS) -pthread -o $$@ $$^ $$(libs) $$($(1)_libs)
endef
$(foreach c,$(commands),$(eval $(call command_rule,$c)))

# Each makes those of the other shells, too.
$(addprefix $(O)/completions/bash/,$(commands)): $(O)/completions/bash/%: $(O)/bin/%
$(addprefix $(O)/completions/bash/,$(scripts)): $(O)/completions/bash/%: scripts/%
$(completions): $(wildcard completions/*)
	$(call say,GEN,$@)
	$(Q)sh completions/make.sh $(filter %/$(@F),$^) $(O)/completions

# Of the kernel's core, with what it takes of the kernel's headers in a form for user space.
$(O)/tests/unit/test_versions.o: all_cflags += -Itests/unit/kernel -Ikmod/core

$(O)/tests/unit/%: $(O)/tests/unit/%.o $(static)
	$(call say,LD,$@)
	$(Q)$(CC) $(san) $(LDFLAGS) -pthread -o $@ $^ $(libs) $(shell $(PKG_CONFIG) --libs cmocka)

$(O)/tests/bench/%: $(O)/tests/bench/%.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs libelf zlib)

$(O)/tests/live/%: $(O)/tests/live/%.o $(static)
	$(call say,LD,$@)
	$(Q)$(CC) $(san) $(LDFLAGS) -pthread -o $@ $^ $(libs)

# With FUZZ a fuzzer's main() and the mutator, without it one that replays files.
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(O)/tests/fuzz/common.o $(O)/tests/fuzz/pair.o \
		$(if $(FUZZ),$(mutator),$(O)/tests/fuzz/replay.o) $(static)
	$(call say,LD,$@)
	$(Q)$(CC) $(san) $(if $(FUZZ),-fsanitize=fuzzer) $(LDFLAGS) -o $@ $^ $(libs)

$(O)/tests/fuzz/mutator.so: $(mutator) $(O)/tests/fuzz/pair.o
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -shared -o $@ $^ -lz

harnesses: $(harnesses)

# Fixtures go through what check-company compares with sanitizers, too: it runs without.
check: check-unit check-fixtures check-input check-directory check-report $(if $(SAN),,check-company) check-sandbox check-install check-runtime check-kmod check-parts check-fuzz check-counts

check-fuzz: $(harnesses)
	$(Q)sh tests/fuzz/check.sh $(O)

# What is counted is what CFLAGS and the others say that it is: another build has no record.
counts = sh tests/bench/check.sh $(1) $(O)/bin '$(CC)' '$(strip $(CFLAGS) $(HARDEN) $(san))'

check-counts: all
	$(Q)$(call counts)

bench-record: all
	$(Q)$(call counts,--record)

check-mutants: all
	$(Q)sh tests/mutants/check.sh $(O)/bin

fuzz:
	$(Q)sh tests/fuzz/run.sh $(O)

check-unit: $(units)
	$(Q)sh tests/run-units.sh $(units)

check-fixtures: all
	$(Q)sh tests/fixtures/check.sh $(O)/bin
	$(Q)sh tests/fixtures/stubs.sh $(O)/bin
	$(Q)sh tests/fixtures/caches.sh $(O)/bin

$(O)/tests/input/fault.so: tests/input/fault.c Makefile
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(WARN) -O1 -fPIC -shared -D_GNU_SOURCE -o $@ $< -ldl

check-input: all $(O)/tests/input/fault.so
	$(Q)sh tests/input/check.sh $(O)/bin

check-directory: all
	$(Q)sh tests/directory/check.sh $(O)/bin

check-report: all
	$(Q)sh tests/report/check.sh $(O)/bin

report-picture: all
	$(Q)sh tests/report/check.sh --picture $(O)/bin

check-company: all
	$(Q)sh tests/company/check.sh $(O)/bin

check-sandbox: all
	$(Q)sh tests/sandbox/check.sh $(O)/bin

check-install: all
	$(Q)sh tests/install/check.sh $(O) '$(san)'

check-runtime:
	$(Q)sh tests/runtime/check.sh fake

check-kmod: all
	$(Q)sh tests/kmod/check.sh $(O)/bin

check-guest:
	$(Q)sh tests/runtime/check.sh guest

check-parts:
	$(Q)sh tests/parts/check.sh

check-boot: all
	$(Q)sh tests/boot/check.sh $(O)/bin

check-build: all
	$(Q)sh tests/build/debian.sh $(O)/bin
	$(Q)sh tests/build/check.sh $(O)/bin
	$(Q)sh tests/build/distributed.sh $(O)/bin

check-package:
	$(Q)sh tests/package/check.sh

check-ci:
	$(Q)sh tests/ci/check.sh

check-docs: all
	$(Q)sh tests/docs/check.sh $(O)

check-growth: all
	$(Q)sh tests/growth/check.sh $(O)/bin

check-kernel: all
	$(Q)sh tests/kernel/check.sh $(O)/bin

# Its packages are Debian's, and another python3 may stand before Debian's in PATH.
AUDIT_PYTHON = $(shell for p in python3 /usr/bin/python3; do $$p -c 'import capstone, elftools' 2>/dev/null && echo $$p -B && break; done)

check-audit: all
	$(Q)sh tests/audit/check.sh '$(AUDIT_PYTHON)' $(O)/bin

check-mutation: all
	$(Q)sh tests/audit/check.sh --mutation '$(AUDIT_PYTHON)' $(O)/bin

check-live: all $(live_tools)
	$(Q)sh tests/live/check.sh $(O)/bin $(CASES)

# Debian's archive keeps a version for some months: HISTORY names an older one of the cases/history that it has.
check-history: all
	$(Q)KERNELS='$(or $(HISTORY),6.12.115)' sh tests/live/check.sh $(O)/bin history

bench: all $(tool_src:%.c=$(O)/%)
	$(Q)sh tests/bench/bench.sh $(O)

fixtures:
	$(Q)sh tests/fixtures/build.sh

# Its last chapter and its examples stand elsewhere; lint holds it to them.
guide:
	$(Q)sh scripts/guide.sh

golden-update: all
	$(Q)sh tests/fixtures/check.sh --update $(O)/bin

# It holds the manual pages to what the commands say, if those are built: not to what they said before.
lint: $(if $(wildcard $(O)/bin/create-diff-object),all)
	$(Q)sh scripts/lint.sh

analyze:
	$(Q)O='$(O)' sh scripts/analyze.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include \
		$(DESTDIR)$(PREFIX)/share/kpatch
	install -m 755 $(foreach c,$(commands),$(O)/bin/$c) $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/sbin
	sed "s/^VERSION=.*/VERSION='$(VERSION) ($$(cat $(O)/commit))'/" scripts/kpatch > $(DESTDIR)$(PREFIX)/sbin/kpatch
	chmod 755 $(DESTDIR)$(PREFIX)/sbin/kpatch
	install -d $(DESTDIR)$(PREFIX)/libexec/kpatch
	install -m 644 scripts/kpatch.d/* $(DESTDIR)$(PREFIX)/libexec/kpatch
	install -m 755 scripts/kpatch-build scripts/kpatch-boot $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/libexec/kpatch-build/kmod
	install -m 644 scripts/kpatch-build.d/* $(DESTDIR)$(PREFIX)/libexec/kpatch-build
	install -m 644 kmod/patch.c kmod/patch.lds kmod/core-patch.c kmod/core-patch.lds kmod/leave.c kmod/leave.h kmod/redirect.c kmod/redirect.h kmod/klp-reference.h kmod/records.h kmod/task.h kmod/paths.sh kmod/changes.awk include/kpatch-patch.h include/kpatch.h $(DESTDIR)$(PREFIX)/libexec/kpatch-build/kmod
	install -d $(DESTDIR)$(PREFIX)/libexec/kpatch-build/kmod/core
	install -m 644 kmod/core/*.[ch] kmod/core/Kbuild $(DESTDIR)$(PREFIX)/libexec/kpatch-build/kmod/core
	install -m 755 kmod/build.sh $(DESTDIR)$(PREFIX)/libexec/kpatch-build/kmod
	install -m 644 $(static) $(DESTDIR)$(LIBDIR)
	install -m 755 $(shared) $(DESTDIR)$(LIBDIR)
	ln -sf libelfdiff.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libelfdiff.so.$(SOVERSION)
	ln -sf libelfdiff.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libelfdiff.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@PACKAGES@|$(packages)|' -e 's|@ZYDIS@|$(zydis)|' lib/elfdiff/libelfdiff.pc.in \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/libelfdiff.pc
	install -m 644 include/elfdiff.h include/kpatch-patch.h $(DESTDIR)$(PREFIX)/include
	install -m 644 include/kpatch-macros.h include/kpatch-syscall.h include/kpatch.h docs/report.schema.json docs/directory-report.schema.json docs/build-report.schema.json $(DESTDIR)$(PREFIX)/share/kpatch
	install -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	sed 's|@PREFIX@|$(PREFIX)|' packaging/kpatch.service.in > $(DESTDIR)$(UNITDIR)/kpatch.service
	install -m 644 $(O)/completions/bash/* $(DESTDIR)$(BASHDIR)
	install -m 644 $(O)/completions/zsh/* $(DESTDIR)$(ZSHDIR)
	install -m 644 $(O)/completions/fish/* $(DESTDIR)$(FISHDIR)
	for page in man/*.[1-8]; do \
		install -D -m 644 -t $(DESTDIR)$(MANDIR)/man$${page##*.} $$page || exit; \
	done

# What `install` puts down, with the same variables, is what goes: there is no list of it.
uninstall: all
	$(Q)root='$(if $(DESTDIR),$(abspath $(DESTDIR)))' && staging=$$(mktemp -d) && trap 'rm -rf "$$staging"' EXIT && \
	$(MAKE) -s --no-print-directory DESTDIR="$$staging" install && cd "$$staging" && \
	find . ! -type d | while read -r file; do rm -f "$$root/$$file" || exit; done && \
	find . -depth -type d -path '*/kpatch*' | while read -r dir; do \
		[ ! -d "$$root/$$dir" ] || rmdir --ignore-fail-on-non-empty "$$root/$$dir" || exit; done

dist:
	$(Q)sh scripts/dist.sh $(O)/dist

deb rpm:
	$(Q)sh scripts/package.sh $@ $(O)/$@

clean:
	rm -rf $(O)

-include $(all_obj:.o=.d)
