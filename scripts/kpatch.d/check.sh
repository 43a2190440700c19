# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh - whether the running kernel is the one that a patch was made for: its build ID, its symbols, and the code of the
# functions that are to be replaced, which the patch has from its build (.kpatch.original, see kpatch-patch.h)
#
# In $scratch: originals (the section), wanted ("OBJECT NAME POSITION"), symbols ("OBJECT NAME NUMBER ADDRESS" of all those
# names), places ("ADDRESS OBJECT NAME POSITION SIZE CODE" of what can be compared), segments of /proc/kcore, memory.
# What could not be seen is told by remark, which check and load show in their own way.

# remark WORDS: of what could not be checked
remark() {
	note "\`$name\`: $*"
}

REBUILD="build the patch for the kernel that runs, from its own source, configuration and compiler"

running_build_id() {
	# namesz 4, descsz 20, type 3 (NT_GNU_BUILD_ID), "GNU"
	od -An -v -t x1 "$SYSFS/kernel/notes" 2>/dev/null | tr -d ' \n' |
		sed -nE 's/.*(04000000140{6}030{6}|00000004000000140{7}3)474e5500([0-9a-f]{40}).*/\2/p'
}

check_build_id() {
	wanted=$(field "$plain" kernel_build_id) running=$(running_build_id)
	if [ -z "$wanted" ]; then
		[ "$command" != check ] || remark "it does not tell the build ID of its kernel"
	elif [ -z "$running" ]; then
		[ "$command" != check ] || remark "the running kernel does not tell its build ID"
	elif [ "$wanted" != "$running" ]; then
		die $REFUSED other-build "\`$name\` was made for another build of $release" \
			"the kernel of the patch has build ID $wanted, and the running one $running" "$REBUILD"
	else
		checked="$checked, the build ID"
	fi
}

# What the patch refers to by name and position, and what it replaces.
wanted_symbols() {
	awk '$1 == 1 { print $2, $3, $4 }' "$scratch/originals"
	section "$plain" .strtab | tr '\000' '\n' | sed -nE 's/^\.klp\.sym\.([^.]+)\.(.*),([0-9]+)$/\1 \2 \3/p'
}

# A line is an address of 16 digits, a type, the name, and behind a tab the module in brackets. Kernels have 200,000 of them, and
# taking the fields apart takes twice the time.
list_symbols() {
	awk 'FILENAME ~ /wanted$/ { keys[$2 ($1 == "vmlinux" ? "" : "\t[" $1 "]")] = $1 " " $2; next }
		substr($0, 20) in keys {
			key = keys[substr($0, 20)]
			print key, ++n[key], substr($0, 1, 16)
		}' "$scratch/wanted" "$PROC/kallsyms" 2>/dev/null
}

# Objects of the patch that are not loaded now.
absent_objects() {
	awk '{ print $1 }' "$scratch/wanted" | sort -u | while read -r object; do
		[ "$object" = vmlinux ] || loaded_module "$object" || echo "$object"
	done
}

# The first symbol that is not where the patch expects it, in words: position 0 is the only one of its name.
misplaced_symbol() {
	awk 'FILENAME ~ /absent$/ { absent[$1]; next }
		FILENAME ~ /symbols$/ { n[$1, $2] = $3; next }
		$1 in absent { next }
		!(($1, $2) in n) { print $2, $1, "has no symbol of that name"; exit }
		$3 > n[$1, $2] { print $2, $1, "has " n[$1, $2] " of that name, and the patch wants number " $3; exit }
		$3 == 0 && n[$1, $2] > 1 { print $2, $1, "has " n[$1, $2] " of that name, and the patch expects one"; exit }' \
		"$scratch/absent" "$scratch/symbols" "$scratch/wanted"
}

check_symbols() {
	wanted_symbols | sort -u >"$scratch/wanted"
	if ! [ -r "$PROC/kallsyms" ]; then
		remark "$PROC/kallsyms cannot be read: symbols were not looked for"
		return 1
	fi
	absent_objects >"$scratch/absent"
	while read -r object; do
		remark "$object is not loaded: what is patched in it is not checked"
	done <"$scratch/absent"
	list_symbols >"$scratch/symbols"
	misplaced_symbol | {
		read -r symbol object problem || exit 0
		die $REFUSED other-symbols "\`$name\` does not find \`$symbol\` in the running kernel" "$object $problem" "$REBUILD"
	} || exit
	checked="$checked, $(wc -l <"$scratch/wanted" | tr -d ' ') symbols"
}

# The places in memory of what is to be compared.
places() {
	awk 'FILENAME ~ /symbols$/ { address[$1, $2, $3] = $4; next }
		$1 == 1 && $6 != "-" {
			at = address[$2, $3, $4 == 0 ? 1 : $4]
			if (at != "") print at, $2, $3, $4, $5, $6
		}' "$scratch/symbols" "$scratch/originals"
}

# set_segments: "ADDRESS OFFSET SIZE" of each part of memory that /proc/kcore has, in hexadecimal; false where it cannot be read.
# It begins with an ELF header of 64 bytes, then program headers of 56 bytes follow.
set_segments() {
	# What a file's mode does not tell: a kernel in lockdown, too, lets nobody open it.
	dd if="$PROC/kcore" bs=4096 count=1 2>/dev/null >"$scratch/header" && [ -s "$scratch/header" ] || return 1
	count=$(od -An -v -t u2 -j 56 -N 2 "$scratch/header" | tr -d ' ')
	big=$(od -An -v -t u1 -j 5 -N 1 "$scratch/header" | tr -d ' ')
	dd if="$PROC/kcore" bs=4096 count=$(((64 + 56 * count + 4095) / 4096)) 2>/dev/null | tail -c +65 | head -c $((56 * count)) |
		od -An -v -t x1 -w56 | awk -v big="$((big == 2))" '
		function number(at, size,    i, text) {
			for (i = 0; i < size; i++)
				text = text $(1 + at + (big ? i : size - 1 - i))
			return text
		}
		number(0, 4) == "00000001" { print number(16, 8), number(8, 8), number(32, 8) }' >"$scratch/segments"
	[ -s "$scratch/segments" ]
}

# set_offset ADDRESS SIZE: $offset of so many bytes in /proc/kcore. Shells count with signed 64 bits: so that no address of a kernel
# is a negative number, its first digit is compared apart from the others.
set_offset() {
	while read -r start offset length; do
		[ "${1%"${1#?}"}" = "${start%"${start#?}"}" ] || continue
		distance=$((0x${1#?} - 0x${start#?}))
		[ "$distance" -ge 0 ] || continue
		[ $((distance + $2)) -le $((0x0${length#?})) ] || continue
		offset=$((0x$offset + distance))
		return
	done <"$scratch/segments"
	return 1
}

# The bytes in memory of each place: a line with its number, then lines of hexadecimal numbers.
memory() {
	number=0
	while read -r address _ _ _ size _; do
		number=$((number + 1))
		echo "place $number"
		! set_offset "$address" "$size" || dd if="$PROC/kcore" bs=4096 skip=$((offset / 4096)) \
			count=$(((offset % 4096 + size + 4095) / 4096)) 2>/dev/null | od -An -v -t x1 -j $((offset % 4096)) -N "$size"
	done <"$scratch/places"
}

# set_breakpoint: what a kprobe puts into code, and how many bytes it puts there: those of all instructions, on arm64.
set_breakpoint() {
	case $("$UNAME" -m) in
	aarch64) breakpoint=800020d4 ;; # BRK64_OPCODE_KPROBES of asm/brk-imm.h
	s390x) breakpoint=0002 ;; # BREAKPOINT_INSTRUCTION of asm/kprobes.h
	*) breakpoint=cc ;;
	esac
	breakpoint_size=$((${#breakpoint} / 2))
}

# "ADDRESS LENGTH" of each breakpoint, or jump in its place, that a kprobe has put into code; where ftrace serves it, there is none.
probes() {
	sed -nE "/\[FTRACE\]/d; s/^([0-9a-f]+) .*\[OPTIMIZED\].*/\1 5/p; t; s/^([0-9a-f]+) .*/\1 $breakpoint_size/p" \
		"$SYSFS/kernel/debug/kprobes/list" 2>/dev/null
}

# Functions that loaded patches redirect by kprobes, which can be told without debugfs.
redirected() {
	cat "$SYSFS"/module/*/parameters/redirects 2>/dev/null | tr ' ' '\n'
}

# compare: "FUNCTION OBJECT same", "... unread", "... probed" or "... OFFSET EXPECTED FOUND" for each place
compare() {
	set_breakpoint
	probes >"$scratch/probes"
	redirected >"$scratch/redirected"
	awk -v unit="$breakpoint_size" '
		# The last 12 digits, for numbers of 64 bits are not exact.
		function value(text,    i, n) {
			text = substr(text, length(text) - 11)
			for (i = 1; i <= length(text); i++)
				n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
			return n
		}
		# bytes of a probe from that byte on; of one of a patch no more is known than that it is before the first instruction
		function under_probe(n, at,    p) {
			for (p = 1; p <= probes; p++)
				if (start[n] + at >= probe[p] && start[n] + at < probe[p] + covers[p])
					return probe[p] + covers[p] - start[n] - at
			return name[n] in redirected && (at == 0 || at == 4) && substr(found[n], 2 * at + 1, 2) == "cc"
		}
		function fits(expected, is) { return expected == "?" || expected == is }
		# An instruction begins where it could have a breakpoint.
		function first_of_unit(at) { return at - at % unit }
		# the first byte from `at` on that differs, or -1
		function difference(n, at,    i, e, f) {
			for (; at < size[n]; at += 16) {
				e = substr(code[n], 2 * at + 1, 32)
				f = substr(found[n], 2 * at + 1, 32)
				if (e == f)
					continue
				for (i = 1; i < 32 && at + (i - 1) / 2 < size[n]; i += 2)
					if (!fits(substr(e, i, 1), substr(f, i, 1)) || !fits(substr(e, i + 1, 1), substr(f, i + 1, 1)))
						return first_of_unit(at + (i - 1) / 2)
			}
			return -1
		}
		function judge(n,    at, skip, probed) {
			if (length(found[n]) != 2 * size[n])
				return "unread"
			while ((at = difference(n, at)) >= 0) {
				skip = under_probe(n, at)
				if (!skip)
					return sprintf("0x%x %s %s", at, substr(code[n], 2 * at + 1, 16), substr(found[n], 2 * at + 1, 16))
				probed = 1
				at += skip
			}
			return probed ? "probed" : "same"
		}
		FILENAME ~ /probes$/ { probe[++probes] = value($1); covers[probes] = $2; next }
		FILENAME ~ /redirected$/ { redirected[$1]; next }
		FILENAME ~ /places$/ { start[++n] = value($1); object[n] = $2; name[n] = $3; size[n] = $5; code[n] = $6; next }
		$1 == "place" { now = $2; next }
		{ gsub(/ /, ""); found[now] = found[now] $0 }
		END { for (i = 1; i <= n; i++) print name[i], object[i], judge(i) }' \
		"$scratch/probes" "$scratch/redirected" "$scratch/places" "$scratch/memory"
}

# spaced HEX: with a blank between bytes
spaced() {
	echo "$1" | sed 's/../& /g; s/ $//'
}

# refuse_other_code FUNCTION OBJECT OFFSET EXPECTED FOUND
refuse_other_code() {
	hint=$REBUILD
	case $5 in
	"$breakpoint"*) hint="a breakpoint is there: where a kprobe has put it, /sys/kernel/debug/kprobes/list shows it, if debugfs is mounted; else $hint" ;;
	esac
	die $REFUSED other-code "\`$name\` was made for other code than the running kernel's" \
		"at $1+$3 of $2, where the patch expects \`$(spaced "$4")\`, memory has \`$(spaced "$5")\`" "$hint"
}

# What there is no record of, in words.
unrecorded() {
	awk '$1 == 1 && $6 == "-" { function_of = $3 " in " $2; sub(/^.* - /, ""); print function_of ": " $0; next }
		$1 != 1 { print "a record of version " $1 " is none that this kpatch knows"; exit }' "$scratch/originals"
}

check_code() {
	unrecorded | while read -r reason; do
		remark "the code was not compared of $reason"
	done
	places >"$scratch/places"
	[ -s "$scratch/places" ] || return 0
	if ! grep -qv '^0*\( \|$\)' "$scratch/places"; then
		remark "the code was not compared: $PROC/kallsyms tells addresses to root alone, or to nobody (kernel.kptr_restrict)"
	elif ! set_segments; then
		remark "the code was not compared: $PROC/kcore cannot be read"
	else
		memory >"$scratch/memory"
		judge_code
	fi
}

judge_code() {
	compare >"$scratch/compared"
	while read -r function object what expected found; do
		case $what in
		same) ;;
		unread) remark "the code was not compared of $function in $object: $PROC/kcore does not have it" ;;
		probed) remark "a kprobe stands in $function in $object: what is under it was not compared" ;;
		*) refuse_other_code "$function" "$object" "$what" "$expected" "$found" ;;
		esac
	done <"$scratch/compared"
	checked="$checked, the code of $(grep -c -v ' unread$' "$scratch/compared") functions"
}

# check_kernel: that of $plain, a patch for the release that runs; no further where it is another one. $checked: what was compared.
check_kernel() {
	checked=
	make_scratch
	check_build_id
	section "$plain" .kpatch.original >"$scratch/originals" 2>/dev/null || : >"$scratch/originals"
	[ -s "$scratch/originals" ] || remark "the code was not compared: the patch has no record of it"
	! check_symbols || check_code
	checked=${checked#, }
}

check() {
	[ -d "$SYSFS/kernel" ] || die $REFUSED no-sysfs "sysfs is not there" "$SYSFS/kernel is missing" "mount -t sysfs sysfs $SYSFS"
	set_file "$1"
	set_patch "$file"
	refuse_other_kernel "$file"
	check_kernel
	echo "$name fits the running kernel: the release${checked:+, $checked}"
}
