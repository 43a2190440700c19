# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# toolchain.bash - --toolchain auto: the kernel's own compiler, of another Debian, beside the machine's
#
# The configuration tells which package of Debian in which version compiled the kernel. That package is unpacked with all that it
# depends on, binutils and C library among it, and nothing is installed (own-loader.sh runs it). Below the cache:
#
#   toolchain/PACKAGE_VERSION_ARCHITECTURE/  root/, bin/ and parts/, whole; its file `packages` tells what it was made of. --clean=all leaves
#                         it, since other kernels have the same compiler
#   toolchain/apt/        apt's lists and packages meanwhile: what is there after a break is not downloaded again
#   toolchain/lock        held by the run that makes one
#
# Sets CC, CROSS_COMPILE (the kernel's binutils) and compiler. Host programs are compiled by the machine's gcc.

toolchain=machine toolchains='' toolchain_lock='' toolchain_size=0

toolchain_of() {
	value_of "$@"
	case $2 in
	auto | machine) toolchain=$2 ;;
	*) die usage "\`$2\` is no toolchain" "--toolchain takes auto, the kernel's own compiler where the machine's is another, or machine" "see kpatch-build --help" ;;
	esac
}

# debian_compiler TEXT: `gcc-14 14.2.0-19`, if that is what Debian calls a compiler with this text for its version
debian_compiler() { sed -nE 's/^([^ ]*-)?gcc(-[0-9]+)? \(Debian (([0-9]+)[^) ]*)\) .*/gcc-\4 \3/p' <<<"$1"; }

# compiler_suites PACKAGE: the suites of Debian that have it, or did
compiler_suites() {
	case $1 in
	gcc-10) echo bullseye bullseye-security ;;
	gcc-12) echo bookworm bookworm-security ;;
	gcc-14) echo trixie trixie-security ;;
	*) echo testing unstable ;;
	esac
}

# compiler_way_out TEXT: how to get the compiler that built a kernel
compiler_way_out() {
	local package otherwise="or accept the risk with --skip-compiler-check"
	package=$(debian_compiler "$1")
	if [ -n "$package" ] && [ "$toolchain" = machine ]; then
		echo "--toolchain auto fetches Debian's $package and uses it beside the machine's; or install it, $otherwise"
	else
		echo "install that compiler and name it with CC=, $otherwise"
	fi
}

# What the compiler is made of has its version, also where another suite has a newer one.
prefer_version() { printf 'Package: /./\nPin: version %s\nPin-Priority: 1001\n' "$wanted_version" >"$toolchains/apt/preferences"; }

# Of what the machine has installed, this apt knows nothing.
toolchain_apt() {
	local dir=$toolchains/apt
	[ "$(cat "$dir/for" 2>/dev/null)" = "$package" ] || rm -rf "$dir"
	mkdir -p "$dir/lists/partial" "$dir/packages" "$dir/cache/archives/partial" && : >"$dir/status" && : >"$dir/preferences" && echo "$package" >"$dir/for" &&
		write_sources $(compiler_suites "$package") >"$dir/sources.list" 2>>"$logfile" || die unreadable "cannot write \`$dir/sources.list\`" \
		"the disk is full, or KPATCH_BUILD_SOURCES names no readable file" "see $logfile"
	apt_options=(-q -o "Dir::State=$dir" -o "Dir::State::lists=$dir/lists" -o "Dir::State::status=$dir/status" -o "Dir::Cache=$dir/cache"
		-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::Etc::preferences=$dir/preferences" -o Dir::Etc::preferencesparts=/dev/null
		-o APT::Sandbox::User=root -o pkgCacheGen::Essential=none -o APT::Install-Recommends=false -o Acquire::Languages=none -o Acquire::Retries=3)
}

# The compiler's version is the kernel's, but where any is good enough.
choose_version() {
	local has
	apt_has=''
	ask_versions "$package"
	has=$(sed -n "s/^$package //p" <<<"$apt_has" | sort -uV)
	! grep -qxF "$wanted_version" <<<"$has" || return 0
	[ -n "$compiler_check" ] || [ -z "$has" ] || { wanted_version=$(tail -n 1 <<<"$has"); return 0; }
	fail_with_log no-toolchain "the kernel's compiler, \`$package\` of version $wanted_version, is not to be had" \
		"name a file of apt's lines that has it with KPATCH_BUILD_SOURCES, such as of snapshot.debian.org; or take what there is with --skip-compiler-check" \
		"apt has ${has:+version ${has//$'\n'/, } in }$(awk '{ printf "%s%s", (NR > 1 ? " and " : ""), $(NF - 1) }' "$toolchains/apt/sources.list")${has:+ alone}"
}

count_toolchain() { echo "$(du -sb "$toolchains/apt/packages" | cut -f1) $toolchain_size bytes"; }

# Apt checks what it downloads by the hashes of its lists; what is there already, it does not download.
download_toolchain() {
	local packages
	prefer_version
	ask apt-get "${apt_options[@]}" install --print-uris -y "$package=$wanted_version" || fail_with_log no-toolchain "apt cannot tell what \`$package\` depends on" "see apt's words"
	toolchain_size=$(awk '/^'\''/ { size += $3 } END { printf "%d", size }' <<<"$answer")
	say "         the kernel's compiler, $package $wanted_version: $(((toolchain_size + 999999) / 1000000)) MB to download, into $toolchains"
	ask apt-get "${apt_options[@]}" install --simulate "$package=$wanted_version"
	mapfile -t packages < <(awk '$1 == "Inst" { print $2 "=" substr($3, 2) }' <<<"$answer")
	may_need=$((4096 + toolchain_size / 200))
	count_by count_toolchain "downloading $package"
	run env -C "$toolchains/apt/packages" apt-get "${apt_options[@]}" download "${packages[@]}" || fail_with_log no-toolchain "cannot download \`$package\`, version $wanted_version" "run kpatch-build again" "apt's words stand above"
	count_no_more
}

unpack_toolchain() {
	unpack_packages "$partial" "$toolchains"/apt/packages/*.deb && own_commands "$partial" "$triple" "$package" &&
		(cd "$toolchains/apt/packages" && ls -- *.deb) >"$partial/packages" && sync -f "$partial" && mv -T "$partial" "$(toolchain_dir)"
}

make_toolchain() {
	local saved_log=$logfile saved_options=("${apt_options[@]}") saved_has=$apt_has command
	for command in apt-get apt-cache dpkg-deb; do
		command -v "$command" >/dev/null || die missing-tool "\`$command\` is missing" "--toolchain auto needs it" "install apt, or install the compiler and name it with CC="
	done
	partial=$toolchains/fetching logfile=$toolchains/fetch.log
	rm -rf "$partial"
	: >"$logfile" || die unwritable "cannot write \`$logfile\`" "the disk is full, or the file is not writable" "set KPATCH_BUILD_DIR to another directory"
	toolchain_apt
	run apt-get "${apt_options[@]}" -o APT::Update::Error-Mode=any update || fail_with_log no-toolchain "the lists of packages cannot be read" \
		"name a file of apt's lines that has $package with KPATCH_BUILD_SOURCES" "apt's words stand above"
	choose_version
	download_toolchain
	run unpack_toolchain || fail_with_log unpack-failed "cannot unpack \`$package\`, version $wanted_version" "run kpatch-build again" "it is no compiler, or a program failed"
	rm -rf "$toolchains/apt"
	partial='' logfile=$saved_log apt_options=("${saved_options[@]}") apt_has=$saved_has
}

open_toolchains() {
	toolchains=$(cache_directory)/toolchain
	mkdir -p "$toolchains" 2>/dev/null && toolchains=$(cd "$toolchains" && pwd -P) && exec {toolchain_lock}>>"$toolchains/lock" || die unwritable "cannot make \`$toolchains\`" \
		"the directory is not writable, or the disk is full" "set KPATCH_BUILD_DIR to a directory with 1 GB of space"
	lock_alone "$toolchain_lock" "$toolchains" "fetches a compiler"
}

# The kernel's architecture, if it is the machine's: what Debian calls it, and what its commands are called after
machine_names() {
	case $srcarch:$(dpkg --print-architecture 2>/dev/null) in
	x86:amd64) echo amd64 x86_64-linux-gnu ;;
	arm64:arm64) echo arm64 aarch64-linux-gnu ;;
	s390:s390x) echo s390x s390x-linux-gnu ;;
	powerpc:ppc64el) echo ppc64el powerpc64le-linux-gnu ;;
	loongarch:loong64) echo loong64 loongarch64-linux-gnu ;;
	esac
}

# What was fetched before: the kernel's version, or where any is good enough the newest.
find_toolchain() {
	local dir newest
	[ ! -e "$(toolchain_dir)/packages" ] || return 0
	[ -z "$compiler_check" ] || return 1
	newest=$(cd "$toolchains" && for dir in "${package}_"*"_$machine/packages"; do [ ! -e "$dir" ] || cut -d_ -f2 <<<"$dir"; done | sort -V | tail -n 1)
	[ -n "$newest" ] && wanted_version=$newest
}

toolchain_dir() { echo "$toolchains/${package}_${wanted_version}_$machine"; }

# own_compiler TEXT: of the kernel's configuration
own_compiler() {
	local package wanted_version machine triple
	read -r package wanted_version < <(debian_compiler "$1")
	read -r machine triple < <(machine_names)
	[ -n "$package" ] || die no-toolchain "no package of Debian is the kernel's compiler" "it was \`$1\`" "$(compiler_way_out "$1")"
	[ -n "$machine" ] || die no-toolchain "\`$package\` of Debian compiles for the machine that it runs on" "the kernel's architecture is $srcarch, and this machine's $(uname -m)" "$(compiler_way_out "$1")"
	command -v gcc >/dev/null || [ -n "${HOSTCC:-}" ] || die missing-tool "\`gcc\` is missing" "kbuild compiles programs for this machine, and the kernel's compiler has none of its libraries" "install gcc and libc6-dev"
	open_toolchains
	find_toolchain || make_toolchain
	exec {toolchain_lock}>&-
	CC=$(toolchain_dir)/bin/$triple-$package CROSS_COMPILE=$(toolchain_dir)/bin/$triple-
	say "         the kernel's compiler is that in $(toolchain_dir)"
}
