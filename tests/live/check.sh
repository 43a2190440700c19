#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR [CASE]... - patches in running kernels
#
# A case is a directory of cases/: NAME.patch becomes livepatch-NAME.ko, for kernel 6.12 from NAME.6.12.patch where there is
# one, and check.sh runs in a guest (QEMU, the stock Debian kernel) that has them. Its head says, in lines `# key: value`:
#
#   proves:      what a failure means
#   ships:       modules of the distribution, with those that they depend on, for insert_module
#   no-replace:  patches that are to add to others instead of replacing them
#   foreign:     patches that are built for another kernel: these become livepatch-NAME.ko of the other series
#   allowed:     a pattern of lines in the kernel's log that are no fault
#   taint:       a number: bits of the kernel's taint that are no fault
#   corpus:      a list of functions instead of patches (corpus.py); check.sh finds the modules' names in /lib/list
#   at-least:    how many of them must have become modules
#   seconds:     how long the guest may take (300)
#   processors:  how many the guest has (2; with 6.12 1)
#   kernels:     the series that the case is for
#   skip-6.12:   why the case cannot run on that series (and so on)
#   refused:     a pattern: the patches must be refused, with a message that has it; no guest runs
#
# helper.c in a case is compiled to /helper. KERNELS="6.1" takes one series. Labs are made by tests/kernel/lab.sh: $LAB for
# 6.1, $LAB-6.12 for 6.12. VERBOSE=1 shows guests' consoles; KEEP=1 keeps the work directory. One guest runs at a time.
set -u

here=$(cd "$(dirname "$0")" && pwd)
bindir=$(cd "${1:?usage: check.sh BINDIR [CASE]...}" && pwd)
shift
LAB=${LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-lab}
work=$(mktemp -d "${TMPDIR:-/tmp}/live.XXXXXX")
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
passed=0 failed=0 skipped=0

result() { # ok|FAIL|SKIPPED NAME REASON
	case $1 in
	ok) passed=$((passed + 1)) ;;
	FAIL) failed=$((failed + 1)) ;;
	SKIPPED) skipped=$((skipped + 1)) ;;
	esac
	echo "$1 $2${3:+: $3}"
}

key() { sed -n "s/^# $1: *//p" "$dir/check.sh"; }
lab_of() { case $1 in 6.1) echo "$LAB" ;; *) echo "$LAB-$1" ;; esac; }

missing_tool() {
	# scripts/setup.sh live installs them.
	for tool in qemu-system-x86_64 gcc-12 cpio python3 make patch flex bison modinfo xz; do
		command -v "$tool" >/dev/null || { echo "$tool is missing (scripts/setup.sh live)"; return; }
	done
	[ -x /bin/busybox ] || echo "busybox-static is missing (scripts/setup.sh live)"
}

# A lab that was made for compiling alone has no kernel to boot.
fetch_vmlinuz() { # LAB
	[ -e "$1/vmlinuz" ] && return
	echo "live: fetching the kernel image of $(cat "$1/abi")" >&2
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "linux-image-$(cat "$1/abi")=$(cat "$1/version")" >&2) &&
		dpkg -x "$work"/linux-image-*.deb "$work/image" && cp "$work/image/boot/vmlinuz-$(cat "$1/abi")" "$1/vmlinuz"
	rm -rf "$work"/linux-image-*.deb "$work/image"
}

patch_of() { # NAME KERNEL
	[ -e "$dir/$1.$2.patch" ] && echo "$dir/$1.$2.patch" || echo "$dir/$1.patch"
}

names() {
	for patch in "$dir"/*.patch; do
		[ -e "$patch" ] || continue
		name=$(basename "$patch" .patch)
		case $name in *.6.*) continue ;; esac
		echo "$name"
	done
}

build_corpus() { # KERNEL
	python3 -B "$here/corpus.py" "$(lab_of "$1")" "$bindir" "$out/corpus" "$dir/$(key corpus)" >>"$out/log" 2>&1 || return
	cp "$out"/corpus/modules/* "$out/root/lib"
	built=$(wc -l <"$out/root/lib/list")
	sed -n 's/^refused/    not built:/p' "$out/log"
	echo "    $label: built $built of $(grep -c '^[a-z]' "$dir/$(key corpus)")"
	[ "$built" -ge "$(key at-least)" ]
}

build() { # KERNEL: all patches of the case, into $out/root/lib
	if [ -n "$(key corpus)" ]; then
		build_corpus "$1"
		return
	fi
	for name in $(names); do
		series=$1
		case " $(key foreign) " in *" $name "*) [ "$1" = 6.1 ] && series=6.12 || series=6.1 ;; esac
		flags=
		case " $(key no-replace) " in *" $name "*) flags=--no-replace ;; esac
		# shellcheck disable=SC2086 # no flag or one
		python3 -B "$here/build.py" "$(lab_of "$series")" "$bindir" "$out/$name" "$name" $flags \
			"$(patch_of "$name" "$series")" >>"$out/log" 2>&1 || return
		cp "$out/$name/livepatch-$name.ko" "$out/root/lib"
	done
}

refusal() { # KERNEL
	build "$1"
	status=$?
	if [ "$status" != 2 ]; then
		result FAIL "$label" "status $status instead of 2, which is a refusal"
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
	root=$out/root
	mkdir -p "$root/bin" && cp /bin/busybox "$root/bin" && cp "$here/init.sh" "$root/init" && chmod +x "$root/init"
	cp "$here/guest.sh" "$dir/check.sh" "$root"
	for shipped in $(key ships); do
		order=$out/root/lib/$shipped.order
		ship "$1" "$shipped" || return
	done
	{
		quoted CASE "$label"
		quoted ALLOWED "$(key allowed)"
		quoted TAINT "$(key taint)"
	} >"$root/case"
	[ ! -e "$dir/helper.c" ] || gcc -static -O1 -o "$root/helper" "$dir/helper.c" >>"$out/log" 2>&1 || return
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initrd"
}

# On a busy machine the emulated processor now and then never gets to /init. That says nothing about a patch; what happens
# after the case has begun does, and is never tried again.
boot() { # LAB PROCESSORS
	# From 6.4 on every transition rewrites each call of cond_resched() in the kernel (klp_cond_resched_enable()). On two
	# emulated processors one guest died after sixty patches, one byte into such a call; on one processor none did.
	processors=$(key processors) seconds=$(key seconds)
	for attempt in 1 2 3; do
		timeout "${seconds:-300}" qemu-system-x86_64 -m 768 -smp "${processors:-$2}" -cpu max -nographic -no-reboot -kernel "$1/vmlinuz" \
			-initrd "$out/initrd" -append "console=ttyS0 panic=-1 quiet" </dev/null >"$out/console" 2>&1
		tr -d '\r' <"$out/console" >"$out/console.txt"
		[ -z "${VERBOSE:-}" ] || sed 's/^/    /' "$out/console.txt"
		! grep -q "^CASE $label starts" "$out/console.txt" || return
		echo "live: $label: the guest did not come up, attempt $attempt" >&2
	done
}

judge() {
	sed -n "s/^TABLE /    $label: /p" "$out/console.txt"
	if grep -q "^CASE $label ok\$" "$out/console.txt"; then
		result ok "$label"
		return
	fi
	said=$(sed -n "s|.*CASE $label FAIL ||p" "$out/console.txt" | head -n 1)
	result FAIL "$label" "${said:-the guest ended without a word}"
	sed -n '/Booting from ROM/,$p' "$out/console.txt" | tail -n 40 | sed 's/^/    /'
}

run_case() { # KERNEL
	label=$(basename "$dir")-$1
	out=$work/$label
	mkdir -p "$out/root/lib"
	wanted=$(key kernels)
	case " ${wanted:-$1} " in *" $1 "*) ;; *) return ;; esac
	if [ -n "$(key "skip-$1")" ]; then
		result SKIPPED "$label" "$(key "skip-$1")"
	elif [ -n "$(key refused)" ]; then
		refusal "$1"
	elif ! build "$1"; then
		result FAIL "$label" "it cannot be built"
		tail -n 30 "$out/log" | sed 's/^/    /'
	elif ! make_initrd "$(lab_of "$1")"; then
		result FAIL "$label" "the guest cannot be made"
		tail -n 5 "$out/log" | sed 's/^/    /'
	else
		boot "$(lab_of "$1")" "$([ "$1" = 6.1 ] && echo 2 || echo 1)"
		judge
	fi
	[ -n "${KEEP:-}" ] || rm -rf "$out"
}

why=$(missing_tool)
for kernel in ${KERNELS:-6.1 6.12}; do
	lab=$(lab_of "$kernel")
	if [ -z "$why" ] && ! { KERNEL=$kernel LAB=$lab sh "$here/../kernel/lab.sh" >/dev/null && fetch_vmlinuz "$lab"; }; then
		result FAIL "lab-$kernel" "the kernel $kernel cannot be had"
		continue
	fi
	[ -z "$why" ] && echo "live: $(cat "$lab/abi")"
	for dir in "$here"/cases/*/; do
		dir=${dir%/}
		name=$(basename "$dir")
		case " $* " in "  " | *" $name "*) ;; *) continue ;; esac
		if [ -n "$why" ]; then
			result SKIPPED "$name-$kernel" "$why"
		else
			run_case "$kernel"
		fi
	done
done
echo "live: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
