#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian.sh BINDIR - kpatch-build --debian: fetched once, whole or not at all, whatever happens meanwhile
#
# The packages are small ones made here by dpkg-deb, in the layouts of Debian 12 (lib/modules), 13 (usr/lib/modules, xz) and 14
# (linux-modules-ABI and linux-binary-ABI, an empty image; the debug vmlinux behind a link; headers with a vmlinux of no
# symbols), in repositories of which the machine's own apt is told by APT_CONFIG. The patch changes documentation:
# a run that came through, to where it would compile, ends with "nothing to do" (3). Needs no kernel and no network.
set -u

here=$(cd "$(dirname "$0")" && pwd)
bindir=$(cd "${1:?Usage: debian.sh BINDIR}" && pwd)
command=$here/../../scripts/kpatch-build
suite=debian
. "$here/../lib/begin.sh"
need apt-get apt-cache dpkg-deb gcc python3 xz
# Thousands of small files, many times: in memory where there is room.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 1000000 ]; then export TMPDIR=/dev/shm; fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/debian-1.XXXXXX") # a name like a version: nothing may be told by it
server=''
trap '[ -z "$server" ] || kill $server; ! mountpoint -q "$scratch/tiny" || umount "$scratch/tiny"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export KPATCH_TOOLS="$bindir" KPATCH_BUILD_NEED_MB=1 KPATCH_BUILD_SOURCES=/dev/null LC_ALL=C
unset MAKEFLAGS MFLAGS CC LLVM ARCH CROSS_COMPILE KPATCH_KMOD no_proxy http_proxy
out=$scratch/out
mkdir "$out"

. "$here/lib.sh"

# --- the packages

# many DIR SUFFIX: enough files to be interrupted among them
many() { mkdir -p "$1" && (cd "$1" && seq 1500 | sed 's/$/'"$2"'/' | xargs -n 300 sh -c 'for f; do echo "content of $f" >"$f"; done' -); }

# package NAME VERSION [FIELD]: of $scratch/tree, into the repository $repo
package() {
	mkdir -p "$scratch/tree/DEBIAN"
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: test <test@localhost>\nDescription: test\n%s' "$1" "$2" "${3:+$3
}" >"$scratch/tree/DEBIAN/control"
	dpkg-deb --root-owner-group -Zgzip -z1 -b "$scratch/tree" "$repo" >/dev/null
	rm -rf "$scratch/tree"
}

# A vmlinux of 20 MB with the banner.
vmlinux() {
	printf 'const char banner[] = "Linux version %s (test)";\nint room[5000000] = { 1 };\nint main(void) { return room[5]; }\n' "$1" >"$scratch/vmlinux.c"
	gcc -g -o "$2" "$scratch/vmlinux.c"
}

# A vmlinux as it is in headers, for the type information of modules: large, and without a symbol.
types_alone() {
	vmlinux "$1" "$2" && head -c 200000 /dev/zero >"$scratch/types" &&
		objcopy --add-section ".BTF=$scratch/types" "$2" && strip -s "$2"
}

# kernel ABI VERSION LINUX-VERSION LAYOUT
kernel() {
	abi=$1 version=$2 linux=$3 series=$(echo "$3" | cut -d. -f1-2)
	dir=$scratch/tree/usr/src/linux-headers-$abi
	many "$dir/include/config" .h
	mkdir -p "$dir/include/generated/uapi/linux"
	printf '# Linux/x86 %s Kernel Configuration\nCONFIG_CC_VERSION_TEXT="%s"\nCONFIG_LIVEPATCH=y\nCONFIG_MODULES=y\n' "$linux" "$(gcc --version | head -n 1)" >"$dir/.config"
	echo "$linux" | { IFS=. read -r a b c; printf '#define LINUX_VERSION_MAJOR %s\n#define LINUX_VERSION_PATCHLEVEL %s\n#define LINUX_VERSION_SUBLEVEL %s\n' "$a" "$b" "$c"; } >"$dir/include/generated/uapi/linux/version.h"
	echo "0x0 schedule vmlinux EXPORT_SYMBOL" >"$dir/Module.symvers"
	[ "$4" != 14 ] || types_alone "$abi" "$dir/vmlinux"
	package "linux-headers-$abi" "$version"

	mkdir -p "$scratch/tree/usr/src" "$scratch/linux-source-$series/Documentation" "$scratch/linux-source-$series/arch/x86"
	(cd "$scratch/linux-source-$series" && mkdir -p kernel/livepatch scripts && many fs/proc .c && touch kernel/livepatch/core.c scripts/Makefile.build arch/x86/Makefile &&
		echo text >Documentation/test.rst && echo "$linux" | { IFS=. read -r a b c; printf 'VERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = %s\nEXTRAVERSION =\n' "$a" "$b" "$c"; } >Makefile)
	tar -C "$scratch" -cf - "linux-source-$series" | xz -0 >"$scratch/tree/usr/src/linux-source-$series.tar.xz"
	rm -rf "$scratch/linux-source-$series"
	package "linux-source-$series" "$version"

	case $4 in
	12) many "$scratch/tree/lib/modules/$abi/kernel/fs" .ko && mkdir "$scratch/tree/boot" && echo image >"$scratch/tree/boot/vmlinuz-$abi" ;;
	none) mkdir -p "$scratch/tree/boot" ;;
	*) many "$scratch/tree/usr/lib/modules/$abi/kernel/fs" .ko.xz ;;
	esac
	[ "$4" != 14 ] || {
		package "linux-modules-$abi" "$version"
		mkdir -p "$scratch/tree/usr/lib/modules/$abi"
		echo image >"$scratch/tree/usr/lib/modules/$abi/vmlinuz"
		package "linux-binary-$abi" "$version"
		mkdir -p "$scratch/tree/usr/share/doc"
	}
	package "linux-image-$abi" "$version"

	mkdir -p "$scratch/tree/usr/lib/debug/boot"
	file=boot/vmlinux-$abi link=lib/modules/$abi/vmlinux
	[ "$4" != 14 ] || file=lib/modules/$abi/vmlinux link=boot/vmlinux-$abi
	mkdir -p "$scratch/tree/usr/lib/debug/lib/modules/$abi"
	vmlinux "$abi" "$scratch/tree/usr/lib/debug/$file"
	ln -s "/usr/lib/debug/$file" "$scratch/tree/usr/lib/debug/$link"
	head -c 6000000 /dev/urandom >"$scratch/tree/usr/lib/debug/rest"
	package "linux-image-$abi-dbg" "$version"
}

# What apt is told of a repository; `update` reads it.
index() {
	for file in "$1"/*.deb; do
		dpkg-deb -f "$file"
		printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${file##*/}" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -d' ' -f1)"
	done >"$1/Packages"
}

# configure NAME URI [LINE]: an apt of its own, $scratch/NAME.conf
configure() {
	mkdir -p "$scratch/$1/etc/apt.conf.d" "$scratch/$1/etc/sources.list.d" "$scratch/$1/etc/preferences.d" "$scratch/$1/lists/partial" "$scratch/$1/cache/archives/partial"
	[ -z "$2" ] || echo "deb [trusted=yes] $2 ./" >"$scratch/$1/etc/sources.list"
	cat >"$scratch/$1.conf" <<-END
		Dir::Etc "$scratch/$1/etc";
		Dir::State::lists "$scratch/$1/lists";
		Dir::Cache "$scratch/$1/cache";
		APT::Sandbox::User "root";
		${3:-}
	END
	APT_CONFIG="$scratch/$1.conf" apt-get -qq update >"$scratch/said" 2>&1 || { echo "FAIL apt-get update"; cat "$scratch/said"; }
}

repo=$scratch/repo
mkdir "$repo"
old=6.1.0-99-test-amd64 new=6.12.90+deb13-test-amd64 next=7.2.12+deb14-test-amd64 hollow=6.6.1-hollow-amd64
kernel $old 6.1.200-1 6.1.200 12
kernel $new 6.12.90-1 6.12.90 13
kernel $next 7.2.12-1 7.2.12 14
kernel $hollow 6.6.1-1 6.6.1 none
index "$repo"
configure whole "file:$repo"
configure nothing ''
python3 -u -m http.server --bind 127.0.0.1 -d "$repo" 0 >"$scratch/port" 2>/dev/null &
server=$!
until grep -q port "$scratch/port"; do sleep 0.1; done
configure slow "http://127.0.0.1:$(sed 's/.*port \([0-9]*\).*/\1/' "$scratch/port")" 'Acquire::http::Dl-Limit "2000"; Acquire::http::Proxy "false";'
export APT_CONFIG="$scratch/whole.conf"

printf -- '--- a/Documentation/test.rst\n+++ b/Documentation/test.rst\n@@ -1 +1,2 @@\n text\n+more\n' >"$scratch/good.patch"

# --- runs

use() { KPATCH_BUILD_DIR=$scratch/$1 && export KPATCH_BUILD_DIR; }

fetch() {
	status=0
	"$command" --debian "$@" -o "$out" "$scratch/good.patch" >"$scratch/said" 2>&1 || status=$?
}

# The content of what was fetched.
tree() { (cd "$KPATCH_BUILD_DIR/debian/$1" && find . -type f ! -name '*.log' ! -name '*lock' -exec cksum {} + | sort -k 3); }

fetched() { find "$KPATCH_BUILD_DIR/debian" -name "$1" 2>/dev/null | grep -q .; }

for abi in $old $new $next; do
	use "whole"
	fetch $abi
	tree $abi >"$scratch/$abi.tree"
	[ "$status" = 3 ] && says 'change no source' && [ "$(grep -c '/fs/[0-9]*\.ko' "$scratch/$abi.tree")" = 1500 ] && [ "$(grep -c '/fs/proc/[0-9]*\.c$' "$scratch/$abi.tree")" = 1500 ] &&
		grep -q "vmlinux-$abi\$" "$scratch/$abi.tree" && grep -q '/\.config$' "$scratch/$abi.tree" &&
		{ [ $abi = $new ] || [ "$(cat "$KPATCH_BUILD_DIR/debian/$abi"/*/modules/vmlinuz)" = image ]; }
	verdict "$abi is fetched" $?
	APT_CONFIG="$scratch/nothing.conf"
	fetch $abi
	APT_CONFIG="$scratch/whole.conf"
	[ "$status" = 3 ] && ! says downloading && tree $abi | cmp -s - "$scratch/$abi.tree"
	verdict "$abi is there, and apt is not asked" $?
done

# The symbols that kpatch-build finds in headers, by what is in them.
headers=$scratch/whole/debian/$next/7.2.12-1/headers/linux-headers-$next
nm "$scratch/whole/debian/$next/7.2.12-1/vmlinux/vmlinux-$next" >"$scratch/System.map"
find_symbols() {
	status=0
	"$command" -a "$next" -b "$headers" -s "$scratch/whole/debian/$next/7.2.12-1/source/linux-source-7.2" -o "$out" "$@" "$scratch/good.patch" >"$scratch/said" 2>&1 || status=$?
}
use symbols
find_symbols
[ "$status" = 1 ] && says 'error[no-symbols]' && says "linux-image-$next-dbg"
verdict "a vmlinux without symbols is none" $?
echo 'ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package' >"$headers/System.map"
find_symbols
[ "$status" = 1 ] && says 'error[no-symbols]'
verdict "nor is a System.map without addresses" $?
cp "$scratch/System.map" "$headers/System.map"
find_symbols
[ "$status" = 3 ] && grep -q "symbols $headers/System.map," "$KPATCH_BUILD_DIR/$next"-*/build.log
verdict "a small System.map with addresses is one, behind a vmlinux without symbols" $?
find_symbols -v "$headers/vmlinux"
[ "$status" = 1 ] && says 'error[no-addresses]' && says "$headers/vmlinux"
verdict "a vmlinux without symbols that is named is refused" $?
mkdir "$scratch/compilers"
printf '#!/bin/sh\necho "Debian clang version 77.0.1 (1)"\n' >"$scratch/compilers/clang-77"
chmod +x "$scratch/compilers/clang-77"
printf '# Linux/x86 7.2.12 Kernel Configuration\nCONFIG_CC_VERSION_TEXT="%s"\n' 'Debian clang version 77.0.1 (1)' >"$scratch/clang.config"
printf 'CONFIG_%s=y\n' CC_IS_CLANG LD_IS_LLD LIVEPATCH MODULES >>"$scratch/clang.config"
PATH="$scratch/compilers:$PATH" find_symbols -v "$scratch/System.map" -c "$scratch/clang.config"
[ "$status" = 3 ]
verdict "clang is the one of the configuration's version" $?
rm "$headers/System.map"

# try_interrupt SIGNAL PATTERN COUNT [FINDOPTION]...
try_interrupt() {
	rm -rf "$KPATCH_BUILD_DIR"
	# A shell without a terminal has its background ignore SIGINT.
	env --default-signal=INT setsid "$command" --debian "$abi" -o "$out" "$scratch/good.patch" >"$scratch/said" 2>&1 &
	group=$! signal=$1 pattern=$2 count=$3 tries=0
	shift 3
	until [ "$(find "$KPATCH_BUILD_DIR/debian" -name "$pattern" "$@" 2>/dev/null | wc -l)" -ge "$count" ] || [ $tries -gt 3000 ]; do
		sleep 0.01
		tries=$((tries + 1))
	done
	case $signal in
	TERM) kill -s TERM "$group" ;;
	*) kill -s "$signal" -- "-$group" ;;
	esac 2>/dev/null
	wait "$group" 2>/dev/null
	status=$?
}

# interrupt SIGNAL PATTERN COUNT [FINDOPTION]...: a first run, when so many files of this name are there. As a terminal does, to
# all of its programs, but for SIGTERM, which others send to it alone. What came too late is done again, and so is what meets a
# fault of bash 5.2: it cannot parse a trap while it parses a $(...), and ends with that error, which is rare.
interrupt() {
	for attempt in 1 2 3 4 5; do
		try_interrupt "$@"
		[ "$status" = 3 ] || says "unexpected EOF while looking for matching" || break
	done
}

# Ended as it should, and what the next run makes of it.
sound() {
	[ "$status" = "$expected" ] && { [ "$expected" = 137 ] || { says interrupted && ! fetched fetching; }; } || return 1
	fetch $abi
	[ "$status" = 3 ] && tree $abi >"$scratch/tree.now" || return 1
	cmp "$scratch/tree.now" "$scratch/$abi.tree" >>"$scratch/said" || {
		diff "$scratch/$abi.tree" "$scratch/tree.now" | sed 's/^/    /' >"$scratch/differs"
		{ wc -l <"$scratch/differs"; head -n 5 "$scratch/differs"; } >>"$scratch/said"
		return 1
	}
}

# interrupted ABI SIGNAL AT...: and the next run
interrupted() {
	abi=$1 signal=$2
	shift 2
	case $signal in KILL) expected=137 ;; TERM) expected=143 ;; INT) expected=130 ;; esac
	for at; do
		use cut
		set -f
		# shellcheck disable=SC2086 # words
		interrupt $signal $at
		set +f
		sound
		verdict "$abi: $signal at $at" $?
	done
}

interrupted $old INT '*.deb 1' '[0-9]*.h 100' 'Module.symvers 1' '[0-9]*.c 100' '[0-9]*.ko* 100' 'vmlinux-* 1' 'vmlinux-* 1 -size +2048'
interrupted $old KILL '[0-9]*.h 100' '[0-9]*.c 100' '[0-9]*.ko* 100' 'vmlinux-* 1 -size +2048'
interrupted $old TERM '[0-9]*.ko* 100' 'vmlinux-* 1'
interrupted $new INT '[0-9]*.ko* 100'
abi=$old

APT_CONFIG="$scratch/slow.conf"
interrupted $old INT "linux-image-$old-dbg_*.deb 1 -size +0"
APT_CONFIG="$scratch/whole.conf"

. "$here/network.sh"
. "$here/toolchain.sh"

use cut
interrupt INT '[0-9]*.ko*' 100
says "what is done stays in $KPATCH_BUILD_DIR/debian/$abi" && says '--clean=all'
verdict "where the leftovers are" $?

# A killed run's leftovers where nothing is missing for the next
interrupt KILL 'vmlinux-*' 1 -size +2048
sleep 1
fetched fetching && "$command" --debian $abi -v "$scratch/good.patch" "$scratch/good.patch" >"$scratch/said" 2>&1
! fetched fetching
verdict "leftovers are removed though nothing is missing" $?

rm -rf "$KPATCH_BUILD_DIR"
env --default-signal=INT "$command" --debian $abi -o "$out" "$scratch/good.patch" >"$scratch/first" 2>&1 &
first=$!
until fetched fetch.log; do sleep 0.01; done
fetch $abi
wait $first
[ $? = 3 ] && [ "$status" = 3 ] && says 'waiting  for another kpatch-build that fetches' && ! says downloading && tree $abi | cmp -s - "$scratch/$abi.tree"
verdict "two at once" $?

# apt's words: what it has not, and what is damaged

fetch 6.1.0-98-test-amd64
[ "$status" = 1 ] && says 'error[no-package]: apt knows no kernel `6.1.0-98-test-amd64`' && says 'Unable to locate package linux-image-6.1.0-98-test-amd64'
verdict "a kernel that apt does not know" $?
says 'snapshot.debian.org' && ! says 'did you mean' && fetch 6.1.0-99 && [ "$status" = 1 ] && says "did you mean one of \`$old\`?" && ! says "$new" &&
	fetch ${old}x && [ "$status" = 1 ] && says "did you mean one of \`$old\`?"
verdict "other flavours are offered, and no other versions" $?
fetch ../$abi
[ "$status" = 1 ] && says "error[usage]" && says "is no kernel of Debian" && fetch linux-image-$abi && [ "$status" = 1 ] && says 'without linux-image-'
verdict "what is no kernel at all" $?

use hollow
fetch $hollow
[ "$status" = 1 ] && says 'cannot unpack `linux-image-6.6.1-hollow-amd64`' && ! fetched modules && ! fetched fetching
verdict "an image without modules" $?

for damage in short other; do
	use $damage
	repo=$scratch/repo-$damage
	cp -r "$scratch/repo" "$repo"
	file=$repo/linux-image-${abi}_6.1.200-1_all.deb
	case $damage in
	short) truncate -s -5000 "$file" ;;
	other) printf x | dd of="$file" bs=1 seek=5000 conv=notrunc 2>/dev/null ;;
	esac
	configure $damage "file:$repo"
	APT_CONFIG="$scratch/$damage.conf"
	fetch $abi
	APT_CONFIG="$scratch/whole.conf"
	[ "$status" = 1 ] && says 'cannot download `linux-image-' && grep -qE 'Hash Sum mismatch|unexpected size' "$scratch/said" && ! fetched modules && fetched linux-source-6.1 && ! fetched fetching
	verdict "a damaged package ($damage)" $?
	fetch $abi
	[ "$status" = 3 ] && tree $abi | cmp -s - "$scratch/$abi.tree"
	verdict "a damaged package ($damage): the next run" $?
done

# The repository moves on while half of it is fetched.
use moved-cache
repo=$scratch/repo-moved
cp -r "$scratch/repo-short" "$repo"
configure moved "file:$repo"
APT_CONFIG="$scratch/moved.conf"
fetch $abi
rm "$repo"/*
kernel $abi 6.1.201-1 6.1.201 12
index "$repo"
configure moved "file:$repo"
fetch $abi
[ "$status" = 1 ] && says "apt has no \`linux-image-$abi\` of version 6.1.200-1" && says "it has 6.1.201-1" && says '--clean=all' && ! says downloading
verdict "two versions are not mixed" $?
fetch $abi --clean=all
[ "$status" = 3 ] && says "cleaning $KPATCH_BUILD_DIR/debian/$abi" && tree $abi | grep -q '6.1.201-1/vmlinux/' && ! fetched 6.1.200-1
verdict "--clean=all, and the other version" $?
APT_CONFIG="$scratch/whole.conf"

"$command" --debian $abi --clean >"$scratch/said" 2>&1
status=$?
[ "$status" = 0 ] && fetched linux-source-6.1 && [ -z "$(find "$KPATCH_BUILD_DIR/$abi"-* -name build.log -size +1)" ]
verdict "--clean keeps what was fetched" $?
"$command" --debian $abi --clean=all >"$scratch/said" 2>&1
[ $? = 0 ] && [ -z "$(find "$KPATCH_BUILD_DIR" -type f ! -name '*lock')" ] && says "cleaning $KPATCH_BUILD_DIR/$abi-" && ! says fetch
verdict "--clean=all removes everything" $?
"$command" --debian $abi --clean >"$scratch/said" 2>&1
[ $? = 0 ] && says 'nothing to clean' && ! fetched linux-source-6.1
verdict "--clean fetches nothing" $?
"$command" --debian $abi --clean=al >"$scratch/said" 2>&1
[ $? = 1 ] && says '`al` cannot be cleaned'
verdict "--clean=al" $?

# What can be known at once: before anything is fetched, or from the headers alone

use early
refused() {
	status=0
	"$command" --debian $abi -o "$out" "$@" >"$scratch/said" 2>&1 || status=$?
	[ "$status" = 1 ]
}
refused "$scratch/none.patch" && says 'cannot read' && [ ! -e "$KPATCH_BUILD_DIR" ]
verdict "a patch that does not exist" $?
echo hello >"$scratch/text.patch"
refused "$scratch/good.patch" "$scratch/text.patch" && says 'is no patch' && [ ! -e "$KPATCH_BUILD_DIR" ]
verdict "a text that is no patch" $?
sed 's/+1,2/+1,20/' "$scratch/good.patch" >"$scratch/cut.patch"
refused "$scratch/cut.patch" && says 'is damaged' && says 'unexpected end of file in patch' && [ ! -e "$KPATCH_BUILD_DIR" ]
verdict "a patch that is cut short" $?

printf '#!/bin/sh\n[ "$1" != --version ] || { echo "gcc (Other 1.2.3) 1.2.3"; exit; }\nexec gcc "$@"\n' >"$scratch/other-cc"
chmod +x "$scratch/other-cc"
export CC="$scratch/other-cc"
refused "$scratch/good.patch" && says 'the compiler differs' && fetched linux-headers-$abi && ! fetched linux-source-6.1 && ! fetched vmlinux
verdict "another compiler is known from the headers" $?
unset CC

use early-source
refused -s "$scratch/whole/debian/$new/6.12.90-1/source/linux-source-6.12" "$scratch/good.patch" && says 'is of another kernel' && says 6.12.90 && says "$abi is of 6.1" && ! fetched vmlinux
verdict "the source of another series is known from its version" $?
cp -r "$scratch/whole/debian/$abi/6.1.200-1/source/linux-source-6.1" "$scratch/near"
sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 199/' "$scratch/near/Makefile"
refused -s "$scratch/near" "$scratch/good.patch" && says 'it is Linux 6.1.199' && says 'of 6.1.200' && ! fetched vmlinux
verdict "the source of a version before" $?

# A full disk: before it is begun, and at each step

if [ "$(id -u)" = 0 ] && mkdir "$scratch/tiny" && mount -t tmpfs -o size=300k tmpfs "$scratch/tiny" 2>/dev/null; then
	use tiny
	KPATCH_BUILD_NEED_MB=0 fetch $abi
	[ "$status" = 1 ] && says 'the disk is too full' && says 'MB are needed' && ! says downloading
	verdict "no room is known before" $?
	for size in 1100k 5m 7m 11m 13m 18m 20m 22m http-22m 30m 40m 45m; do
		[ "${size#http-}" = "$size" ] || APT_CONFIG="$scratch/slow.conf"
		umount "$scratch/tiny" && mount -t tmpfs -o size="${size#http-}" tmpfs "$scratch/tiny"
		fetch $abi
		[ "$status" = 3 ] && echo "$size suffices" >>"$scratch/said"
		[ "$status" = 1 ] && says 'the disk is full' && ! fetched fetching
		verdict "a disk of $size" $?
		APT_CONFIG="$scratch/whole.conf"
		mount -o remount,size=100m "$scratch/tiny"
		fetch $abi
		[ "$status" = 3 ] && tree $abi | cmp -s - "$scratch/$abi.tree"
		verdict "a disk of $size: with more room" $?
	done
	umount "$scratch/tiny"
else
	skip "a full disk" "needs root and mount(2)"
fi

tell_sum debian
