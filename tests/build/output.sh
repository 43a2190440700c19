# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# output.sh - what is said of a build, to people and to programs; sourced by check.sh

# reports EXPRESSION: the report of the last build is as its schema wants it, and so
reports() { python3 "$here/schema.py" "$scratch/report.json" "$1" >>"$scratch/said" 2>&1; }

empty_output
build -q "$scratch/built-in.patch"
[ "$status" = 0 ] && [ ! -s "$scratch/said" ] && sound livepatch-built-in && build -qd "$scratch/lines.patch" && [ "$status" = 3 ] && [ ! -s "$scratch/said" ] &&
	build -q "$scratch/data.patch" && [ "$status" = 2 ] && says 'error[data-changed]' && ! says diff
verdict "-q says nothing but what is wrong" $?

empty_output
build --dry-run -o "$scratch/nowhere" --json "$scratch/report.json" "$scratch/many.patch"
[ "$status" = 0 ] && says 'dry run, nothing written: ' && says 'patches vmlinux zram' && nothing_delivered && clean && reports "r['dry_run'] and r['output'] is None and
	[s['name'] for s in r['steps']] == ['check', 'prepare', 'compile', 'diff', 'link', 'finish'] and
	[(f['path'], f['kind'], f['units']) for f in r['files']] == [('drivers/block/zram/zram_drv.c', 'built', ['drivers/block/zram/zram_drv.o']), ('fs/proc/cmdline.c', 'built', ['fs/proc/cmdline.o'])] and
	[(u['object'], u['state']) for u in r['units']] == [('zram', 'changed'), ('vmlinux', 'changed')] and
	[f['name'] for u in r['comparison']['units'] for f in u['results']['functions']] == ['comp_algorithm_show', 'cmdline_proc_show'] and
	any(p['symbol'] == 'cmdline_proc_show' and p['file'] == 'fs/proc/cmdline.c' for p in r['places'])"
verdict "--dry-run, and its report" $?

build --json "$scratch/report.json" "$scratch/second.patch"
[ "$status" = 0 ] && sound livepatch-second && reports "r['status'] == 'ok' and r['output'].endswith('/livepatch-second.ko') and r['name'] == 'livepatch-second' and r['diagnostics'] == []"
verdict "--json of a module" $?

build --json "$scratch/report.json" "$scratch/header.patch"
[ "$status" = 0 ] && reports "[(f['kind'], len(f['units'])) for f in r['files']] == [('header', 3)] and len(r['units']) == 3"
verdict "--json of a header" $?

build --json "$scratch/report.json" "$scratch/data.patch"
[ "$status" = 2 ] && reports "r['status'] == 'refused' and any(d['id'] == 'data-changed' for u in r['comparison']['units'] for d in u['diagnostics'])" &&
	build --json "$scratch/report.json" "$scratch/assembler.patch" && [ "$status" = 2 ] &&
	reports "[d['id'] for d in r['diagnostics']] == ['assembler', 'build-changed', 'build-changed'] and r['comparison'] is None and {f['kind'] for f in r['files']} == {'refused'}"
verdict "--json of what is refused, in the comparison and before" $?

# create-diff-object refuses for the core what create-klp-module would; one that is not told of the core leaves it to that.
mkdir "$scratch/coreless"
ln -s "$bindir/create-klp-module" "$scratch/coreless"
cat >"$scratch/coreless/create-diff-object" <<END
#!/bin/bash
for word; do shift; [ "\$word" = --core ] || set -- "\$@" "\$word"; done
exec "$bindir/create-diff-object" "\$@"
END
chmod +x "$scratch/coreless/create-diff-object"
empty_output
within="env KPATCH_TOOLS=$scratch/coreless"
build --json "$scratch/report.json" --core kpatch "$here/../live/cases/static-key/version.patch"
within=''
[ "$status" = 2 ] && says 'error[late-special]: `__jump_table` uses `sched_schedstats`' && ! says run. && nothing_delivered &&
	reports "r['status'] == 'refused' and [(d['severity'], d['id'], 'sched_schedstats' in d['message'], 'module loader' in d['cause'], 'static_key_enabled' in d['hint'])
		for d in r['diagnostics']] == [('error', 'late-special', True, True, True)] and r['comparison']['status'] == 'ok'"
verdict "and by create-klp-module, for the core" $?

# The name of a patch has what JSON may not have as it is.
odd=$(printf '%s/a"b\\c\td\001.patch' "$scratch")
cp "$scratch/wrong.patch" "$odd"
build --json "$scratch/report.json" -n odd "$odd"
[ "$status" = 1 ] && says 'does not apply' && reports "r['status'] == 'error' and r['patches'] == ['$scratch/a\"b\\\\c\\td\\x01.patch'] and [d['id'] for d in r['diagnostics']] == ['does-not-apply']"
verdict "--json of an error" $?
rm -f "$odd"

status=0
"$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$out" -d --json - "$scratch/elsewhere.patch" >"$scratch/report.json" 2>"$scratch/said" || status=$?
[ "$status" = 3 ] && [ ! -s "$scratch/said" ] && reports "r['status'] == 'unchanged' and [f['kind'] for f in r['files']].count('ignored') == 2"
verdict "--json - is alone on standard output" $?

build --json "$scratch/nowhere/report.json" "$scratch/second.patch"
[ "$status" = 1 ] && says 'error[unwritable]' && ! says 'check ' && build --json "$scratch" "$scratch/second.patch" && [ "$status" = 1 ] && says 'error[unwritable]'
verdict "a report that cannot be written is known at once" $?

build --report "$scratch/page.html" "$scratch/initialiser.patch"
[ "$status" = 2 ] && for text in initialiser.patch init-changed 'and that to `null_fops`' drivers/char/mem.c '<svg' '</html>'; do grep -qF "$text" "$scratch/page.html" || status=missing; done && [ "$status" = 2 ] &&
	! grep -q 'run\.[A-Za-z]' "$scratch/page.html"
verdict "--report of what is refused names what changed, and no directory of the run" $?

build --report "$scratch/page.html" --json "$scratch/report.json" "$scratch/many.patch"
[ "$status" = 0 ] && reports "r['status'] == 'ok'" && grep -q 'livepatch-many.ko' "$scratch/page.html" && grep -q 'comp_algorithm_show' "$scratch/page.html" && grep -q 'fs/proc/cmdline.c:[0-9]' "$scratch/page.html"
verdict "--report of a module, beside --json" $?

rm -f "$scratch/page.html"
build --report "$scratch/page.html" "$scratch/wrong.patch"
[ "$status" = 1 ] && grep -q 'does-not-apply' "$scratch/page.html" && build --report "$scratch" "$scratch/many.patch" && [ "$status" = 1 ] && says 'error[unwritable]'
verdict "--report of an error; a page that cannot be written is known at once" $?

# unknown OPTION HINT: status 1, and what is to be done instead
unknown() { build "$1" "$scratch/two.patch" && [ "$status" = 1 ] && says 'error[usage]' && says "\`${1%%=*}\`" && says "$2"; }

unknown --dryrun 'did you mean `--dry-run`?' && unknown --jsno=x 'did you mean `--json`?' && unknown --skip-comp 'did you mean `--skip-compiler-check`?' &&
	unknown --frobnicate '  hint    see kpatch-build --help'
verdict "what an unknown option was meant to be" $?

unknown -t 'leave it out' && unknown --sourcerpm=x.rpm 'with -s' && unknown --oot-module=x.ko 'kmod/build.sh' && unknown --skip-gcc-check 'it is --skip-compiler-check' &&
	unknown -f '--explain' && build -tvmlinux "$scratch/two.patch" && says 'no option `-t` here'
verdict "options of other tools, by what does the same here" $?

"$command" --help >"$scratch/said" && [ "$(wc -l <"$scratch/said")" -le 50 ] && [ "$(wc -L <"$scratch/said")" -le 116 ]
verdict "--help fits a screen" $?

# on_terminal TERM OPTION...: with a terminal for standard output and standard error
on_terminal() {
	term=$1
	shift
	status=0
	TERM=$term CC="$scratch/sleepy-cc" script -qec "'$command' -s '$LAB/linux' -b '$LAB/bld' -v '$LAB/vmlinux' -M '$LAB/modules' -o '$out' $*" /dev/null >"$scratch/said" 2>&1 </dev/null || status=$?
}

if command -v script >/dev/null; then
	printf '#!/bin/sh\ncase "$*" in *cmdline.c | "-E "*/fs/proc/inode.c) sleep 5 ;; esac\nexec gcc-12 "$@"\n' >"$scratch/sleepy-cc"
	chmod +x "$scratch/sleepy-cc"
	erased=$(printf '\r\033[K')
	on_terminal xterm "$scratch/two.patch"
	[ "$status" = 0 ] && says "${erased}compile after 1 of 2 units, about " && says "${erased}finish" && sound livepatch-two
	verdict "a terminal shows how many units are compiled, and then no more" $?

	mkdir "$scratch/slow-make"
	printf '#!/bin/sh\ncase "$*" in *kbuild-list.mk*) sleep 1 ;; esac\nexec %s "$@"\n' "$(command -v make)" >"$scratch/slow-make/make"
	chmod +x "$scratch/slow-make/make"
	path=$PATH PATH=$scratch/slow-make:$PATH
	on_terminal xterm "$scratch/blank.patch"
	PATH=$path
	[ "$status" = 3 ] && grep -qE 'find units [0-9]+ of [0-9]+ candidates' "$scratch/said"
	verdict "and how many are asked for, of what may include a header" $?
	on_terminal xterm "$scratch/blank.patch"
	[ "$status" = 3 ] && grep -qF "${erased}preprocess before " "$scratch/said" && grep -qE 'preprocess after [0-9]+ of 24 units, about [0-9]+ s left' "$scratch/said"
	verdict "and how many are preprocessed, before and after" $?

	mkdir "$scratch/slow-find"
	printf '#!/bin/sh\ncase "$*" in *"-exec rm -rf"*) sleep 4 ;; esac\nexec %s "$@"\n' "$(command -v find)" >"$scratch/slow-find/find"
	chmod +x "$scratch/slow-find/find"
	saved=$KPATCH_BUILD_DIR KPATCH_BUILD_DIR=$scratch/fresh path=$PATH PATH=$scratch/slow-find:$PATH
	on_terminal xterm --clean
	KPATCH_BUILD_DIR=$saved PATH=$path
	[ "$status" = 0 ] && says "${erased}clean 3 s"
	verdict "and that a work directory is emptied" $?
	rm -rf "$scratch/fresh"

	# What shows progress begins as a copy of the shell, with its traps, and may be ended before it has its own.
	mkdir "$scratch/work"
	bash -c '. "$1/ui.bash"; . "$1/progress.bash"; shows_progress() { :; }; recover() { :; }; close_report() { :; }
		work=$2 logfile=$2/log step_name=step; : >"$logfile"; trap finish EXIT; trap "interrupted 143" TERM
		for _ in {1..300}; do run true && [ -d "$work" ] || exit; done' - "$here/../../scripts/kpatch-build.d" "$scratch/work" >"$scratch/said" 2>&1
	[ $? = 0 ] && [ ! -e "$scratch/work" ]
	verdict "what shows progress does not end the run" $?
	on_terminal dumb "$scratch/two.patch"
	[ "$status" = 0 ] && ! says ' of 2 units' && on_terminal xterm -q "$scratch/two.patch" && [ "$status" = 0 ] && [ ! -s "$scratch/said" ]
	verdict "a dumb terminal shows no progress, nor does -q" $?
	build "$scratch/blank.patch"
	[ "$status" = 3 ] && ! says "$(printf '\r')" && says 'preprocess 24 units that include changed files, before and after' &&
		build -k "$scratch/two.patch" && [ "$status" = 0 ] && ! says "$(printf '\r')"
	verdict "a file gets no progress" $?

	# create-diff-object itself counts in the form that kpatch-build reads; here it takes its time.
	kept=$(kept_dir)
	CREATE_DIFF_OBJECT_PROGRESS=1 "$bindir/create-diff-object" -n -k "$LAB/vmlinux" -s "$LAB/bld/Module.symvers" "$kept/before" "$kept/after" >/dev/null 2>"$scratch/said"
	printf '\r1 of 2\r2 of 2\r\033[K' | cmp -s - "$scratch/said"
	verdict "create-diff-object counts for whoever reads it" $?
	rm -rf "$kept"
	mkdir "$scratch/slow-tools" && ln -s "$bindir/create-klp-module" "$scratch/slow-tools"
	printf '#!/bin/sh\n[ -z "${CREATE_DIFF_OBJECT_PROGRESS:-}" ] || { printf "\\r1 of 2" >&2; sleep 5; }\nexec "%s" "$@"\n' "$bindir/create-diff-object" >"$scratch/slow-tools/create-diff-object"
	chmod +x "$scratch/slow-tools/create-diff-object"
	printf '#!/bin/sh\nexec gcc-12 "$@"\n' >"$scratch/sleepy-cc"
	KPATCH_TOOLS=$scratch/slow-tools
	on_terminal xterm "$scratch/two.patch"
	[ "$status" = 0 ] && says "${erased}diff 1 of 2 units, about " && sound livepatch-two && on_terminal xterm "$scratch/data.patch" && [ "$status" = 2 ] &&
		grep -q "^$(printf '\033')\[1;31merror\[data-changed\]" "$scratch/said"
	verdict "a terminal shows how many units are compared" $?
	KPATCH_TOOLS=$bindir
else
	skip "progress on a terminal" "script(1) is missing"
fi
