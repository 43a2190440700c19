# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# network.sh - what --debian downloads: resumed after a break, told on a terminal, in apt's words where it fails; sourced by debian.sh

requests=$scratch/requests
python3 -u "$here/range_server.py" "$scratch/repo" "$requests" >"$scratch/range-port" 2>/dev/null &
server="$server $!"
until [ -s "$scratch/range-port" ]; do sleep 0.1; done
configure range "http://127.0.0.1:$(cat "$scratch/range-port")" 'Acquire::http::Proxy "false";'
debug_package=linux-image-$old-dbg_6.1.200-1_all.deb

# continued: the package was asked for at least twice, once from the middle.
continued() { [ "$(awk -v name="$debug_package" '$1 == name && $2 > 0 { n++ } END { print n + 0 }' "$requests")" = 1 ]; }

abi=$old
use broken
: >"$requests"
: >"$requests.break"
APT_CONFIG="$scratch/range.conf"
fetch $abi
[ "$status" = 3 ] && continued && tree $abi | cmp -s - "$scratch/$abi.tree"
verdict "a download that the server breaks off is continued" $?

for signal in INT TERM; do
	use broken
	: >"$requests"
	: >"$requests.slow"
	interrupt $signal "$debug_package" 1 -size +2000
	expected=$([ $signal = INT ] && echo 130 || echo 143)
	rm -f "$requests.slow"
	sound && continued && ! fetched downloading/"$debug_package"
	verdict "a download that SIG$signal ends is continued by the next run" $?
done

if command -v script >/dev/null; then
	use told
	: >"$requests.slow"
	status=0
	TERM=xterm script -qec "'$command' --debian $abi -o '$out' '$scratch/good.patch'" /dev/null >"$scratch/said" 2>&1 </dev/null || status=$?
	rm -f "$requests.slow"
	[ "$status" = 3 ] && grep -qE "downloading linux-image-$abi-dbg [1-9] of [0-9]+ MB, [0-9]+\.[0-9] MB/s, about [0-9]+ s left" "$scratch/said"
	verdict "a terminal shows how much is downloaded, and how fast" $?
else
	skip "a download on a terminal" "script(1) is missing"
fi

# A kernel of another suite: the machine's apt stays as it is, and is not asked again.
use elsewhere
echo "deb [trusted=yes] http://127.0.0.1:$(cat "$scratch/range-port") ./" >"$scratch/other.list"
APT_CONFIG="$scratch/nothing.conf"
KPATCH_BUILD_SOURCES=$scratch/other.list
fetch $abi
[ "$status" = 3 ] && says 'apt knows no such kernel here; reading the lists of http://127.0.0.1' && tree $abi | cmp -s - "$scratch/$abi.tree" && [ -z "$(ls "$scratch/nothing/lists" | grep Packages)" ] &&
	: >"$requests" && fetch $abi && [ "$status" = 3 ] && ! says 'reading the lists' && [ ! -s "$requests" ]
verdict "a kernel of a suite that the machine does not have" $?
fetch 6.1.0-98-test-amd64
[ "$status" = 1 ] && says "in the lists of this machine, nor in those of http://127.0.0.1:$(cat "$scratch/range-port")" && [ ! -e "$KPATCH_BUILD_DIR/debian/6.1.0-98-test-amd64/apt" ]
verdict "a kernel that no suite has, and no lists are left" $?

# suites ABI WANTED
suites() {
	found=$(bash -c '. "$1" && suites_of "$2"' - "$here/../../scripts/kpatch-build.d/debian.bash" "$1")
	[ "$found" = "$2" ] || { echo "$1: $found" >>"$scratch/said"; false; }
}
: >"$scratch/said"
suites 6.1.0-56-amd64 'bookworm bookworm-security' && suites 6.12.95+deb12-amd64 'bookworm-security bookworm-backports' && suites 6.12.90+deb12.1-cloud-amd64 'bookworm-security bookworm-backports' &&
	suites 7.2.12+deb13-amd64 'trixie trixie-security trixie-backports' && suites 7.2.13+deb14-amd64 'testing unstable' && suites 7.3-amd64 'testing unstable experimental'
verdict "which suites have a kernel, by its name" $?

use elsewhere-not
echo "deb [trusted=yes] http://127.0.0.1:1 ./" >"$scratch/other.list"
fetch $abi
[ "$status" = 1 ] && says 'error[no-package]: the lists of packages cannot be read' && says 'Connection refused' && says KPATCH_BUILD_SOURCES
verdict "a suite that cannot be had, in apt's words" $?
KPATCH_BUILD_SOURCES=/dev/null
APT_CONFIG="$scratch/range.conf"

use unreachable
kill "${server##* }"
wait "${server##* }" 2>/dev/null
server=${server% *}
fetch $abi
[ "$status" = 1 ] && says 'error[no-package]: cannot download `linux-headers-' && says 'Could not connect to 127.0.0.1' && says 'Connection refused'
verdict "a server that does not answer, in apt's words" $?
APT_CONFIG="$scratch/whole.conf"
