# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian.bash - the kernel of a Debian package (--debian ABI), such as 6.1.0-42-amd64
#
# What is installed is used; the rest is downloaded with apt-get and unpacked, not installed, into debian/ABI below the cache:
# headers (configuration, Module.symvers), modules, the source of the same version and vmlinux of the -dbg package. About
# 500 MB are downloaded, once; 3 GB of disk are needed. What the user gave with -s, -b, -v or -M is not fetched.

deb_download() {
	local package=$1
	say "         downloading $package $version"
	(cd "$deb" && run apt-get -q -o APT::Sandbox::User=root download "$package=$version") ||
		die "cannot download \`$package\`, version $version" "apt-get has it no more, or the network is down" \
			"run apt-get update, or give the kernel's files with -s, -b, -v and -M"
	set -- "$deb/$package"_*.deb
	package_file=$1
}

# deb_unpack PACKAGE DIR PATTERN...: these files of it. tar may close the pipe early.
deb_unpack() {
	local package=$1 dir=$2
	deb_download "$package"
	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$package_file" 2>>"$logfile" | tar -x -C "$dir" --wildcards "${@:3}" 2>>"$logfile"
	rm -f "$package_file"
}

debian_version() {
	version=$(dpkg-query -W -f '${Version}' "linux-headers-$1" 2>/dev/null || dpkg-query -W -f '${Version}' "linux-image-$1" 2>/dev/null)
	: "${version:=$(apt-cache madison "linux-headers-$1" 2>/dev/null | cut -d'|' -f2 | tr -d ' ' | sort -V | tail -n 1)}"
	[ -n "$version" ] || die "apt knows no kernel \`$1\`" "there is no package linux-headers-$1" \
		"run apt-get update; \`apt-cache pkgnames linux-headers-\` lists what there is"
}

debian_build() {
	build=$(first "/usr/src/linux-headers-$1/.config")
	build=${build%/.config}
	[ -z "$build" ] || return 0
	build=$deb/usr/src/linux-headers-$1
	[ -s "$build/Module.symvers" ] || deb_unpack "linux-headers-$1" "$deb" "./usr/src/linux-headers-$1/*"
}

debian_source() {
	local series archive
	series=$(cut -d. -f1-2 <<<"$version") archive=/usr/src/linux-source-$series.tar.xz
	source=$deb/linux-source-$series
	[ ! -e "$source/Makefile" ] || return 0
	# Another version's source, even a slightly newer one, is another kernel.
	if [ ! -e "$archive" ] || [ "$(dpkg-query -W -f '${Version}' "linux-source-$series" 2>/dev/null)" != "$version" ]; then
		archive=$deb$archive
		[ -e "$archive" ] || deb_unpack "linux-source-$series" "$deb" "./usr/src/linux-source-$series.tar.xz"
	fi
	say "         unpacking the source"
	mkdir -p "$deb/unpack"
	run tar -xf "$archive" -C "$deb/unpack" && mv "$deb/unpack/linux-source-$series" "$source" ||
		die "cannot unpack \`$archive\`" "the disk is full, or the download broke off" "free 2 GB, remove $deb and try again"
	rm -f "$deb$archive"
}

debian_modules() {
	modules=$(first "/lib/modules/$1/kernel")
	modules=${modules:-$deb/lib/modules/$1/kernel}
	[ -d "$modules" ] || deb_unpack "linux-image-$1" "$deb" "./lib/modules/$1/kernel/*" || deb_unpack "linux-image-$1" "$deb" "./usr/lib/modules/$1/kernel/*"
}

debian_vmlinux() {
	vmlinux=$(first "/usr/lib/debug/boot/vmlinux-$1" "$deb/usr/lib/debug/boot/vmlinux-$1")
	[ -z "$vmlinux" ] || return 0
	vmlinux=$deb/usr/lib/debug/boot/vmlinux-$1
	deb_unpack "linux-image-$1-dbg" "$deb" --occurrence=1 "./usr/lib/debug/boot/vmlinux-$1"
	# Line numbers are not needed, and 600 MB are not small; --strip-debug would take FILE symbols too.
	objcopy --strip-debug --keep-file-symbols "$vmlinux" "$vmlinux.small" && mv "$vmlinux.small" "$vmlinux" ||
		die "cannot unpack vmlinux of $1" "the disk is full, or the download broke off" "free 1 GB and try again"
}

debian_kernel() {
	deb=${KPATCH_BUILD_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kpatch-build}/debian/$1 version='' package_file=''
	local command
	for command in apt-get apt-cache dpkg-deb; do
		command -v "$command" >/dev/null || die "\`$command\` is missing" "--debian needs a Debian system" "give the kernel's files with -s, -b, -v and -M"
	done
	mkdir -p "$deb" || die "cannot make \`$deb\`" "the directory is not writable, or the disk is full" "set KPATCH_BUILD_DIR"
	logfile=$deb/fetch.log
	: >"$logfile"
	release=$1
	step fetch "the kernel $1 of Debian"
	debian_version "$1"
	[ -n "$build" ] || debian_build "$1"
	[ -n "$source" ] || debian_source "$1"
	[ -n "$modules" ] || debian_modules "$1"
	[ -n "$vmlinux" ] || debian_vmlinux "$1"
}
