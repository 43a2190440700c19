#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [CASE]... - patches of the kernel's source, built by kpatch-build, in running kernels
#
# A case is a directory of cases/: NAME.patch becomes livepatch-NAME.ko, for kernel 6.12 from NAME.6.12.patch where there is
# one, for 7.2 from NAME.7.2.patch or that one, and check.sh runs in a guest (QEMU, the stock Debian kernel) that has them. Its head says, in lines `# key: value`:
#
#   proves:      what a failure means
#   ships:       modules of the distribution, with those that they depend on, for insert_module
#   no-replace:  patches that are to add to others instead of replacing them
#   for-core:    patches that are built for kmod/core, though the kernel has livepatch
#   options:     more options of kpatch-build
#   foreign:     patches that are built for another series
#   allowed:     a pattern of lines in the kernel's log that are no fault
#   taint:       a number: bits of the kernel's taint that are no fault
#   corpus:      a list of functions instead of patches (corpus.py); check.sh finds the modules' names in /lib/list
#   history:     a newer series: patches are what changed up to its source (history.py, history.sh); /lib/list has lines
#                `NAME MODULE...`, and the modules that they patch are shipped
#   at-least:    how many in a hundred of them must have become modules
#   seconds:     how long the guest may take (600)
#   processors:  how many the guest has (2)
#   kernels:     the series that the case is for
#   sample:      the series of which the case is in the sample (SAMPLE)
#   skip-6.12:   why the case cannot run on that series; skip-small-s390x, -small on such kernels (below), -other on other
#                processors than x86, -core on kernels without CONFIG_LIVEPATCH
#   only:        the kind of kernel that the case is for: core, of kernels without CONFIG_LIVEPATCH
#   needs:       options that the kernel must have, without CONFIG_; lacks: such as it must not have
#   refused:     a pattern: the patches must be refused, with a message that has it; no guest runs
#   way:         out-of-tree: not kpatch-build, but out-of-tree.sh makes the modules
#   also:        drop-in: a second time, with modules that drop-in.sh makes in the way of other pipelines
#
# helper.c in a case is compiled to /helper. prepare.sh LAB BINDIR MODULES runs when the directory has all modules that the guest
# gets, and may make others of them. Labs are made by tests/kernel/lab.sh: $LAB for 6.1, $LAB-6.12 for 6.12, and so on;
# what kpatch-build prepares stays in them. The kernels are tested side by side, one processor for each; KERNELS="6.1" takes
# one, and KERNELS=5.10 another that is not among those by default.
# Without CONFIG_LIVEPATCH are KERNELS=small-amd64 and small-unlisted, and Debian's own for other architectures, such as KERNELS=6.12-arm64: there kmod/core is
# what is tested.
# ARCH="s390x ppc64el arm64" takes small kernels for these, KERNELS=small-clang one by Clang with kCFI: they are built once, in minutes
# (tests/kernel/machine.sh). A patch for one is NAME.small-s390x.patch, or that for its series.
# SAMPLE="6.12" takes of that series only the cases of its sample.
# LIMIT=50 takes 50 functions of a corpus, spread over the list; VERBOSE=1 shows guests' consoles; KEEP=1 keeps the work directory.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bindir=$(cd "${1:?Usage: check.sh BINDIR [CASE]...}" && pwd)
shift
cases=$*
[ -z "${ARCH:-}" ] || KERNELS=$(echo "$ARCH" | sed 's/[^ ][^ ]*/small-&/g')
KERNELS=${KERNELS:-6.1 6.12}
LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-lab}
work=$(mktemp -d "${TMPDIR:-/tmp}/live.XXXXXX")
unset MAKEFLAGS MFLAGS CC LLVM ARCH CROSS_COMPILE KPATCH_KMOD
. "$here/../kernel/arch.sh"
. "$here/../kernel/machine.sh"
. "$here/history.sh"
export KPATCH_TOOLS="$bindir" LC_ALL=C
workers='' child=''
exec 3>&1 # what a case says is shown at its end; how far it is, at once

finish() {
	if [ -n "${KEEP:-}" ]; then echo "live: kept $work"; else rm -rf "$work"; fi
}
stop() {
	# shellcheck disable=SC2086 # process numbers
	[ -z "$workers" ] || kill $workers 2>/dev/null
	wait
	exit 130
}
trap finish EXIT
trap stop INT TERM

result() { # ok|FAIL|SKIPPED NAME REASON
	printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$work/results"
	echo "$1 $2${3:+: $3}"
}

progress() { echo "live: $label: $*" >&3; }

# A program that ends with its worker.
attended() {
	"$@" &
	child=$!
	wait "$child"
}

key() { sed -n "s/^# $1: *//p" "$dir/check.sh"; }
# Debian's name of a stock kernel's architecture: 6.12-arm64 is one for that, 6.12 for this.
debian_of() { case $1 in [0-9]*-*) echo "${1#*-}" ;; *) echo amd64 ;; esac; }
# A guest of Debian's own kernel, as describe tells of others.
stock() { # KERNEL
	case $(debian_of "$1") in
	arm64) triple=aarch64-linux-gnu qemu='qemu-system-aarch64 -M virt -cpu max' console=ttyAMA0 ;;
	s390x) triple=s390x-linux-gnu qemu=qemu-system-s390x console=ttysclp0 ;;
	*) triple=x86_64-linux-gnu qemu='qemu-system-x86_64 -cpu max' console=ttyS0 ;;
	esac
	tools="${qemu%% *} $triple-gcc-12"
}
lab_of() { case $1 in 6.1) echo "$LAB" ;; *) echo "$LAB-$1" ;; esac; }
is_among() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

missing_tool() {
	# scripts/setup.sh live installs them.
	for tool in qemu-system-x86_64 gcc-12 cpio python3 make patch flex bison modinfo xz; do
		command -v "$tool" >/dev/null || { echo "$tool is missing (scripts/setup.sh live)"; return; }
	done
	[ -x /bin/busybox ] || { echo "busybox-static is missing (scripts/setup.sh live)"; return; }
	for kernel in $KERNELS; do
		describe "$kernel" || stock "$kernel"
		for tool in $tools; do
			command -v "$tool" >/dev/null || { echo "$tool is missing (scripts/setup.sh more)"; return; }
		done
	done
}

series_of() { if describe "$1"; then echo "$series"; else echo "${1%%-*}"; fi; }

# By which words cases say that they cannot run on a kernel
kinds_of() { # KERNEL
	echo "$1"
	grep -qx CONFIG_LIVEPATCH=y "$(lab_of "$1")/bld/.config" || echo core
	[ "$(debian_of "$1")" = amd64 ] || echo other
	describe "$1" || return 0
	echo small
	[ "$arch" = x86_64 ] || echo other
}

# Why a case cannot run, or nothing
obstacle() { # KERNEL
	for kind in $(kinds_of "$1"); do
		key "skip-$kind"
	done
	[ -z "$(key only)" ] || is_among "$(key only)" "$(echo $(kinds_of "$1"))" || echo "it is about kernels of another kind: $(key only)"
	for option in $(key needs); do
		grep -q "^CONFIG_$option=[ym]" "$(lab_of "$1")/bld/.config" || echo "this kernel has no CONFIG_$option"
	done
	for option in $(key lacks); do
		! grep -q "^CONFIG_$option=[ym]" "$(lab_of "$1")/bld/.config" || echo "this kernel has CONFIG_$option"
	done
	[ -z "$(key foreign)" ] || [ "$(other_than "$1")" != "$1" ] || echo "there is no other kernel of its architecture here"
}

# A lab that was made for compiling alone has no kernel to boot.
fetch_vmlinuz() { # LAB
	[ -e "$1/vmlinuz" ] && return
	echo "live: fetching the kernel image of $(cat "$1/abi")" >&2
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$(cat "$1/abi")=$(cat "$1/version")" >&2) &&
		dpkg -x "$work"/linux-image-*.deb "$work/image" && cp "$work/image/boot/vmlinuz-$(cat "$1/abi")" "$1/vmlinuz"
	rm -rf "$work"/linux-image-*.deb "$work/image"
}

make_lab() { # KERNEL
	name=$1
	describe "$1" || name=$(series_of "$1")
	own=
	[ "$name$(debian_of "$1")" != "$(series_of "$1")arm64" ] || own=1 # the code of originals is compared
	KERNEL=$name ARCH=$(debian_of "$1") LAB=$(lab_of "$1") OWN_COMPILER=$own sh "$here/../kernel/lab.sh" >/dev/null && fetch_vmlinuz "$(lab_of "$1")"
}

# The series whose patches a kernel takes, before those that are for none.
variants() { case $1 in 7.2) echo 7.2 6.12 ;; *) echo "$1" ;; esac; }

patch_of() { # NAME KERNEL
	for variant in $(kinds_of "$2") "small-$(debian_of "$2")" $(variants "$(series_of "$2")"); do
		[ ! -e "$dir/$1.$variant.patch" ] || { echo "$dir/$1.$variant.patch"; return; }
	done
	echo "$dir/$1.patch"
}

names() {
	for patch in "$dir"/*.patch; do
		[ -e "$patch" ] || continue
		name=$(basename "$patch" .patch)
		case $name in *.*) continue ;; esac
		echo "$name"
	done
}

kpatch_build() { # KERNEL NAME PATCH [OPTION]
	lab=$(lab_of "$1") as=$2 began=$(date +%s)
	shift 2
	if [ "$way" != kpatch-build ]; then
		set -- sh "$here/$way.sh" "$lab" "$bindir" "$as" "$out/root/lib" "$@"
	else
		set -- "$root/scripts/kpatch-build" -n "$as" -o "$out/root/lib" "$@"
	fi
	attended env KPATCH_BUILD_DIR="$lab/kpatch-build" PATH="$lab/bin:$PATH" "$@" -s "$lab/linux" -b "$lab/bld" -v "$lab/vmlinux" -M "$lab/modules" \
		-j "$jobs" >>"$out/log" 2>&1
	status=$?
	building=$((building + $(date +%s) - began)) builds=$((builds + 1))
	return "$status"
}

# A function that this kernel does not have says nothing of the tools, and is not counted.
leave_out() { # UNIT FUNCTION REASON
	left_out=$((left_out + 1))
	echo "    $label: left out: $1 $2: $3"
}

build_one_of_corpus() { # KERNEL NUMBER UNIT FUNCTION
	: >"$out/log"
	if [ "$2" = absent ]; then
		leave_out "$3" "$4" "this kernel's source does not have it"
	elif kpatch_build "$1" "$2" "$out/patches/$2.patch"; then
		echo "$2 $3 $4" >>"$out/root/lib/list"
	elif grep -q "^unbuilt  $3: " "$out/log"; then
		leave_out "$3" "$4" "$(sed -n "s|^unbuilt  $3: ||p" "$out/log")"
	else
		echo "    $label: not built: $3 $4: $(grep -e '^error' -e '^nothing to do' "$out/log" | head -n 1)"
	fi
}

build_corpus() { # KERNEL
	python3 -B "$here/corpus.py" "$(lab_of "$1")/linux" "$out/patches" "$dir/$(key corpus)" "${LIMIT:-0}" >"$out/listed" || return
	: >"$out/root/lib/list"
	tried=0 left_out=0
	while read -r number unit function; do
		tried=$((tried + 1))
		[ $((tried % 5)) != 0 ] || progress "$tried of $(wc -l <"$out/listed") patches"
		build_one_of_corpus "$1" "$number" "$unit" "$function"
	done <"$out/listed"
	wanted=$((tried - left_out)) modules=$(wc -l <"$out/root/lib/list")
	built="built $modules of $wanted, "
	[ "$left_out" = 0 ] || built="$built$left_out left out, "
	[ "$modules" -gt 0 ] && [ $((100 * modules)) -ge $(($(key at-least) * wanted)) ] || { echo "$built" >"$out/log"; return 1; }
}

other_than() { case $1 in 6.1) echo 6.12 ;; small-*) echo "$1" ;; *) echo 6.1 ;; esac; }

build() { # KERNEL: all patches of the case, into $out/root/lib
	if [ -n "$(key corpus)" ]; then
		build_corpus "$1"
		return
	elif [ -n "$(key history)" ]; then
		build_history "$1"
		return
	fi
	for name in $(names); do
		series=$1
		! is_among "$name" "$(key foreign)" || series=$(other_than "$1")
		flags=
		! is_among "$name" "$(key no-replace)" || flags=-R
		! is_among "$name" "$(key for-core)" || flags="$flags --core kpatch"
		# shellcheck disable=SC2046,SC2086 # flags or none, and words
		kpatch_build "$series" "$name" "$(patch_of "$name" "$series")" $flags $(key options) || return
	done
}

refusal() { # KERNEL
	build "$1"
	status=$?
	if [ "$status" != 2 ]; then
		result FAIL "$label" "status $status instead of 2, which is a refusal"
		tail -n 30 "$out/log" | sed 's/^/    /'
	elif grep -q -e "$(key refused)" "$out/log"; then
		result ok "$label"
	else
		result FAIL "$label" "the refusal does not say \`$(key refused)\`"
	fi
}

ship() { # LAB MODULE: into lib, and into $order after what it needs
	module=$(find "$1/modules/" -name "$2.ko*" -o -name "$(echo "$2" | tr _ -).ko*" | head -n 1)
	case $module in
	*.xz) xz -dc "$module" >"$out/root/lib/$2.ko" ;;
	?*) cp "$module" "$out/root/lib/$2.ko" ;;
	*) echo "the kernel has no module $2" >>"$out/log"; return 1 ;;
	esac
	for needed in $(modinfo -F depends "$out/root/lib/$2.ko" | tr , ' '); do
		(ship "$1" "$needed") || return
	done
	echo "$2" >>"$order"
}

quoted() { printf "%s='%s'\n" "$1" "$2"; }

make_initrd() { # LAB
	busybox=$1/busybox
	[ -e "$busybox" ] || busybox=/bin/busybox
	mkdir -p "$out/root/bin" && cp -r "$busybox" "$root/scripts/kpatch" "$root/scripts/kpatch.d" "$out/root/bin" &&
		cp "$here/init.sh" "$out/root/init" && chmod +x "$out/root/init" "$out/root/bin/kpatch"
	cp "$here/guest.sh" "$dir/check.sh" "$out/root"
	for shipped in $(key ships) $(sort -u "$out/targets" 2>/dev/null); do
		order=$out/root/lib/$shipped.order
		ship "$1" "$shipped" || return
	done
	[ ! -e "$dir/prepare.sh" ] || attended sh "$dir/prepare.sh" "$1" "$bindir" "$out/root/lib" >>"$out/log" 2>&1 || return
	{
		quoted CASE "$label"
		quoted ALLOWED "$(key allowed)"
		quoted TAINT "$(key taint)"
	} >"$out/root/case"
	[ ! -e "$dir/helper.c" ] || "$triple-gcc-12" -static -O1 -o "$out/root/helper" "$dir/helper.c" >>"$out/log" 2>&1 || return
	(cd "$out/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initrd"
}

# On a busy machine the emulated processor now and then never gets to /init. That says nothing about a patch; what happens
# after the case has begun does, and is never tried again. The guest's watchdogs are off, for they measure that machine as well, and so
# is x86's test of the timer, which ends a kernel without ACPI:
# kernels before 6.2 search all symbols for each KLP relocation, those before 5.17 without a pause; that may take half a minute.
boot() { # LAB
	# One thread for all emulated processors: with one for each, guests take twice the time. And a guest of two with 6.12,
	# where each transition rewrites every call of cond_resched() in the kernel (klp_cond_resched_enable()), once died
	# after sixty patches, one byte into such a call; three more runs of these patches did not, nor any with one thread.
	# Of a socket, kernels without ACPI are told of one processor alone (SeaBIOS).
	processors=$(key processors) seconds=$(key seconds) began=$(date +%s)
	processors=${processors:-2}
	for attempt in 1 2 3; do
		# shellcheck disable=SC2086 # a command and its options
		attended timeout "${seconds:-600}" $qemu -m 768 -smp "$processors,sockets=$processors" -accel tcg,thread=single -nic none \
			-nographic -no-reboot -kernel "$1/vmlinuz" -initrd "$out/initrd" -append "console=$console panic=-1 quiet nosoftlockup no_timer_check rcupdate.rcu_cpu_stall_suppress=1" \
			</dev/null >"$out/console" 2>&1
		tr -d '\r' <"$out/console" >"$out/console.txt"
		[ -z "${VERBOSE:-}" ] || sed 's/^/    /' "$out/console.txt"
		! grep -q "^CASE $label starts" "$out/console.txt" || break
		echo "live: $label: the guest did not come up, attempt $attempt" >&2
	done
	running=$((running + $(date +%s) - began)) guests=$((guests + 1))
}

judge() {
	sed -n "s/^TABLE /    $label: $built/p" "$out/console.txt"
	if grep -q "^CASE $label ok\$" "$out/console.txt"; then
		result ok "$label"
		return
	fi
	said=$(sed -n "s|.*CASE $label FAIL ||p" "$out/console.txt" | head -n 1)
	result FAIL "$label" "${said:-the guest ended without a word}"
	sed 's/.*Booting from ROM//' "$out/console.txt" | tail -n 40 | sed 's/^/    /'
}

run_case() { # KERNEL
	mkdir -p "$out/root/lib"
	built=''
	reason=$(obstacle "$1" | head -n 1)
	if [ -n "$reason" ]; then
		result SKIPPED "$label" "$reason"
	elif [ -n "$(key refused)" ]; then
		refusal "$1"
	elif ! build "$1"; then
		result FAIL "$label" "it cannot be built"
		tail -n 30 "$out/log" | sed 's/^/    /'
	elif ! make_initrd "$(lab_of "$1")"; then
		result FAIL "$label" "the guest cannot be made"
		tail -n 5 "$out/log" | sed 's/^/    /'
	else
		boot "$(lab_of "$1")"
		judge
	fi
}

# The other pipelines make modules for livepatch.
also_on() { is_among core "$(echo $(kinds_of "$1"))" || key also; } # KERNEL

run_kernel() { # KERNEL
	trap 'kill "$child" 2>/dev/null; exit 143' TERM
	describe "$1" || stock "$1"
	start=$(date +%s) building=0 builds=0 running=0 guests=0
	for dir in $(selected); do
		wanted=$(key kernels)
		is_among "$(series_of "$1")" "${wanted:-$(series_of "$1")}" || continue
		! is_among "$1" "${SAMPLE:-}" || is_among "$1" "$(key sample)" || continue
		first=$(key way)
		for way in ${first:-kpatch-build} $(also_on "$1"); do
			label=$(basename "$dir")-$1
			[ "$way" = "${first:-kpatch-build}" ] || label=$(basename "$dir")-$way-$1
			out=$work/$label
			mkdir "$out"
			run_case "$1" >"$out/said" 2>&1
			cat "$out/said"
			[ -n "${KEEP:-}" ] || rm -rf "$out"
		done
	done
	echo "live: $1: $(($(date +%s) - start)) s, of which kpatch-build $building s for $builds patches, $guests guests $running s"
}

selected() {
	for dir in "$here"/cases/*/; do
		dir=${dir%/}
		[ -n "$cases" ] && ! is_among "$(basename "$dir")" "$cases" || echo "$dir"
	done
}

count() { grep -c "^$1	" "$work/results"; }

: >"$work/results"
why=$(missing_tool)
labs=$KERNELS
# shellcheck disable=SC2046 # no path has blanks
! grep -q '^# foreign:' $(selected | sed 's|$|/check.sh|') /dev/null ||
	labs=$(for kernel in $KERNELS; do echo "$kernel $(other_than "$kernel")"; done | tr ' ' '\n' | sort -uV)
for kernel in $labs; do
	[ -z "$why" ] && ! make_lab "$kernel" && why="the kernel $kernel cannot be had" && result FAIL "lab-$kernel" "$why"
done
jobs=$(nproc)
[ "$(echo "$KERNELS" | wc -w)" = 1 ] || jobs=$(((jobs + 1) / 2))
for kernel in $KERNELS; do
	if [ -n "$why" ]; then
		for dir in $(selected); do
			result SKIPPED "$(basename "$dir")-$kernel" "$why"
		done
		continue
	fi
	echo "live: $(cat "$(lab_of "$kernel")/abi")"
	run_kernel "$kernel" &
	workers="$workers $!"
done
for worker in $workers; do
	wait "$worker" || result FAIL worker "a kernel's tests broke off"
done
[ -s "$work/results" ] || result FAIL cases "there is none for \`$KERNELS\` of the name \`$cases\`"
case $KERNELS in *small-*) sort -o "$work/results" -t '	' -k 2 "$work/results" && awk -v kernels="$KERNELS" -f "$here/table.awk" "$work/results" ;; esac
echo "live: $(count ok) passed, $(count FAIL) failed, $(count SKIPPED) skipped"
[ "$(count FAIL)" = 0 ]
