# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# toolchain.sh - --toolchain auto: the kernel's compiler from packages, beside another of the machine; sourced by debian.sh
#
# The packages are made of the machine's own gcc, which the kernels of debian.sh name; another stands before it in PATH.

text=$(gcc --version | head -n 1) triple=$(gcc -dumpmachine)
compiler_version=$(printf '%s\n' "$text" | sed -nE 's/^gcc \(Debian ([^) ]*)\) .*/\1/p') compiler=gcc-${text##* }
compiler=${compiler%%.*}

# What gcc starts is beside it, and what it is started by is a link that leads out of the package, as in Debian 11.
compiler_packages() {
	gcc=$(readlink -f "$(command -v gcc)") cc1=$(gcc -print-prog-name=cc1)
	mkdir -p "$scratch/tree/usr/lib/$triple" "$scratch/tree/lib64"
	for library in $(ldd "$gcc" "$cc1" "$(command -v as)" "$(command -v ld)" "$(command -v nm)" "$(command -v objcopy)" | grep -o '/[^ ]*\.so[^ ]*' | sort -u); do
		cp -L "$library" "$scratch/tree/usr/lib/$triple"
	done
	loader=$(ldd "$gcc" | sed -n 's/^[[:space:]]*\(\/[^ ]*\) .*/\1/p')
	mv "$scratch/tree/usr/lib/$triple/${loader##*/}" "$scratch/tree/usr/lib/$triple/own-loader"
	ln -s "/usr/lib/$triple/own-loader" "$scratch/tree/lib64/${loader##*/}"
	package test-libraries "$compiler_version"
	mkdir -p "$scratch/tree/usr/bin" "$scratch/tree/usr/lib/gcc/$triple/${compiler#gcc-}"
	cp "$gcc" "$scratch/tree/usr/bin/$triple-$compiler"
	cp "$cc1" "$scratch/tree/usr/lib/gcc/$triple/${compiler#gcc-}"
	for program in as ld nm objcopy; do cp -L "$(command -v $program)" "$scratch/tree/usr/bin/$triple-$program"; done
	package "$compiler" "$compiler_version" "Depends: test-libraries (= $compiler_version)"
}

if [ -n "$compiler_version" ]; then
	repo=$scratch/compilers-repo
	mkdir "$repo" "$scratch/differing"
	compiler_packages
	index "$repo"
	repo=$scratch/repo
	echo "deb [trusted=yes] file:$scratch/compilers-repo ./" >"$scratch/compilers.list"
	printf '#!/bin/sh\n[ "$1" != --version ] || { echo "gcc (Other 1.2.3) 1.2.3"; exit; }\nexec "%s" "$@"\n' "$(command -v gcc)" >"$scratch/differing/gcc"
	chmod +x "$scratch/differing/gcc"
	ours=$PATH KPATCH_BUILD_SOURCES=$scratch/compilers.list
	PATH=$scratch/differing:$PATH
	use whole
	own=$KPATCH_BUILD_DIR/toolchain/${compiler}_${compiler_version}_$(dpkg --print-architecture)

	fetch $old
	[ "$status" = 1 ] && says 'error[compiler-mismatch]' && says "--toolchain auto fetches Debian's $compiler $compiler_version" && [ ! -e "$KPATCH_BUILD_DIR/toolchain" ]
	verdict "another compiler is refused with the option that fetches the kernel's" $?

	fetch $old --toolchain auto
	[ "$status" = 3 ] && says "the kernel's compiler is that in $own" && printf 'int f(int x)\n{\n\treturn 3 * x;\n}\n' >"$scratch/f.c" &&
		env -i "$own/bin/$triple-$compiler" -O2 -c -o "$scratch/own.o" "$scratch/f.c" >>"$scratch/said" 2>&1 && PATH=$ours gcc -O2 -c -o "$scratch/machine.o" "$scratch/f.c" &&
		cmp "$scratch/own.o" "$scratch/machine.o" >>"$scratch/said" && [ -z "$(ls "$KPATCH_BUILD_DIR/toolchain" | grep -vx "${own##*/}\|lock\|fetch.log")" ]
	verdict "the kernel's compiler is fetched, and compiles" $?

	mv "$scratch/compilers-repo" "$scratch/gone" && fetch $old --toolchain auto
	[ "$status" = 3 ] && says "the kernel's compiler is that in $own" && ! says download
	verdict "the kernel's compiler is there, and apt is not asked" $?
	mv "$scratch/gone" "$scratch/compilers-repo"

	sed "s/$compiler_version/$compiler_version+later/" "$(find "$KPATCH_BUILD_DIR/debian/$old" -path '*/headers/*' -name .config)" >"$scratch/later.config"
	fetch $old --toolchain auto -c "$scratch/later.config"
	[ "$status" = 1 ] && says "error[no-toolchain]: the kernel's compiler, \`$compiler\` of version $compiler_version+later, is not to be had" && says "apt has version $compiler_version in" &&
		fetch $old --toolchain auto --skip-compiler-check -c "$scratch/later.config" && [ "$status" = 3 ] && says "warning[compiler-mismatch]" && says "the kernel's compiler is that in $own"
	verdict "another version is refused, or taken where any will do" $?

	printf 'CONFIG_CC_VERSION_TEXT="gcc (GCC) 14.1.1 20240701 (Red Hat 14.1.1-7)"\nCONFIG_LIVEPATCH=y\nCONFIG_MODULES=y\n' >"$scratch/foreign.config"
	fetch $old --toolchain auto -c "$scratch/foreign.config"
	[ "$status" = 1 ] && says 'error[no-toolchain]: no package of Debian is the kernel' && says 'Red Hat 14.1.1-7' && fetch $old --toolchain always && [ "$status" = 1 ] && says '`always` is no toolchain'
	verdict "a compiler that is not Debian's" $?

	rm -rf "$KPATCH_BUILD_DIR/toolchain"
	cp -r "$scratch/compilers-repo" "$scratch/damaged" && truncate -s -100 "$scratch/damaged/$compiler"_* && echo "deb [trusted=yes] file:$scratch/damaged ./" >"$scratch/compilers.list"
	fetch $old --toolchain auto
	[ "$status" = 1 ] && says 'error[no-toolchain]: cannot download' && [ ! -e "$own" ] && [ ! -e "$KPATCH_BUILD_DIR/toolchain/fetching" ] && echo "deb [trusted=yes] file:$scratch/compilers-repo ./" >"$scratch/compilers.list" &&
		fetch $old --toolchain auto && [ "$status" = 3 ] && [ -e "$own/parts/cc1" ]
	verdict "a compiler's package that is damaged, and the next run" $?

	# Another suite has gone on: of what the compiler is made of, nothing newer fits.
	rm -rf "$KPATCH_BUILD_DIR/toolchain"
	repo=$scratch/newer
	mkdir "$repo" && package test-libraries "$compiler_version+newer" && package "$compiler" "$compiler_version+newer" "Depends: test-libraries (= $compiler_version+newer)"
	index "$repo"
	repo=$scratch/repo
	echo "deb [trusted=yes] file:$scratch/newer ./" >>"$scratch/compilers.list"
	fetch $old --toolchain auto
	[ "$status" = 3 ] && says "the kernel's compiler is that in $own" && [ -e "$own/parts/cc1" ]
	verdict "the kernel's compiler, where another suite has a newer one" $?
	sed -i '$d' "$scratch/compilers.list"

	for signal in INT KILL; do
		rm -rf "$KPATCH_BUILD_DIR/toolchain"
		env --default-signal=INT setsid "$command" --debian $old --toolchain auto -o "$out" "$scratch/good.patch" >"$scratch/said" 2>&1 &
		group=$! tries=0
		until find "$KPATCH_BUILD_DIR/toolchain/fetching" -name 'lib*' 2>/dev/null | grep -q . || [ $tries -gt 3000 ]; do
			sleep 0.01
			tries=$((tries + 1))
		done
		kill -s $signal -- "-$group"
		wait $group 2>/dev/null
		status=$?
		[ "$status" = "$([ $signal = INT ] && echo 130 || echo 137)" ] && [ ! -e "$own" ] && fetch $old --toolchain auto && [ "$status" = 3 ] && "$own/bin/$triple-$compiler" --version >>"$scratch/said" &&
			[ ! -e "$KPATCH_BUILD_DIR/toolchain/fetching" ]
		verdict "SIG$signal while a compiler is unpacked, and the next run" $?
	done

	if [ "$(id -u)" = 0 ]; then
		# where that user may look, which a clone in root's home is not
		chmod 755 "$scratch" && mkdir "$scratch/readable" &&
			cp -r "$here/../../scripts" "$here/../../kmod" "$here/../../include" "$scratch/readable" && cp -r "$bindir" "$scratch/readable/bin"
		use anybody && mkdir "$KPATCH_BUILD_DIR" && cp -r "$scratch/whole/debian" "$KPATCH_BUILD_DIR" && mkdir "$scratch/own" && chown -R nobody "$KPATCH_BUILD_DIR" "$scratch/own"
		status=0
		HOME=/nonexistent TMPDIR=$scratch/own KPATCH_TOOLS=$scratch/readable/bin setpriv --reuid nobody --clear-groups "$scratch/readable/scripts/kpatch-build" --debian $old --toolchain auto -o /tmp --dry-run "$scratch/good.patch" >"$scratch/said" 2>&1 || status=$?
		[ "$status" = 3 ] && says "the kernel's compiler is that in $KPATCH_BUILD_DIR"
		verdict "an ordinary user fetches a compiler" $?
	else
		skip "an ordinary user fetches a compiler" "it was one that ran all this"
	fi
	PATH=$ours KPATCH_BUILD_SOURCES=/dev/null
else
	skip "--toolchain auto" "gcc is not Debian's"
fi
