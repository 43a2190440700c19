#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BUILDDIR [CFLAGS] - what `make install` puts down can be used: commands, headers, libraries, pkg-config, pages
set -u

build=$1
cflags=${2:-}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
scratch=$root terse=1
. tests/lib/verdicts.sh

orig=tests/fixtures/obj/changed-function.gcc.orig.o
patched=tests/fixtures/obj/changed-function.gcc.patched.o
export PKG_CONFIG_PATH="$root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"

build_user() { # OUT EXTRA...
    out=$1
    shift
    # shellcheck disable=SC2046,SC2086 # lists of words
    "${CC:-gcc}" $cflags -o "$out" tests/install/use.c $(pkg-config --cflags libelfdiff) "$@"
}
build_shared() { build_user "$root/shared" $(pkg-config --libs libelfdiff); }
build_static() { # what the library needs, pkg-config knows
    # shellcheck disable=SC2046 # lists of words
    build_user "$root/static" "$root/usr/lib/libelfdiff.a" $(pkg-config --libs --static libelfdiff | sed 's/-lelfdiff//')
}
says() { # PROGRAM
    [ "$(LD_LIBRARY_PATH="$root/usr/lib" "$1" $orig $patched 2>/dev/null)" = "vmlinux changed 1" ]
}
only_public() { # every exported symbol is elfdiff_* of version ELFDIFF_0
    nm -D --defined-only "$root/usr/lib/libelfdiff.so" | awk '$3 !~ /^elfdiff_.*@@ELFDIFF_0$/ && $3 !~ /^ELFDIFF_0/ {
        print; bad = 1 } END { exit bad }'
}
has_soname() { readelf -d "$root/usr/lib/libelfdiff.so" | grep -q "SONAME.*\[libelfdiff\.so\.$(cut -d. -f1 VERSION)\]"; }
all_declared() { # every function of the header is in the library
    grep -oE 'elfdiff_[a-z_]+\(' include/elfdiff.h | tr -d '(' | sort -u | while read -r name; do
        nm -D --defined-only "$root/usr/lib/libelfdiff.so" | grep -q " $name@@" || { echo "$name"; exit 1; }
    done
}

same_version() { # and of one commit
    for command in bin/create-diff-object bin/create-klp-module bin/kpatch-build bin/kpatch-boot sbin/kpatch; do
        "$root/usr/$command" --version | sed "s/^${command#*/} //"
    done | sort -u >"$root/versions"
    echo "$(cat VERSION) ($(scripts/commit.sh))" | diff - "$root/versions" &&
        [ "$(pkg-config --modversion libelfdiff)" = "$(cat VERSION)" ]
}
nothing_to_do() {
    make O="$build" all >"$root/made" && [ ! -s "$root/made" ] || { cat "$root/made"; return 1; }
}

has_pages() { # in the section that the page itself names; commands in bin are of section 1, those in sbin of 8
    for page in man/*.[1-8]; do
        read -r title section <<END
$(sed -n 's/^\.TH \([A-Z-]*\) \([1-8]\) .*/\1 \2/p' "$page" | tr A-Z a-z)
END
        test -s "$root/usr/share/man/man$section/$title.$section" || { echo "$page: $title.$section is not installed"; return 1; }
        case $section in
        1) test -x "$root/usr/bin/$title" ;;
        8) test -x "$root/usr/sbin/$title" ;;
        esac || { echo "$title($section): the command is not where its section says"; return 1; }
    done
}
has_schema() {
    grep -qF 'PREFIX/share/kpatch/report.schema.json' man/create-diff-object.1 &&
        cmp docs/report.schema.json "$root/usr/share/kpatch/report.schema.json" &&
        cmp docs/directory-report.schema.json "$root/usr/share/kpatch/directory-report.schema.json" &&
        cmp docs/build-report.schema.json "$root/usr/share/kpatch/build-report.schema.json"
}

finds_macros() { # as kpatch-build does, from where the installed one is
    (
        self=$(readlink -f "$root/usr/bin/kpatch-build")
        here=${self%/*} kdir=$root/kdir
        export here kdir
        # shellcheck disable=SC2016 # for bash to expand
        bash -c '. "$here/../libexec/kpatch-build/prepare.bash" && copy_macros' && test -s "$kdir/macros/kpatch-macros.h" && test -s "$kdir/macros/kpatch-syscall.h"
    )
}

is_hardened() { # FILE: what its headers and the functions that it asks for tell
    readelf -lW "$1" >"$root/segments" && readelf -dW "$1" >"$root/dynamic" && nm -D "$1" >"$root/wanted" || return 1
    grep -qE 'file type is DYN' "$root/segments" || { echo "$1: it has a fixed address"; return 1; }
    grep -q GNU_RELRO "$root/segments" && grep -qE 'BIND_NOW|Flags:.*NOW' "$root/dynamic" ||
        { echo "$1: the table of functions stays writable"; return 1; }
    grep -qE 'GNU_STACK .* RW +0x' "$root/segments" || { echo "$1: the stack may be executable"; return 1; }
    grep -q __stack_chk_fail "$root/wanted" || { echo "$1: no stack protector"; return 1; }
    case $cflags in
    *fsanitize*) ;;
    *) grep -qE '__[a-z]+_chk(@|$)' "$root/wanted" || { echo "$1: no fortified functions"; return 1; } ;;
    esac
}

multiarch() { # COMMAND: with places of its own
    make -s O="$build" DESTDIR="$root/multiarch" PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu MANDIR=/usr/man UNITDIR=/lib/systemd/system \
        ZSHDIR=/usr/share/zsh/vendor-completions "$@"
}
in_its_places() {
    test -e "$root/multiarch/usr/lib/x86_64-linux-gnu/libelfdiff.so" &&
        grep -qx 'libdir=/usr/lib/x86_64-linux-gnu' "$root/multiarch/usr/lib/x86_64-linux-gnu/pkgconfig/libelfdiff.pc" &&
        test -s "$root/multiarch/usr/man/man1/create-diff-object.1" &&
        test -s "$root/multiarch/usr/share/zsh/vendor-completions/_kpatch" &&
        grep -qx 'ExecStart=/usr/sbin/kpatch load --all' "$root/multiarch/lib/systemd/system/kpatch.service" &&
        test ! -e "$root/multiarch/usr/share/man" && test ! -e "$root/multiarch/usr/lib/libelfdiff.so"
}
nothing_but() { # FILE: it is all that is left, and no folder of ours is
    find "$root/multiarch" ! -type d ! -path "$1" -o -type d -path "$root/multiarch/*kpatch*" | awk '{ print; bad = 1 } END { exit bad }' &&
        test -e "$1"
}

check "make install" make -s O="$build" DESTDIR="$root" PREFIX=/usr install
check "the command runs" "$root/usr/bin/create-diff-object" --version
check "a program with the shared library builds" build_shared
check "and runs" says "$root/shared"
check "a program with the static library builds" build_static
check "and runs" says "$root/static"
check "only the interface is exported" only_public
check "the whole interface is exported" all_declared
check "the soname is right" has_soname
for file in bin/create-diff-object bin/create-klp-module lib/libelfdiff.so; do
    check "$file is hardened" is_hardened "$root/usr/$file"
done
check "kpatch-build finds its parts" "$root/usr/bin/kpatch-build" --version
check "kpatch runs" "$root/usr/sbin/kpatch" --version
check "all commands and the library are of one version" same_version
check "make, where nothing has changed" nothing_to_do
check "the pages are there, each in its section" has_pages
check "the schema is where create-diff-object(1) says" has_schema
check "kpatch-build finds the header of the macros" finds_macros
sh tests/install/complete.sh "$root/usr" || failed=$((failed + 1))

check "make install with other places" multiarch install
check "puts the library and the pages there" in_its_places
echo >"$root/multiarch/usr/bin/another"
check "make uninstall" multiarch uninstall
check "removes what was installed, and nothing else" nothing_but "$root/multiarch/usr/bin/another"
check "make uninstall, where nothing is left" multiarch uninstall

tell_sum install
