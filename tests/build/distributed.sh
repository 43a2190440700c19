#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# distributed.sh BINDIR - kpatch-build with compilers elsewhere: two distccd on this machine, icecc between three, and ccache; what they make
# is what gcc alone makes
#
# On the kernel of tests/kernel/lab.sh ($LAB), in the work directory that check.sh prepares. Of each run the objects before and
# after are compared, and the module. distcc may compile nothing here itself. It sends text that is preprocessed, in which what macros
# brought stands in other columns; icecc adds options (-fdirectives-only, --param), which the compiler notes. Both are in debugging
# information alone, which is left out there. icecc's scheduler tells machines by their addresses: it gets three (machines.sh).
set -u

here=$(cd "$(dirname "$0")" && pwd)
suite=distributed
. "$here/on-lab.sh"
. "$here/machines.sh"
chmod 755 "$scratch" # distccd and iceccd run as other users
daemons=''
clean_up() {
	# shellcheck disable=SC2086 # their numbers
	[ -z "$daemons$machines" ] || kill $daemons $machines 2>/dev/null
	rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

units='fs/proc/cmdline fs/proc/version fs/proc/uptime fs/proc/loadavg'
for unit in $units; do
	sed '/_proc_show(struct seq_file/,/^}/s/^\treturn 0;/\tseq_puts(m, "patched ");\n&/' "$LAB/linux/$unit.c" >"$scratch/edited"
	diff -u --label "a/$unit.c" --label "b/$unit.c" "$LAB/linux/$unit.c" "$scratch/edited"
done >"$scratch/four.patch"

# An earlier run's objects would be taken as they are.
forget() {
	for unit in $units; do
		rm -f "$KPATCH_BUILD_DIR"/*/bld/"$unit.o"
	done
}

# compile_with COMPILER NAME: what was made of the patch, in $scratch/NAME
compile_with() {
	forget
	export CC="$1"
	build -k -j 4 -n four "$scratch/four.patch"
	unset CC
	kept=$(kept_dir)
	[ "$status" = 0 ] && [ -n "$kept" ] && mkdir "$scratch/$2" && cp -r "$kept/before" "$kept/after" "$out/livepatch-four.ko" "$scratch/$2" && rm -rf "$kept" || return
	find "$scratch/$2" -name '.*.cmd' -delete
	[ "$(find "$scratch/$2" -name '*.o' | wc -l)" = 8 ]
}

same_as_alone() { diff -r "$scratch/alone" "$scratch/$1" >>"$scratch/said" 2>&1; }

same_but_debugging() {
	rm -rf "$scratch/bare" && cp -r "$scratch/alone" "$scratch/bare" && find "$scratch/bare" "$scratch/$1" -name '*.o' -exec strip -g {} \; &&
		diff -r "$scratch/bare" "$scratch/$1" >>"$scratch/said" 2>&1
}

# start_daemon NUMBER: where nobody listens yet; its port in $port
start_daemon() {
	port=$((20000 + ($$ * 7 + $1 * 4001) % 30000))
	: >"$scratch/log.$1" && chmod 666 "$scratch/log.$1"
	distccd --daemon --no-detach --enable-tcp-insecure --listen 127.0.0.1 --port "$port" --allow 127.0.0.1 --jobs 2 --log-level info \
		--log-file "$scratch/log.$1" >>"$scratch/said" 2>&1 &
	daemons="$daemons $!"
}

compiled_by() { grep -c 'COMPILE_OK' "$scratch/log.$1"; }

with_distcc() {
	start_daemon 1
	hosts=127.0.0.1:$port/2
	start_daemon 2
	hosts="$hosts 127.0.0.1:$port/2"
	sleep 1
	DISTCC_HOSTS=$hosts DISTCC_FALLBACK=0 DISTCC_DIR=$scratch/state DISTCC_IO_TIMEOUT=120
	DISTCC_NO_REWRITE_CROSS=1 # under the same name it is the same compiler, and what was prepared for it serves
	mkdir "$DISTCC_DIR"
	export DISTCC_NO_REWRITE_CROSS DISTCC_HOSTS DISTCC_FALLBACK DISTCC_DIR DISTCC_IO_TIMEOUT
	compile_with 'distcc gcc-12' distcc && same_but_debugging distcc
	verdict "CC=\"distcc gcc-12\" makes what gcc-12 makes, but for columns in debugging information" $?
	echo "$(compiled_by 1) and $(compiled_by 2) units were compiled by the two" >"$scratch/said"
	[ "$(compiled_by 1)" -gt 0 ] && [ "$(compiled_by 2)" -gt 0 ] && [ $(($(compiled_by 1) + $(compiled_by 2))) -ge 8 ]
	verdict "both distccd compiled, and all units" $?
}

# start_iceccd NAME SCHEDULER [OPTION]: that machine's daemon; $scratch/NAME has its socket and its log
start_iceccd() {
	place=$scratch/$1
	mkdir "$place" && chown icecc "$place"
	become_on_machine "$1" env ICECC_TEST_SOCKET="$place/socket" iceccd -N "$1" -s "$2" -n elfdiff -b "$place/cache" -m 2 -vvv ${3:+"$3"} >"$place/log" 2>&1 &
	daemons="$daemons $!"
}

all_known() { [ "$(grep -c 'login [a-z]* protocol' "$scratch/scheduler")" = 3 ]; }

start_icecc() {
	start_machines here east west || return
	become_on_machine here icecc-scheduler -n elfdiff -vvv >"$scratch/scheduler" 2>&1 &
	daemons="$daemons $!"
	start_iceccd here 127.0.0.1 --no-remote
	start_iceccd east "$(address_towards east)"
	start_iceccd west "$(address_towards west)"
	tries=20
	until all_known; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { cat "$scratch/scheduler"; return 1; }
		sleep 1
	done
}

# How many of the four units, before and after, a machine has compiled so far, as its daemon tells (what prepares the work directory may be
# compiled there, too), and, as the scheduler does, of all three.
compiled_at() {
	awk '/remote compile for file .*\/fs\/proc\/(cmdline|version|uptime|loadavg)\.c$/ { unit[$1] }
		/Remote compilation completed with exit code 0$/ && $1 in unit { n++; delete unit[$1] }
		END { print n + 0 }' "$scratch/$1/log"
}
ended() {
	awk '$4 == "NEW" && /fs\/proc\/(cmdline|version|uptime|loadavg)\.c / { unit[$5] }
		$4 == "END" && $5 in unit && $6 == "status=0" { n++ }
		END { print n + 0 }' "$scratch/scheduler"
}

tell_icecc() { echo "east compiled $(compiled_at east), west $(compiled_at west), and all together $(ended)" >>"$scratch/said"; }

with_icecc() {
	start_icecc >"$scratch/said" 2>&1
	verdict "three machines with icecc" $? || return
	export ICECC_TEST_SOCKET="$scratch/here/socket" ICECC_PREFERRED_HOST=east
	within="on_machine here"
	compile_with 'icecc gcc-12' icecc && same_but_debugging icecc
	verdict "CC=\"icecc gcc-12\" makes what gcc-12 makes, but for options in debugging information" $?
	tell_icecc
	[ "$(compiled_at east)" = 8 ] && [ "$(compiled_at west)" = 0 ] && [ "$(ended)" = 8 ]
	verdict "all units were compiled by the machine that was asked for" $?
	unset ICECC_PREFERRED_HOST
	compile_with 'icecc gcc-12' shared && same_but_debugging shared
	verdict "icecc's scheduler may choose" $?
	within=''
	tell_icecc
	[ "$(ended)" = 16 ] && [ $(($(compiled_at east) + $(compiled_at west))) -gt 8 ]
	verdict "and chooses other machines, too" $?
}

hits() { ccache --print-stats | awk '$1 == "direct_cache_hit" || $1 == "preprocessed_cache_hit" { n += $2 } END { print n + 0 }'; }

with_ccache() {
	export CCACHE_DIR="$scratch/cache"
	compile_with 'ccache gcc-12' ccache && same_as_alone ccache
	verdict "CC=\"ccache gcc-12\" makes what gcc-12 makes" $?
	before=$(hits)
	compile_with 'ccache gcc-12' hits && same_as_alone hits && echo "$before hits, then $(hits)" >>"$scratch/said" && [ $(($(hits) - before)) -ge 8 ]
	verdict "and so does what it has kept" $?
}

: >"$scratch/start"
compile_with gcc-12 alone
verdict "four units by gcc-12" $?
if command -v distcc >/dev/null && command -v distccd >/dev/null; then with_distcc; else skip distcc "it is not installed"; fi
if ! command -v icecc >/dev/null || ! command -v icecc-scheduler >/dev/null; then
	skip icecc "it is not installed, and scripts/setup.sh leaves that to you: Debian's package starts a daemon that compiles for the network"
elif ! can_make_machines; then
	skip icecc "it takes several machines, which only root can make on one, with ip(8) and namespaces"
else
	with_icecc
fi
if command -v ccache >/dev/null; then with_ccache; else skip ccache "it is not installed"; fi
clean
verdict "the work directory is as it was" $?
tell_sum distributed
