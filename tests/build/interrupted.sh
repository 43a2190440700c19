# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# interrupted.sh - kpatch-build that a signal ends, wherever it is, and what the next run makes of what is left; sourced by check.sh

matches() { find "$KPATCH_BUILD_DIR" -mindepth 3 -maxdepth 3 -path "$1"; }

# interrupt SIGNAL WHEN: start in a process group of its own, as a terminal does, and signal it when the file appears; one that
# another run has left is none
interrupt() {
	empty_output
	matches "$2" >"$scratch/known"
	# A shell without a terminal has its background ignore SIGINT.
	env --default-signal=INT setsid "$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$out" \
		-n interrupted "$scratch/many.patch" >"$scratch/said" 2>&1 &
	group=$!
	tries=0
	until matches "$2" | grep -qvxFf "$scratch/known" || [ $tries -gt 3000 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	kill -s "$1" -- "-$group"
	wait "$group" 2>/dev/null
	status=$?
}

saved=$KPATCH_BUILD_DIR KPATCH_BUILD_DIR=$scratch/fresh
mkdir "$KPATCH_BUILD_DIR"
interrupt INT '*/bld/.config'
[ "$status" = 130 ] && says interrupted && clean && nothing_delivered
verdict "Ctrl-C while preparing" $?

# What an older kpatch-build linked, of which another wants more.
mkdir "$scratch/other" && cp -r "$here/../../scripts" "$scratch/other" && ln -s "$here/../../kmod" "$here/../../include" "$scratch/other"
echo '# another' >>"$scratch/other/scripts/kpatch-build.d/prepare.bash"
rm -f "$KPATCH_BUILD_DIR"/*/src/COPYING
this=$command command=$scratch/other/scripts/kpatch-build
interrupt INT '*/src/COPYING'
command=$this
[ -n "$(find "$KPATCH_BUILD_DIR" -path '*/src/COPYING')" ]
verdict "another kpatch-build links the source anew" $?
KPATCH_BUILD_DIR=$saved
rm -rf "$scratch/fresh"

for when in after diff 'kpatch-module.*'; do
	interrupt INT "*/run.*/$when"
	[ "$status" = 130 ] && says interrupted && clean && nothing_delivered
	verdict "Ctrl-C when there is $when" $?
done

interrupt KILL '*/run.*/after'
[ "$status" = 137 ] && [ -n "$(find "$KPATCH_BUILD_DIR" -maxdepth 2 -name dirty)" ]
verdict "killed with the source patched: a journal is left" $?
build -n resumed "$scratch/lines.patch"
[ "$status" = 3 ] && clean && build -n resumed "$scratch/many.patch" && [ "$status" = 0 ] && sound livepatch-resumed
verdict "the next run recovers" $?

# A compiler that outlives kpatch-build.
cat >"$scratch/slow-cc" <<END
#!/bin/sh
case "\$*" in *cmdline.c) : >"$scratch/slow"; sleep 4 ;; esac
exec gcc-12 "\$@"
END
chmod +x "$scratch/slow-cc"
CC="$scratch/slow-cc" "$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$out" "$scratch/second.patch" >/dev/null 2>&1 &
tries=0
until [ -e "$scratch/slow" ] || [ $tries -gt 600 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -s KILL $!
build -n resumed "$scratch/second.patch"
[ "$status" = 0 ] && says 'waiting  for another' && sound livepatch-resumed && clean
verdict "what a killed run left is in use while one of its programs runs" $?

# It may preprocess the patched source as well, and finish that once nobody waits for it.
: >"$scratch/slow"
cat >"$scratch/slow-cc" <<END
#!/bin/sh
case "\$*" in "-E "*/fs/proc/inode.c) echo >>"$scratch/slow"; [ "\$(wc -l <"$scratch/slow")" -lt 2 ] || sleep 4 ;; esac
exec gcc-12 "\$@"
END
CC="$scratch/slow-cc" "$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$out" "$scratch/macro.patch" >/dev/null 2>&1 &
tries=0
until [ "$(wc -l <"$scratch/slow")" -ge 2 ] || [ $tries -gt 2400 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -s KILL $!
within="env CC=$scratch/slow-cc"
build "$scratch/macro.patch"
within=''
[ "$status" = 0 ] && says '22 of them read the same text as before' && sound livepatch-macro && clean
verdict "texts that a killed run left are not taken for those of the source" $?
