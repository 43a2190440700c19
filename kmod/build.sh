#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh --kdir DIR --name NAME [OPTION]... OBJ... OUT.ko - link a patch module; --help has the options
#
# kbuild compiles patch.c, or core-patch.c and the core beside it, modpost adds versions, and the linker lays patch.c's symbols around the records. Three things
# stand in kbuild's way:
#
# - modpost takes references to `.klp.sym.rela.*` for missing symbols. They are made weak for it: it says nothing of weak
#   ones, and still fails on symbols that are really missing, which KBUILD_MODPOST_WARN=1 would let pass.
# - Where objtool is delayed to the link (CONFIG_X86_KERNEL_IBT, CONFIG_KLP_BUILD), it would run on code that has been
#   through it, and fail. It is turned from the link to patch.c, without --ibt, which only a link can do.
# - Where the kernel is optimized at the link (CONFIG_LTO_CLANG), patch.c is not: objtool reads machine code.
set -eu

here=$(unset CDPATH && cd "$(dirname "$0")" && pwd)
. "$here/paths.sh"

help() {
	cat <<END
Usage: build.sh --kdir DIR --name NAME [OPTION]... OBJ... OUT.ko

Link objects that \`create-diff-object --form linkable\` wrote to OUT.ko, a patch module in form
linkable, which create-klp-module makes one that loads.

  --kdir DIR    what external modules are built against: kernel headers, or a prepared build directory
  --name NAME   the module's name, and that of its directory in /sys/kernel/livepatch (dashes become
                underscores)
  --left-out OBJECT:NAME
                what the patch changes and the module leaves out, for who reads it later: modinfo shows
                it as left_out; may be repeated
  --info FIELD=TEXT
                a field of modinfo, such as description or what the module was built from; may be
                repeated
  --no-replace  the patch adds to those that are loaded instead of taking their place
  --core        for a kernel without CONFIG_LIVEPATCH: the objects are in form kpatch, OUT.ko is finished,
                and the core that it needs, kpatch.ko, is put beside it
  --vmlinux FILE
                with --core: the kernel whose addresses the objects have; by its build ID the core knows
                it again, and finds by them what a kernel does not tell of itself
  -h, --help    show this and exit

modinfo also shows what the module changes, and whether it takes the place of other patches
(replace). CC, LD, OBJCOPY, READELF, CROSS_COMPILE, ARCH, LLVM and TMPDIR are heeded. Without CC the compiler is the one
that the configuration names.

Exit status: 0 linked, 1 usage, something missing, or a failed program, 2 the kernel would refuse it,
130 or 143 interrupted
END
}

# die STATUS ID MESSAGE CAUSE HINT
die() {
	printf 'error[%s]: %s\n  cause   %s\n  hint    %s\n' "$2" "$3" "$4" "$5" >&2
	exit "$1"
}

# misused MESSAGE CAUSE
misused() { die 1 usage "$1" "$2" "see build.sh --help"; }

# leave_out OBJECT:NAME: a tag of .modinfo, as C
leave_out() {
	case $1 in
	*[!A-Za-z0-9_.:\$+-]*) misused "\`$1\` cannot be noted" "only what names of objects, symbols and sections have is allowed" ;;
	esac
	left_out="${left_out}MODULE_INFO(left_out, \"$1\");
"
}

# add_info FIELD=TEXT
add_info() {
	case $1 in
	*[[:cntrl:]]*) misused "a field of modinfo has one line" "\`${1%%=*}\` has several, or other control characters" ;;
	description=*) description='' ;;
	[a-z]*=*) ;;
	*) misused "\`$1\` is no field of modinfo" "it wants a name, \`=\` and one line of text" ;;
	esac
	field=${1%%=*}
	case $field in
	*[!a-z0-9_]*) misused "\`$field\` cannot be a field's name" "only small letters, digits and \`_\` are allowed" ;;
	esac
	info="${info}MODULE_INFO($field, \"$(printf %s "${1#*=}" | sed 's/[\\"]/\\&/g')\");
"
}

kdir='' name='' flags='' left_out='' info='' description='MODULE_DESCRIPTION("Live patch");
' objects=0 core='' vmlinux=''
while [ $# -gt 0 ]; do
	case $1 in
	--kdir | --name | --left-out | --info | --vmlinux) [ -n "${2:-}" ] || misused "option \`$1\` needs a value" "none is given" ;;
	esac
	case $1 in
	--kdir) absolute kdir "$2"; shift 2 ;;
	--name) name=$2; shift 2 ;;
	--left-out) leave_out "$2"; shift 2 ;;
	--info) add_info "$2"; shift 2 ;;
	--no-replace) flags="$flags -DKPATCH_NO_REPLACE"; shift ;;
	--core) core=1; shift ;;
	--vmlinux) absolute vmlinux "$2"; shift 2 ;;
	-h | --help) help; exit 0 ;;
	--) shift; break ;;
	-*) misused "option \`$1\` is unknown" "build.sh has no such option" ;;
	*) break ;;
	esac
done
[ -n "$kdir" ] || misused "--kdir is missing" "it names what the module is built against"
[ -n "$name" ] || misused "--name is missing" "the module needs a name"
[ $# -ge 2 ] || misused "an object and the module to write are needed" "$# file(s) are given"
case $name in
*[!A-Za-z0-9_-]* | -*) misused "\`$name\` cannot be a module's name" "only letters, digits, \`-\` and \`_\` are allowed" ;;
esac
[ "$name" != kpatch ] || [ -z "$core" ] || misused "the module cannot be \`kpatch\`" "that is the core's name"
[ "${#name}" -le 55 ] || misused "\`$name\` is too long for a module" "it has ${#name} characters, 55 are allowed"
[ -e "$kdir/Makefile" ] || die 1 no-build "\`$kdir\` is no kernel build directory" "it has no Makefile" \
	"install linux-headers for the kernel, or run \`make modules_prepare\` there"
[ -s "$kdir/Module.symvers" ] || die 1 no-symvers "\`$kdir\` has no Module.symvers" \
	"exported symbols and their versions stand in it" "take it from the kernel's headers package"
absolute_search_path
for variable in CC LD OBJCOPY READELF CROSS_COMPILE LLVM; do
	absolute_words "$variable"
done
absolute TMPDIR "${TMPDIR:-/tmp}"

case ${LLVM:-} in
'') ;;
-*) LD=${LD:-ld.lld$LLVM} OBJCOPY=${OBJCOPY:-llvm-objcopy$LLVM} READELF=${READELF:-llvm-readelf$LLVM} ;;
*/) LD=${LD:-${LLVM}ld.lld} OBJCOPY=${OBJCOPY:-${LLVM}llvm-objcopy} READELF=${READELF:-${LLVM}llvm-readelf} ;;
*) LD=${LD:-ld.lld} OBJCOPY=${OBJCOPY:-llvm-objcopy} READELF=${READELF:-llvm-readelf} ;;
esac
LD=${LD:-${CROSS_COMPILE:-}ld} OBJCOPY=${OBJCOPY:-${CROSS_COMPILE:-}objcopy} READELF=${READELF:-${CROSS_COMPILE:-}readelf}
if [ -z "${CC:-}${LLVM:-}" ]; then
	# kbuild would take plain gcc, which may be another version than the kernel's.
	CC=$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\([^ "]*\).*/\1/p' "$kdir/.config" "$kdir/include/config/auto.conf" 2>/dev/null |
		head -n 1)
	[ -z "$CC" ] || CC=${CROSS_COMPILE:-}${CC#"${CROSS_COMPILE:-}"}
	command -v "${CC:-none}" >/dev/null || CC=
fi

work=$(mktemp -d "$TMPDIR/kpatch-module.XXXXXX") || die 1 unwritable "cannot make a directory in \`$TMPDIR\`" \
	"mktemp has said why" "set TMPDIR to a directory that is writable"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is left of the arguments: OBJ... OUT.ko
for out; do objects=$((objects + 1)); done
absolute out "$out"
count=0 list=$work/objects
for object; do
	count=$((count + 1))
	[ "$count" -lt "$objects" ] || break
	absolute object "$object"
	[ -e "$object" ] || die 1 unreadable "\`$object\` does not exist" "it is to be linked into the module" "check the path"
	printf '"%s"\n' "$object" >>"$list"
done

: >"$work/.kpatch-objects.o.cmd" # modpost asks for it

# Not kpatch-objects.o_shipped: kbuild's rule for that makes no .o in a module outside of the kernel since Linux 6.13. There $(obj)
# is `.`, which make drops of `./%: ./%_shipped`, and a rule for `%` does not apply to names that another rule is about (`%.o`).
"$LD" -r -z noexecstack -o "$work/kpatch-objects.o" "@$list" ||
	die 1 link-failed "the objects cannot be linked" "$LD has said why" "two of them may define the same thing"
"$OBJCOPY" -w --weaken-symbol='.klp.sym.rela.*' "$work/kpatch-objects.o" ||
	die 1 link-failed "the KLP references cannot be made weak" "$OBJCOPY has said why" "see whether the disk is full"

# has_records KIND...: whether the objects have a record of such a kind
has_records() {
	for kind; do
		rm -f "$work/records"
		"$OBJCOPY" --dump-section ".kpatch.$kind=$work/records" "$work/kpatch-objects.o" "$work/copy" 2>/dev/null || continue
		[ ! -s "$work/records" ] || return 0
	done
	return 1
}
has_records funcs redirects callbacks.pre_patch callbacks.post_patch callbacks.pre_unpatch callbacks.post_unpatch || die 2 nothing-to-patch "\`$name\` would patch nothing" \
	"the objects hold neither a changed function nor a callback, and the kernel refuses such a module" \
	"change a function that the kernel has; new ones alone are called by nobody"

# changes KIND FIELD: as C, a tag of .modinfo for each record of that kind
changes() {
	has_records "$1" || return 0
	rm -f "$work/strings" "$work/records"
	"$OBJCOPY" --dump-section ".kpatch.strings=$work/strings" --dump-section ".kpatch.$1=$work/records" "$work/kpatch-objects.o" "$work/copy" &&
		LC_ALL=C "$READELF" -rW "$work/kpatch-objects.o" >"$work/relocations" 2>/dev/null ||
		die 1 link-failed "what the objects change cannot be read" "$OBJCOPY and $READELF say why" "see whether the disk is full"
	big=0
	[ "$(od -An -t u1 -j 5 -N 1 "$work/kpatch-objects.o" | tr -d ' ')" = 1 ] || big=1
	tr '\000' '\n' <"$work/strings" >"$work/lines"
	od -An -v -t u1 -w56 "$work/records" >"$work/bytes"
	LC_ALL=C awk -v section=".kpatch.$1" -v field="$2" -v big=$big -f "$here/changes.awk" "$work/lines" "$work/bytes" "$work/relocations" |
		sed 's/\([^ ]*\) \(.*\)/MODULE_INFO(\1, "\2");/'
}

# header NAME: where it is, in the source or installed
header() {
	if [ -e "$here/$1" ]; then echo "$here/$1"; else echo "$here/../include/$1"; fi
}

# frame FILE: as the module's own source
frame() { printf '%s\n' "$(cat "$here/$1")" "$description$left_out$info$changed" >"$work/kpatch-module.c"; }

# The patch module for the kernel's own livepatch.
frame_for_livepatch() {
	redirect=''
	! has_records redirects || redirect=kpatch-redirect.o flags="$flags -DKPATCH_REDIRECTS"
	frame patch.c
	cp "$here/leave.c" "$work/kpatch-leave.c"
	cp "$here/redirect.c" "$work/kpatch-redirect.c"
	cp "$here/leave.h" "$here/redirect.h" "$here/klp-reference.h" "$here/patch.lds" "$here/records.h" "$here/task.h" "$(header kpatch-patch.h)" "$work"
	cat >"$work/Kbuild" <<-END
		obj-m := $name.o
		$name-y := kpatch-module.o kpatch-leave.o $redirect kpatch-objects.o
		CFLAGS_kpatch-module.o := $flags
		LDFLAGS_$name.o := -T $work/patch.lds
	END
}

# A call on arm64 reaches 128 MB, and one on s390x 4 GB; each reference may need a jump that reaches farther.
veneers() {
	! grep -qxE 'CONFIG_(ARM64|S390)=y' "$kdir/.config" "$kdir/include/config/auto.conf" 2>/dev/null || ! has_records relocations ||
		echo "-DKPATCH_VENEERS=$(($(wc -c <"$work/records") / 40))"
}

# What the objects tell of the originals' code (kpatch-patch.h), as C; of some there is a reason in its place.
originals() {
	: >"$work/originals"
	"$OBJCOPY" --dump-section ".kpatch.original=$work/originals" "$work/kpatch-objects.o" "$work/copy" 2>/dev/null || :
	printf 'const struct original originals[] = {\n'
	awk '$1 == "1" && $6 ~ /^[0-9a-f?]+$/ { printf "\t{ \"%s\", \"%s\", %s, \"%s\" },\n", $2, $3, $4, $6 }' "$work/originals"
	printf '\t{ 0 }\n};\n'
}

# address_of NAME: in vmlinux, in hexadecimal
address_of() {
	LC_ALL=C "$READELF" -sW "$vmlinux" 2>/dev/null | awk -v name="$1" '$8 == name && $7 != "UND" { print $2; exit }'
}

# The note with vmlinux's build ID, as C: where it is in .notes, then its bytes. A note is three words, the lengths of name and
# contents and the type, of which 3 is NT_GNU_BUILD_ID, and these two, each filled up to four bytes.
note_with_build_id() {
	big=0
	[ "$(od -An -t u1 -j 5 -N 1 "$vmlinux" | tr -d ' ')" = 1 ] || big=1
	"$OBJCOPY" -O binary --only-section=.notes "$vmlinux" "$work/notes" 2>/dev/null && od -An -v -t u1 -w1 "$work/notes" | awk -v big=$big '
		function word(at,    i, value) {
			for (i = 0; i < 4; i++)
				value = value * 256 + byte[at + (big ? i : 3 - i)]
			return value
		}
		function filled(length_) { return int((length_ + 3) / 4) * 4 }
		{ byte[NR - 1] = $1 }
		END {
			for (at = 0; at + 12 <= NR; at += size) {
				size = 12 + filled(word(at)) + filled(word(at + 4))
				if (word(at) != 4 || word(at + 8) != 3 || byte[at + 12] != 71 || byte[at + 13] != 78 || byte[at + 14] != 85)
					continue
				printf "%d", at
				for (i = 0; i < size && at + i < NR; i++)
					printf " %d,", byte[at + i]
				exit
			}
		}'
}

# What the core knows vmlinux by (kpatch.h), as C; nothing where one part is missing
recorded_kernel() {
	notes='' task='' free='' note=''
	[ -z "$vmlinux" ] || {
		notes=$("$READELF" -SW "$vmlinux" 2>/dev/null | sed -n 's/^ *\[ *[0-9]*\] \.notes  *NOTE  *\([0-9a-f]*\) .*/\1/p')
		task=$(address_of init_task) free=$(address_of kfree) note=$(note_with_build_id)
	}
	if [ -z "$notes" ] || [ -z "$task" ] || [ -z "$free" ] || [ -z "$note" ]; then
		echo 'const struct kpatch_kernel *const recorded_kernel;'
		return
	fi
	cat <<-END
		static const u8 note[] = { ${note#* } };
		static const struct kpatch_kernel known_by = {
			.init_task = 0x$task, .kfree = 0x$free, .note = 0x$notes + ${note%% *}, .note_bytes = note, .note_size = sizeof(note)
		};
		const struct kpatch_kernel *const recorded_kernel = &known_by;
	END
}

# The patch module for the core, and the core: kbuild makes both, so the one fits the other.
frame_for_core() {
	! has_records redirects || die 2 core-redirect "\`$name\` redirects a function by a kprobe" \
		"the core redirects by ftrace alone" "build it without --redirect kprobe"
	flags="$flags $(veneers)"
	frame core-patch.c
	{ originals && recorded_kernel; } >>"$work/kpatch-module.c"
	cp "$here/patch.lds" "$here/core-patch.lds" "$here/records.h" "$here/task.h" "$(header kpatch-patch.h)" "$(header kpatch.h)" "$work"
	mkdir "$work/core" && cp "$here"/core/*.[ch] "$work/core"
	sed -n '/^kpatch-/{ s/\([a-z0-9_]*\)\.o/core\/\1.o/g; p; }' "$here/core/Kbuild" >"$work/Kbuild"
	cat >>"$work/Kbuild" <<-END
		ccflags-y := -I$work -fmacro-prefix-map=$work/=
		obj-m := $name.o kpatch.o
		$name-y := kpatch-module.o kpatch-objects.o
		CFLAGS_kpatch-module.o := $flags
		LDFLAGS_$name.o := -L $work -T $work/core-patch.lds
	END
}

changed=$(changes funcs changes && changes redirects redirects) || exit
if [ -n "$core" ]; then frame_for_core; else frame_for_livepatch; fi

# The build ID is a hash of all that ld writes: debug information of the module's frame would bring the directory's name into it.
# shellcheck disable=SC2016 # make expands it
if make -s -C "$kdir" M="$work" ${CC:+"CC=$CC"} KCFLAGS="${KCFLAGS:-} -g0" CONFIG_DEBUG_INFO_BTF_MODULES= CC_FLAGS_LTO= delay-objtool= \
	'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)' modules >"$work/log" 2>&1; then
	grep -i 'warning' "$work/log" >&2 || :
else
	cat "$work/log" >&2
	die 1 link-failed "\`$name\` cannot be linked" "kbuild has said why" \
		"a symbol that is \`undefined!\` is neither exported nor defined by the patch"
fi
# deliver MODULE OUT
deliver() {
	cp "$work/$1.ko" "$2.part" && mv "$2.part" "$2" ||
		die 1 unwritable "cannot write \`$2\`" "cp has said why" "check the path, and whether the disk is full"
}
[ -z "$core" ] || deliver kpatch "${out%/*}/kpatch.ko"
deliver "$name" "$out"
