#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# place.sh ROOT LAB BUILDDIR PLACE - make PLACE: what the documents' commands are run in
#
# A copy of the source, with BUILDDIR as build/, and of the kernel in LAB:
#
#   linux/ bld/ modules/ vmlinux Module.symvers zram.ko     what they are in the lab
#   meminfo.patch first.patch second.patch                  patches of its source
#   orig.o patched.o                                        fs/proc/meminfo.c, before and after meminfo.patch
#   orig/meminfo.o patched/meminfo.o a.orig.o a.o           the same
#   b.orig.o b.o                                            fs/proc/version.c
#   orig/zram_drv.o patched/zram_drv.o                      of the module zram
#   bld-orig/ bld-patched/                                  both, as kbuild leaves them
#   idr.o idr-patched.o                                     lib/idr.c, which the kernel compiles without tracing
#   livepatch-fix.ko livepatch-fix2.ko                      live patches for it
set -eu

root=$1 LAB=$2 build=$3 place=$4
kernel=$root/tests/kernel
mkdir -p "$place/orig" "$place/patched" "$place/build"
cd "$root"
scripts/files.sh | tar -c -T - | tar -x -C "$place"
cp -a "$build/." "$place/build"

cd "$place"
for name in linux bld modules vmlinux; do
	ln -s "$LAB/$name" "$name"
done
cp "$LAB/bld/Module.symvers" .
find "$LAB/modules/" -name zram.ko -exec cp {} . \;

edit() { # UNIT SED: edited.c
	sed "$2" "linux/$1" >edited.c
	! cmp -s edited.c "linux/$1" || { echo "the edit of $1 changes nothing"; exit 1; }
}
compile() { # UNIT ORIG PATCHED: the unit as it is, and edited.c in its place
	cp "bld/${1%.c}.o" "$2"
	python3 -B "$kernel/corpus.py" --compile "$LAB" "$1" edited.c "$3"
}
patch_of() { # UNIT NAME: edited.c as a patch
	diff -u --label "a/$1" --label "b/$1" "linux/$1" edited.c >"$2" || [ $? = 1 ]
}

sh "$kernel/kbuild.sh" "$LAB" fs/proc/meminfo.o fs/proc/version.o lib/idr.o drivers/block/zram/zram_drv.o

cp "$kernel/meminfo.patch" .
patch -s -o edited.c linux/fs/proc/meminfo.c meminfo.patch
compile fs/proc/meminfo.c orig.o patched.o
cp orig.o orig/meminfo.o && cp patched.o patched/meminfo.o && cp orig.o a.orig.o && cp patched.o a.o

edit fs/proc/version.c '/seq_printf(m, linux_proc_banner/i\	seq_putc(m, 63);'
compile fs/proc/version.c b.orig.o b.o
patch_of fs/proc/version.c first.patch
edit fs/proc/cmdline.c '/saved_command_line/a\	seq_putc(m, 33);'
patch_of fs/proc/cmdline.c second.patch
edit drivers/block/zram/zram_drv.c \
	's/^\tsz = zcomp_available_show(.*/&\n\tsz += scnprintf(buf + sz, PAGE_SIZE - sz, "patched\\n");/'
compile drivers/block/zram/zram_drv.c orig/zram_drv.o patched/zram_drv.o
edit lib/idr.c '/^void ida_destroy/,/^}/s/^\txas_lock_irqsave.*/\tif (!ida)\n\t\treturn;\n&/'
compile lib/idr.c idr.o idr-patched.o

for unit in fs/proc/meminfo drivers/block/zram/zram_drv; do
	for side in orig patched; do
		mkdir -p "bld-$side/${unit%/*}"
		cp "bld/${unit%/*}/.${unit##*/}.o.cmd" "$side/${unit##*/}.o" "bld-$side/${unit%/*}"
	done
done

"$build/bin/create-diff-object" -q --form linkable -k vmlinux -s Module.symvers orig.o patched.o fix.o
sh "$root/kmod/build.sh" --kdir bld --name livepatch-fix fix.o linked.ko
"$build/bin/create-klp-module" linked.ko livepatch-fix.ko
sh "$root/kmod/build.sh" --kdir bld --name livepatch-fix2 fix.o linked2.ko
"$build/bin/create-klp-module" linked2.ko livepatch-fix2.ko
rm -f edited.c fix.o linked.ko linked2.ko
