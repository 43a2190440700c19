#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR - kpatch-build on Debian's kernel source, from patches to modules, and all that can go wrong
#
# The kernel is that of tests/kernel/lab.sh ($LAB). Patches are made from its source by sed, so that they fit any 6.1. The
# prepared work directory stays in $LAB/kpatch-build: the first run takes two minutes longer. Nothing is loaded here.
set -u

here=$(cd "$(dirname "$0")" && pwd)
suite=build
. "$here/on-lab.sh"

: >"$scratch/start"

patch_of built-in fs/proc/meminfo.c 's/MemAvailable:   /MemAvailablePat:/'
patch_of lines fs/proc/meminfo.c '1a/* one line more */'
patch_of header net/ipv4/fib_lookup.h 's/^(\tres->fi = fi;)/\1\n\tif (res->prefixlen > 200)\n\t\tres->prefixlen = 33;/'
patch_of macro fs/proc/internal.h 's/^(#define FIRST_PROCESS_ENTRY) 256/\n\1 300/'
patch_of blank fs/proc/internal.h '/^struct ctl_table_header;/i /* moved */'
patch_of module drivers/block/zram/zram_drv.c 's/(\tsz = zcomp_available_show\(.*)/\1\n\tsz += scnprintf(buf + sz, PAGE_SIZE - sz, "patched\\n");/'
shared='void kpatch_shared(struct seq_file *m);'
patch_of two fs/proc/cmdline.c "/^static int cmdline_proc_show/i $shared\n$shared\nvoid kpatch_shared(struct seq_file *m)\n{\n\tseq_puts(m, \"patched \");\n}\n
	s/(.*seq_puts.m, saved.*)/\tkpatch_shared(m);\n\1/" fs/proc/version.c "/^static int version_proc_show/i $shared
	s/(.*seq_printf.m, linux_proc_banner.*)/\tkpatch_shared(m);\n\1/"
sed 's/^+void kpatch_shared(struct seq_file \*m)$/+static void kpatch_other(struct seq_file *m)/' "$scratch/two.patch" >"$scratch/lost.patch"
patch_of many fs/proc/cmdline.c '/saved_command_line/a\	seq_putc(m, 33);' drivers/block/zram/zram_drv.c 's/(\tsz = zcomp_available_show\(.*)/\1\n\tsz++;/'
patch_of data kernel/panic.c 's/^int panic_timeout = .*/int panic_timeout = 77;/' fs/proc/cmdline.c '/saved_command_line/a\	seq_putc(m, 33);'
patch_of initialiser drivers/char/mem.c '/^	.write_iter	= write_iter_null,/s/$/ .fsync = noop_fsync,/'
patch_of assembler arch/x86/lib/memset_64.S '1a/* x */' lib/Kconfig '1a# x' lib/Makefile '1a# x'
patch_of vdso arch/x86/entry/vdso/vma.c '1a/* x */'
patch_of elsewhere arch/x86/um/delay.c '1a/* x */' drivers/block/amiflop.c '1a/* x */' Documentation/index.rst '1a.. x'
patch_of included kernel/sched/rt.c '1a/* x */'
patch_of syntax fs/proc/cmdline.c '/saved_command_line/a\	seq_putc(m, nothing);'
sed '/saved_command_line/i\	seq_putc(m, 63);' "$LAB/linux/fs/proc/cmdline.c" >"$scratch/once.c"
patch_of second fs/proc/cmdline.c '/saved_command_line/i\	seq_putc(m, 63);'
sed 's/saved_command_line/saved_command_lin/' "$scratch/many.patch" >"$scratch/wrong.patch"
(cd "$scratch" && mkdir -p q/fs/proc && cp "$LAB/linux/fs/proc/cmdline.c" q/fs/proc && patch -s -f -p1 -d q <two.patch >/dev/null 2>&1
	sed '/saved_command_line/a\	seq_putc(m, 33);' q/fs/proc/cmdline.c >edited
	diff -u --label a/fs/proc/cmdline.c --label b/fs/proc/cmdline.c q/fs/proc/cmdline.c edited >on-top.patch)

{ printf 'Subject: [PATCH v2] proc: say "available"\n by another name\n\nIt says so.\n---\n' && cat "$scratch/built-in.patch"; } >"$scratch/mail"
mv "$scratch/mail" "$scratch/built-in.patch"
build "$scratch/built-in.patch"
[ "$status" = 0 ] && sound livepatch-built-in && holds livepatch-built-in meminfo_proc_show && holds livepatch-built-in 'MemAvailablePat:' &&
	holds livepatch-built-in livepatch=Y && says 'patches vmlinux' && says 'compile' && clean
verdict "a function of vmlinux" $?

holds livepatch-built-in changes=vmlinux:meminfo_proc_show,1 && holds livepatch-built-in replace=Y &&
	holds livepatch-built-in "patch_sha256=$(sha256sum <"$scratch/built-in.patch" | cut -d ' ' -f 1) built-in.patch" &&
	holds livepatch-built-in 'description=proc: say "available" by another name' &&
	holds livepatch-built-in "built_by=kpatch-build $("$bindir/create-diff-object" --version | cut -d ' ' -f 2-)"
verdict "the module says what it changes and what it was made from" $?

abi=$(cat "$LAB/abi")
tr '\0' '\n' <"$out/livepatch-built-in.ko" | grep -aq "^vermagic=$abi "
verdict "the module's release is the kernel's" $?

export KBUILD_BUILD_USER=somebody KBUILD_BUILD_HOST=elsewhere
build "$scratch/built-in.patch"
[ "$status" = 0 ] && sound livepatch-built-in
verdict "the same by another user on a machine of another name" $?
unset KBUILD_BUILD_USER KBUILD_BUILD_HOST

# Modules as distributions pack them, and symbols in text.
mkdir -p "$scratch/packed/kernel/drivers/block/zram" "$scratch/packed/kernel/mm"
xz -0 <"$LAB/modules/drivers/block/zram/zram.ko" >"$scratch/packed/kernel/drivers/block/zram/zram.ko.xz"
gzip -1 <"$LAB/modules/mm/zsmalloc.ko" >"$scratch/packed/kernel/mm/zsmalloc.ko.gz"
nm "$LAB/vmlinux" >"$scratch/System.map"
build -v "$scratch/System.map" -M "$scratch/packed" "$scratch/module.patch"
[ "$status" = 0 ] && sound livepatch-module && holds livepatch-module zram && holds livepatch-module comp_algorithm_show && says 'patches zram' &&
	grep -qh -- '-k [^ ]*/run\.[^/]*/ko/.*zram.ko -k [^ ]*/run\.[^/]*/ko/.*zsmalloc.ko ' "$KPATCH_BUILD_DIR"/*/build.log
verdict "a function of a compressed module, symbols from System.map" $?

head -c 100 "$scratch/packed/kernel/mm/zsmalloc.ko.gz" >"$scratch/cut" && mv "$scratch/cut" "$scratch/packed/kernel/mm/zsmalloc.ko.gz"
rm -f "$out/livepatch-module.ko"
build -M "$scratch/packed" "$scratch/module.patch"
[ "$status" = 1 ] && says 'cannot unpack' && says 'zsmalloc.ko.gz' && [ ! -e "$out/livepatch-module.ko" ] && clean
verdict "a module that is cut short" $?

# Without its symbols nobody knows which of two functions of one name is meant.
mkdir -p "$scratch/empty"
build -M "$scratch/empty" "$scratch/module.patch"
[ "$status" = 1 ] && says 'zram.ko` is not found' && says 'with -M' && [ ! -e "$out/livepatch-module.ko" ] && clean
verdict "a module that is not found" $?

sed 's/^[0-9a-f]*/0000000000000000/' "$scratch/System.map" >"$scratch/kallsyms"
build -v "$scratch/kallsyms" "$scratch/module.patch"
[ "$status" = 1 ] && says 'holds no addresses' && says 'as root'
verdict "kallsyms that an ordinary user saved" $?

build "$scratch/header.patch"
[ "$status" = 0 ] && sound livepatch-header && says '3 unit(s), before and after' && says 'fib_semantics.o'
verdict "a header that reaches three units" $?

build "$scratch/two.patch"
[ "$status" = 0 ] && sound livepatch-two && holds livepatch-two cmdline_proc_show && holds livepatch-two version_proc_show && ! says undefined-reference &&
	readelf -sW "$out/livepatch-two.ko" | grep -q 'FUNC.* [0-9]* kpatch_shared$'
verdict "two files with a new function between them" $?

build "$scratch/lost.patch"
[ "$status" = 1 ] && says kpatch_shared && [ ! -e "$out/livepatch-lost.ko" ]
verdict "a new function that nobody defines" $?

build -R -n renamed "$scratch/many.patch"
[ "$status" = 0 ] && sound livepatch-renamed && says 'patches vmlinux zram' && grep -qe '--name livepatch-renamed --no-replace' "$KPATCH_BUILD_DIR"/*/build.log &&
	holds livepatch-renamed cmdline_proc_show && holds livepatch-renamed comp_algorithm_show
verdict "vmlinux and a module at once, not replacing" $?

# The same from another directory, with every path relative: to files, tools, compilers, and in PATH.
there=$scratch/else/where
mkdir -p "$there/bin" "$scratch/else/tmp"
printf '#!/bin/sh\n[ -d "$TMPDIR" ] && exec our-gcc "$@"\n' >"$there/cc"
printf '#!/bin/sh\nexec gcc-12 "$@"\n' >"$there/bin/our-gcc"
chmod +x "$there/cc" "$there/bin/our-gcc"
from_there() { realpath -s --relative-to="$there" "$1"; }
status=0
(cd "$there" && env PATH="bin:$PATH" TMPDIR=../tmp CC='env ./cc' KPATCH_TOOLS="$(from_there "$bindir")" KPATCH_KMOD="$(from_there "$here/../../kmod")" \
	KPATCH_BUILD_DIR="$(from_there "$KPATCH_BUILD_DIR")" "$(from_there "$command")" -s "$(from_there "$LAB/linux")" -b "$(from_there "$LAB/bld")" \
	-c "$(from_there "$LAB/bld/.config")" -m "$(from_there "$LAB/bld/Module.symvers")" -v "$(from_there "$LAB/vmlinux")" -M "$(from_there "$LAB/modules")" \
	-o "$(from_there "$out")" -n elsewhere -k ../../many.patch) >"$scratch/said" 2>&1 || status=$?
[ "$status" = 0 ] && sound livepatch-elsewhere && says 'patches vmlinux zram'
verdict "from another directory, with every path relative" $?

kept=$(kept_dir)
(cd "$there" && export TMPDIR=../tmp && sh "$(from_there "$here/../../kmod/build.sh")" --kdir "$(from_there "$LAB/bld")" --name livepatch-by-hand \
	"$(from_there "$kept")"/diff/*.o ../linked.ko && "$(from_there "$bindir")/create-klp-module" ../linked.ko "$(from_there "$out")/livepatch-by-hand.ko") \
	>"$scratch/said" 2>&1
[ $? = 0 ] && sound livepatch-by-hand && [ -z "$(ls -A "$scratch/else/tmp")" ]
verdict "build.sh and create-klp-module from another directory" $?
rm -rf "$kept"

# Work directories of their own: of two builds with -k, and of drop-in.sh while another build, which its readelf starts, runs.
build -k -n kept "$scratch/two.patch"
kept=$(kept_dir)
build -k "$scratch/second.patch"
[ "$status" = 0 ] && [ "$kept" != "$(kept_dir)" ] && [ -s "$kept/diff/vmlinux.o" ] && grep -q livepatch-kept "$kept/build.log" && [ -s "$(kept_dir)/diff/vmlinux.o" ]
verdict "what -k keeps survives other builds" $?
rm -rf "$kept" "$(kept_dir)"

mkdir "$scratch/race"
cat >"$scratch/race/readelf" <<END
#!/bin/sh
# what drop-in.sh asks with -s: kpatch-build asks for other things while it has the work directory
[ "\$1" != -s ] || "$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$scratch/race" "$scratch/second.patch" >/dev/null 2>&1
exec "$(command -v readelf)" "\$@"
END
chmod +x "$scratch/race/readelf"
PATH="$scratch/race:$PATH" sh "$here/../live/drop-in.sh" "$LAB" "$bindir" race "$out" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" \
	"$scratch/two.patch" >"$scratch/said" 2>&1
[ $? = 0 ] && sound livepatch-race && holds livepatch-race cmdline_proc_show && holds livepatch-race version_proc_show && clean
verdict "drop-in.sh while another build runs" $?

mkdir "$scratch/tools"
ln -s "$bindir/create-klp-module" "$scratch/tools"
cat >"$scratch/tools/create-diff-object" <<END
#!/bin/sh
"$bindir/create-diff-object" "\$@" || exit
for out; do :; done
case \$* in *' linkable '*) rm -rf "\$out" ;; esac
END
chmod +x "$scratch/tools/create-diff-object"
KPATCH_TOOLS=$scratch/tools
build "$scratch/two.patch"
KPATCH_TOOLS=$bindir
[ "$status" = 1 ] && says 'error[vanished]' && says '/diff/vmlinux.o' && clean
verdict "files that vanish are not files that hold nothing" $?

build -n stacked "$scratch/two.patch" "$scratch/on-top.patch"
[ "$status" = 0 ] && sound livepatch-stacked
verdict "two patches, one on top of the other" $?

diff -u --label a/fs/proc/cmdline.c --label b/fs/proc/cmdline.c "$scratch/once.c" "$LAB/linux/fs/proc/cmdline.c" >"$scratch/undo.patch"
build "$scratch/second.patch" "$scratch/undo.patch"
[ "$status" = 3 ] && says 'change no source'
verdict "a patch and its reverse" $?

patch_of below fs/xfs/libxfs/xfs_ag.c '1a/* x */' arch/x86/kvm/vmx/vmx.c '1a/* x */' virt/kvm/binary_stats.c '1a/* x */'
build "$scratch/below.patch"
[ "$status" = 3 ] && accounts 'built    arch/x86/kvm/vmx/vmx.c: kvm_intel, unchanged in code' 'built    fs/xfs/libxfs/xfs_ag.c: xfs, unchanged in code' \
	'built    virt/kvm/binary_stats.c: kvm, unchanged in code' && says 'no function changed in `arch/x86/kvm/../../../virt/kvm/binary_stats.o` `arch/x86/kvm/vmx/vmx.o` `fs/xfs/libxfs/xfs_ag.o`'
verdict "objects that another directory than theirs lists" $?

# Every changed file is accounted for: what it was built into, or why it was not.
patch_of halves arch/x86/kvm/x86.c 's/return vector_hashing;/return !vector_hashing;/' arch/x86/kvm/vmx/vmx.c '/^static int vmx_get_msr_feature/,/^}/s/KVM_MSR_RET_UNSUPPORTED/1/'
build "$scratch/halves.patch"
[ "$status" = 0 ] && sound livepatch-halves && holds livepatch-halves kvm_vector_hashing_enabled && holds livepatch-halves vmx_get_msr_feature &&
	accounts 'built    arch/x86/kvm/vmx/vmx.c: kvm_intel, changed' 'built    arch/x86/kvm/x86.c: kvm, changed'
verdict "two halves in two directories" $?

patch_of partly drivers/block/amiflop.c '1a/* x */' fs/proc/cmdline.c '/saved_command_line/a\	seq_putc(m, 33);' fs/proc/version.c '1a/* x */' \
	mm/nommu.c '1a/* x */' kernel/sched/core_sched.c '1a/* x */' Documentation/index.rst '1a.. x'
build "$scratch/partly.patch"
[ "$status" = 0 ] && sound livepatch-partly && says 'patches vmlinux; 3 changed files are not built' &&
	says 'ignored  Documentation/index.rst: no part' && accounts 'unbuilt  drivers/block/amiflop.c: not built by this configuration; CONFIG_AMIGA_FLOPPY would build it' \
	'built    fs/proc/cmdline.c: vmlinux, changed' 'built    fs/proc/version.c: vmlinux, unchanged in code' \
	'unbuilt  kernel/sched/core_sched.c: not built by this configuration; kernel/sched/build_utility.c includes it under a condition' \
	'unbuilt  mm/nommu.c: not built by this configuration; see mm/Makefile, which names it'
verdict "files that the configuration does not build beside one that it does" $?

# One that no Makefile names, alone and beside others; and one of a directory that kbuild does not go into.
printf -- '--- /dev/null\n+++ b/fs/proc/kpatch_new.c\n@@ -0,0 +1 @@\n+/* new */\n' >"$scratch/new.patch"
rm -f "$out/livepatch-fallen.ko"
build "$scratch/new.patch"
[ "$status" = 2 ] && says 'error[unbuilt]: nobody builds `fs/proc/kpatch_new.c`' && build -n fallen "$scratch/new.patch" "$scratch/second.patch" &&
	[ "$status" = 2 ] && says 'error[unbuilt]' && says 'no Makefile names' && says '--allow-unbuilt fs/proc/kpatch_new.c' && [ ! -e "$out/livepatch-fallen.ko" ] && clean
verdict "a new file that no Makefile names" $?

build -n fallen --allow-unbuilt fs/proc/kpatch_new.c --allow-unbuilt=b/fs/proc/none.c "$scratch/new.patch" "$scratch/second.patch"
[ "$status" = 0 ] && sound livepatch-fallen && says 'patches vmlinux; 1 changed file is not built' &&
	accounts 'built    fs/proc/cmdline.c: vmlinux, changed' 'unbuilt  fs/proc/kpatch_new.c: nobody builds it, as --allow-unbuilt allows'
verdict "--allow-unbuilt" $?

patch_of into fs/proc/cmdline.c '1a#include "kpatch_new.c"' net/ipv4/fib_lookup.h 's/^(\tres->fi = fi;)/\1\n\tif (res->prefixlen > 200)\n\t\tres->prefixlen = 33;/' kernel/sched/rt.c '1a/* x */'
build "$scratch/new.patch" "$scratch/into.patch"
[ "$status" = 0 ] && accounts 'built    fs/proc/cmdline.c: vmlinux, unchanged in code' 'built    fs/proc/kpatch_new.c: included by 1 unit, none changed' \
	'built    kernel/sched/rt.c: included by 1 unit, none changed' 'header   net/ipv4/fib_lookup.h: 3 units, 1 changed'
verdict "a new file that a changed one includes, a .c file that another includes, a header" $?

patch_of vdso-common lib/vdso/gettimeofday.c '1a/* x */' fs/proc/cmdline.c '/saved_command_line/a\	seq_putc(m, 33);'
build "$scratch/vdso-common.patch"
[ "$status" = 2 ] && says 'error[not-in-kernel]: `lib/vdso/gettimeofday.c`'
verdict "a .c file that only the vDSO includes" $?

build "$scratch/lines.patch"
[ "$status" = 3 ] && says 'nothing to do' && [ ! -e "$out/livepatch-lines.ko" ]
verdict "lines that only move" $?

build "$scratch/included.patch"
[ "$status" = 3 ] && says 'kernel/sched/build_policy.o'
verdict "a .c file that another includes" $?

build "$scratch/elsewhere.patch"
[ "$status" = 3 ] && says 'ignored  Documentation/index.rst' && says 'ignored  arch/x86/um/delay.c: of another' && says 'builds nothing of `drivers/block/amiflop.c`'
verdict "a file that the configuration does not build" $?

build "$scratch/data.patch"
[ "$status" = 2 ] && says 'error[data-changed]' && says "  source  kernel/panic.c:$(grep -n '^int panic_timeout' "$LAB/linux/kernel/panic.c" | cut -d: -f1)" &&
	[ ! -e "$out/livepatch-data.ko" ] && clean
verdict "changed data is refused with its line" $?

build "$scratch/initialiser.patch"
[ "$status" = 2 ] && says 'error[init-changed]: `chr_dev_init`' && says 'and that to `null_fops`' &&
	says "  source  drivers/char/mem.c:$(grep -n '^static const struct file_operations null_fops' "$LAB/linux/drivers/char/mem.c" | cut -d: -f1)"
verdict "what refers to a changed initialiser is refused with the line of that" $?

. "$here/policy.sh"
. "$here/package.sh"

build "$scratch/assembler.patch"
[ "$status" = 2 ] && says 'memset_64.S' && says '`lib/Kconfig`' && says '`lib/Makefile`' && clean
verdict "assembler, Kconfig and Makefile are refused at once" $?

# Of a module, whose name kbuild does not tell an assembler.
patch_of assembled arch/x86/kvm/vmx/run_flags.h 's/^(#define VMX_RUN_VMRESUME_SHIFT).*/\1 3/'
patch_of assembled-same arch/x86/kvm/vmx/run_flags.h 's/^(#define VMX_RUN_VMRESUME_SHIFT.*)/\n\1 + 0/'
build "$scratch/assembled.patch"
[ "$status" = 2 ] && says 'error[assembler]: `arch/x86/kvm/vmx/vmenter.o` is assembled to something else' && says '1 of 7 unit(s) cannot be' && says 'vmx.o (kvm_intel): 1 changed' &&
	build "$scratch/assembled-same.patch" && [ "$status" = 3 ] && accounts 'header   arch/x86/kvm/vmx/run_flags.h: 7 units, none changed' && clean
verdict "a header that assembler includes" $?

build "$scratch/vdso.patch"
[ "$status" = 2 ] && says 'not part of the kernel that runs'
verdict "the vDSO is refused" $?

build "$scratch/blank.patch"
[ "$status" = 3 ] && says '24 of them read the same text as before' && accounts 'header   fs/proc/internal.h: 24 units, none changed' && clean
verdict "a header of which only lines changed costs no compiling" $?

build "$scratch/macro.patch"
[ "$status" = 0 ] && says '22 of them read the same text as before' && accounts 'header   fs/proc/internal.h: 24 units, 2 changed' && clean &&
	sound livepatch-macro && holds livepatch-macro proc_pid_readdir
verdict "of a header's units those are compiled that read another text" $?

build --max-units 2 "$scratch/header.patch"
[ "$status" = 2 ] && says 'reach 3 units'
verdict "--max-units" $?

. "$here/callers.sh"
. "$here/output.sh"

build "$scratch/wrong.patch"
[ "$status" = 1 ] && says 'does not apply' && says FAILED && clean
verdict "a patch that does not apply" $?

sed '/saved_command_line/d' "$LAB/linux/fs/proc/cmdline.c" >"$scratch/before.c"
diff -u --label a/fs/proc/cmdline.c --label b/fs/proc/cmdline.c "$scratch/before.c" "$LAB/linux/fs/proc/cmdline.c" >"$scratch/applied.patch"
build "$scratch/applied.patch"
[ "$status" = 1 ] && says 'has the change already'
verdict "a patch that is applied already" $?

printf -- '--- a/../x.c\n+++ b/../x.c\n@@ -0,0 +1 @@\n+x\n' >"$scratch/outside.patch"
build "$scratch/outside.patch"
[ "$status" = 1 ] && says 'inside the source only'
verdict "a patch outside the source" $?

echo hello >"$scratch/text.patch"
build "$scratch/text.patch"
[ "$status" = 1 ] && says 'is no patch'
verdict "a text that is no patch" $?

. "$here/odd.sh"

# From git, with a diffstat and a binary part; with other ends of lines; from a directory higher up. On a read-only source.
{ printf 'From 0123 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n---\n fs/proc/cmdline.c | 1 +\n Documentation/x.png | Bin 0 -> 4 bytes\n\n'
	printf 'diff --git a/Documentation/x.png b/Documentation/x.png\nnew file mode 100644\nindex 000..111\nGIT binary patch\nliteral 4\nLcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n'
	echo 'diff --git a/fs/proc/cmdline.c b/fs/proc/cmdline.c'
	cat "$scratch/second.patch"
	printf -- '-- \n2.39.5\n\n'; } >"$scratch/mail.patch"
patch_of crlf fs/proc/version.c '/seq_printf.m, linux_proc_banner/i\	seq_putc(m, 63);'
sed -i 's/$/\r/' "$scratch/crlf.patch"
patch_of flat fs/proc/loadavg.c '/seq_printf\(m, "/i\	seq_putc(m, 63);'
sed -i 's|^--- a/|--- |; s|^+++ b/|+++ |' "$scratch/flat.patch"
printf '#!/bin/sh\nmount --bind "%s" "%s" && mount -o remount,bind,ro "%s" && exec "$@"\n' "$LAB/linux" "$LAB/linux" "$LAB/linux" >"$scratch/read-only"
[ "$(id -u)" != 0 ] || ! unshare -m sh "$scratch/read-only" true 2>/dev/null || within="unshare -m sh $scratch/read-only"
[ -n "$within" ] || skip "a source that cannot be written" "needs root and mount(2)"
build -n forms "$scratch/mail.patch" "$scratch/crlf.patch" "$scratch/flat.patch"
within=''
[ "$status" = 0 ] && sound livepatch-forms && says 'ignored  Documentation/x.png' && says 'patch -p0' && holds livepatch-forms cmdline_proc_show &&
	holds livepatch-forms version_proc_show && holds livepatch-forms loadavg_proc_show
verdict "a mail from git, carriage returns, no a/ and b/" $?

sed 's|Documentation/x.png|drivers/x.bin|g' "$scratch/mail.patch" >"$scratch/binary.patch"
build "$scratch/binary.patch"
[ "$status" = 1 ] && says 'is binary' && says 'drivers/x.bin'
verdict "a binary part that matters" $?

sed 's|fs/proc/loadavg.c|fs/proc/nowhere.c|' "$scratch/flat.patch" >"$scratch/nowhere.patch"
build "$scratch/nowhere.patch"
[ "$status" = 1 ] && says 'has no file `fs/proc/nowhere.c`'
verdict "a patch of files that the source does not have" $?

build "$scratch/second.patch" "$scratch/second.patch"
[ "$status" = 1 ] && says 'given twice'
verdict "a patch given twice" $?

patch_of outside-kernel MAINTAINERS '1ax' tools/Makefile '1a# x' samples/Makefile '1a# x' Documentation/index.rst '1a.. x'
build "$scratch/outside-kernel.patch"
[ "$status" = 3 ] && says 'ignored  MAINTAINERS' && says 'ignored  tools/Makefile' && says 'change no source'
verdict "tools, samples and documentation" $?

diff -u --label a/fs/proc/version.c --label /dev/null "$LAB/linux/fs/proc/version.c" /dev/null >"$scratch/removed.patch"
build "$scratch/removed.patch" "$scratch/second.patch" -n removed
[ "$status" = 2 ] && says 'error[removed]' && says 'fs/proc/version.c'
verdict "a file that is removed" $?

patch_of export fs/proc/cmdline.c '$a\void kpatch_new(void);\nvoid kpatch_new(void) { pr_info("new\\n"); }\nEXPORT_SYMBOL(kpatch_new);'
build "$scratch/export.patch"
[ "$status" = 3 ] && says 'exports nothing' && says '`kpatch_new`' && says 'that nothing calls' && [ ! -e "$out/livepatch-export.ko" ]
verdict "a new function that is exported, and nothing else" $?

build -k "$scratch/export.patch"
kept=$(kept_dir)
status=0
sh "$here/../../kmod/build.sh" --kdir "$LAB/bld" --name livepatch-nothing "$kept/diff/vmlinux.o" "$scratch/nothing.ko" >"$scratch/said" 2>&1 || status=$?
[ "$status" = 2 ] && says 'error[nothing-to-patch]: `livepatch-nothing` would patch nothing' && [ ! -e "$scratch/nothing.ko" ]
verdict "build.sh of objects in which nothing changed" $?
rm -rf "$kept"

build "$scratch/syntax.patch"
[ "$status" = 1 ] && says undeclared && says 'does not compile with the patches applied' && clean
verdict "a patch that does not compile" $?

cat >"$scratch/other-cc" <<'END'
#!/bin/sh
[ "$1" != --version ] || { echo "gcc (Other 1.2.3) 1.2.3"; exit; }
exec gcc-12 "$@"
END
chmod +x "$scratch/other-cc"
export CC="$scratch/other-cc"
build "$scratch/two.patch"
[ "$status" = 1 ] && says 'error[compiler-mismatch]: the compiler differs' && says '1.2.3' && says 'Debian 12' && says '--skip-compiler-check' && says '--toolchain auto fetches Debian' && says 'gcc-12 12.2.0'
verdict "another compiler is refused" $?
export CC='env gcc-12' # as `ccache gcc-12` would be
build -n prefixed "$scratch/second.patch"
[ "$status" = 0 ] && sound livepatch-prefixed && grep -qF ' CC=env gcc-12 ' "$KPATCH_BUILD_DIR"/*/build.log
verdict "a compiler of several words" $?
unset CC

# A compiler that ends by signal 9, and one that gets no memory, where the file is patched.
for fate in 'kill -s KILL $$' 'ulimit -v 60000'; do
	printf '#!/bin/sh\nfor file; do :; done\ncase "$file" in *cmdline.c) ! grep -q "putc(m, 63)" "$file" || %s ;; esac\nexec gcc-12 "$@"\n' "$fate" >"$scratch/dying-cc"
	chmod +x "$scratch/dying-cc"
	export CC="$scratch/dying-cc"
	build -n dying "$scratch/second.patch"
	[ "$status" = 1 ] && says 'error[killed]' && says '-j 1' && ! says 'does not compile' && clean
	verdict "a compiler that is killed: $fate" $?
done
unset CC

build -v "$scratch/none" "$scratch/two.patch"
[ "$status" = 1 ] && says 'error[unreadable]' && says '-v names' && build -m "$scratch/none" "$scratch/two.patch" && [ "$status" = 1 ] && says '-m names' &&
	build -m "$scratch/start" "$scratch/two.patch" && [ "$status" = 1 ] && says 'error[no-symvers]'
verdict "missing symbols" $?

status=0
"$command" -s /nope "$scratch/two.patch" >"$scratch/said" 2>&1 || status=$?
[ "$status" = 1 ] && says 'error[unreadable]: cannot read `/nope`' && says '-s names' && ! says '-b'
verdict "a source that does not exist" $?

build -j x "$scratch/two.patch"
[ "$status" = 1 ] && says 'error[usage]: option `-j` wants a number, not `x`' && build --max-units=0 "$scratch/two.patch" && [ "$status" = 1 ] &&
	says 'option `--max-units` wants a number, not `0`'
verdict "options that want numbers" $?

"$command" --help >"$scratch/said" && says 'Usage: kpatch-build [OPTION]... PATCH...' && says 'Exit status: 0 ' && ! says 6.1.0 &&
	sh "$here/../../kmod/build.sh" --help >"$scratch/said" && says 'Usage: build.sh' && says 'Exit status: 0 '
verdict "--help of kpatch-build and build.sh" $?

build -s "$LAB/bld" "$scratch/two.patch"
[ "$status" = 1 ] && says 'is no kernel source'
verdict "headers instead of the source" $?

mkdir -p "$scratch/older/kernel/livepatch" "$scratch/older/scripts" "$scratch/older/arch/x86"
touch "$scratch/older/kernel/livepatch/core.c" "$scratch/older/scripts/Makefile.build"
sed 's/^VERSION = .*/VERSION = 5/; s/^PATCHLEVEL = .*/PATCHLEVEL = 7/' "$LAB/linux/Makefile" >"$scratch/older/Makefile"
build -s "$scratch/older" "$scratch/two.patch"
[ "$status" = 1 ] && says 'error[old-kernel]: Linux 5.7.' && says 'create-diff-object --klp-arch'
verdict "a kernel before 5.8" $?

sed '/CONFIG_LIVEPATCH=/d' "$LAB/bld/.config" >"$scratch/config"
build -c "$scratch/config" "$scratch/two.patch"
says 'the kernel is built without CONFIG_LIVEPATCH: the patch is for kpatch.ko'
verdict "a kernel without live patching is one for the core" $?
build -c "$scratch/config" --core livepatch "$scratch/two.patch"
[ "$status" = 1 ] && says 'error[no-livepatch]' && says 'without CONFIG_LIVEPATCH'
verdict "unless the kernel's own is asked for" $?
sed '/CONFIG_KPROBES=/d' "$scratch/config" >"$scratch/config2"
build -c "$scratch/config2" "$scratch/two.patch"
[ "$status" = 1 ] && says 'error[no-core]' && says 'CONFIG_KPROBES'
verdict "what the core needs of the configuration" $?
build --core linux "$scratch/two.patch"
[ "$status" = 1 ] && says 'is no core'
verdict "a core that there is not" $?

# Without KALLSYMS_ALL: what an object refers to, by which symbols of the kernel. runqueues is per-CPU data, linked at zero.
listed_by() { # SYMBOLS
	bash -c 'for part in describe core; do . "$1/$part.bash"; done
		config_is() { false; } && binutil() { echo "$1"; } && refuse() { echo "refused[$1]: $2: $3"; } && end_if_refused() { :; }
		vmlinux=$2 linkable=("$3") && check_listed' - "$here/../../scripts/kpatch-build.d" "$1" "$scratch/refers.o" >"$scratch/said" 2>&1
}
echo 'extern char a, b, c, d; char *p[] = { &a, &b, &c, &d };' | gcc-12 -c -x c -o "$scratch/refers.o" - &&
	objcopy $(printf -- '--redefine-sym %s=.klp.sym.rela.vmlinux.vmlinux.%s,0 ' a meminfo_proc_show b saved_command_line c runqueues) --redefine-sym d=.klp.sym.rela.vmlinux.vmlinux.c_start,2 "$scratch/refers.o" &&
	listed_by "$scratch/System.map" && says 'the variable `saved_command_line`' && says 'System.map` has no build ID' && says 'the variable `runqueues`' && says 'one of several of the name `c_start`' && ! says meminfo &&
	listed_by "$LAB/vmlinux" && [ "$(wc -l <"$scratch/said")" = 1 ] && says 'refused[data-not-listed]: the patch refers to the variable `runqueues`' && says 'does not move with'
verdict "a variable that the kernel does not list" $?

# What kpatch-build takes for recorded is what create-klp-module records: of a thousand variables, of all that kallsyms would tell of.
nm "$LAB/vmlinux" | awk '$2 ~ /^[abdrABDRV]$/ && $3 ~ /^[a-z_][a-z0-9_]*$/ && $3 !~ /^__(crc|kstrtab|ksymtab)/ { n[$3]++ } END { for (name in n) if (n[name] == 1) print name }' | sort |
	awk 'NR % 20 == 1 || /^(runqueues|cpu_info|init_task|saved_command_line)$/' >"$scratch/names"
awk '{ print "extern char s" NR ";"; list = list "&s" NR ", " } END { print "char *p[] = { " list "};" }' "$scratch/names" | gcc-12 -c -x c -o "$scratch/refers.o" - &&
	awk '{ print "s" NR, ".klp.sym.rela.vmlinux.vmlinux." $1 ",0" }' "$scratch/names" >"$scratch/redefined" && objcopy --redefine-syms="$scratch/redefined" "$scratch/refers.o" &&
	"$bindir/create-klp-module" --core -k "$LAB/vmlinux" "$scratch/refers.o" "$scratch/records.o" >"$scratch/said" 2>&1 &&
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here/../lib" python3 -c 'import sys, kpatch
print("\n".join(sorted(k.name for k in kpatch.KpatchElf(sys.argv[1]).ksyms if not k.src)))' "$scratch/records.o" >"$scratch/unrecorded" 2>>"$scratch/said" &&
	bash -c 'for part in describe core; do . "$1/$part.bash"; done; binutil() { echo "$1"; }; vmlinux=$2 && unlisted_in "$3"' - \
		"$here/../../scripts/kpatch-build.d" "$LAB/vmlinux" "$scratch/refers.o" | diff "$scratch/unrecorded" - >>"$scratch/said" &&
	[ "$(wc -l <"$scratch/names")" -gt 500 ] && grep -qx runqueues "$scratch/unrecorded" && ! grep -qx saved_command_line "$scratch/unrecorded"
verdict "whose address is recorded, as create-klp-module does it" $?

{ cat "$LAB/bld/.config"; echo CONFIG_LTO_CLANG=y; } >"$scratch/config"
build -c "$scratch/config" "$scratch/two.patch"
[ "$status" = 1 ] && says 'link-time optimisation' && { cat "$LAB/bld/.config"; echo CONFIG_RANDSTRUCT=y; } >"$scratch/config" &&
	build -c "$scratch/config" "$scratch/two.patch" && [ "$status" = 1 ] && says 'laid out at random' && says randstruct.seed
verdict "link-time optimisation, structures at random without a seed" $?

export ARCH=s390
build "$scratch/two.patch"
unset ARCH
[ "$status" = 1 ] && says 'compiles for another machine' && says 'CROSS_COMPILE=s390x-linux-gnu-'
verdict "a compiler for another machine" $?

build -a 9.9.9 "$scratch/two.patch"
[ "$status" = 1 ] && says 'is of another kernel'
verdict "symbols of another kernel" $?

build -n 'a b' "$scratch/two.patch"
[ "$status" = 1 ] && says "cannot be a module's name" && build --frobnicate "$scratch/two.patch" && [ "$status" = 1 ] && says 'is unknown'
verdict "wrong usage" $?

if [ "$(id -u)" = 0 ] && mkdir "$scratch/tiny" && mount -t tmpfs -o size=2m tmpfs "$scratch/tiny" 2>/dev/null; then
	saved=$KPATCH_BUILD_DIR KPATCH_BUILD_DIR=$scratch/tiny
	build "$scratch/two.patch"
	KPATCH_BUILD_DIR=$saved
	[ "$status" = 1 ] && says 'the disk is too full'
	verdict "no room for the work" $?
	dd if=/dev/zero of="$scratch/tiny/fill" bs=1k 2>/dev/null
	build -o "$scratch/tiny" "$scratch/two.patch"
	[ "$status" = 1 ] && says 'cannot write' && [ -z "$(find "$scratch/tiny" -name '*.ko*')" ] && clean
	verdict "no room for the module" $?
	umount "$scratch/tiny"
	mount -t tmpfs -o size=6m tmpfs "$scratch/tiny"
	export KPATCH_BUILD_NEED_MB=1
	KPATCH_BUILD_DIR=$scratch/tiny
	build "$scratch/two.patch"
	KPATCH_BUILD_DIR=$saved
	unset KPATCH_BUILD_NEED_MB
	[ "$status" = 1 ] && says 'the disk is full' && says 'KPATCH_BUILD_DIR'
	verdict "a disk that fills up in the middle" $?
	umount "$scratch/tiny"
else
	skip "no room" "needs root and mount(2)"
fi

. "$here/interrupted.sh"

cat >"$scratch/Makefile" <<END
all: two second
two second:
	+"$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$out" -d "$scratch/\$@.patch"
END
empty_output
make -j2 -C "$scratch" >"$scratch/said" 2>&1
[ $? = 0 ] && sound livepatch-two && sound livepatch-second && says 'waiting  for another' && grep -qF -- '--jobserver-' "$KPATCH_BUILD_DIR"/*/build.log && ! grep -qi 'jobserver unavailable\|resetting jobserver' "$scratch/said"
verdict "two at once under make's job server" $?

clean
verdict "the source and the work directory are as they were" $?

tell_sum build
