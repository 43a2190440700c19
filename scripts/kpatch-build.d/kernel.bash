# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.bash - the kernel that is to be patched, from what the user gave and what is found
#
# Sets source, build, config, seed, symvers, vmlinux, modules, release, CC, ARCH and compiler (its version's text).

# first FILE...: the first that exists
first() {
	local file
	for file; do
		[ ! -s "$file" ] || { echo "$file"; return; }
	done
}

config_text() { sed -n "s/^$1=\"\\(.*\\)\"\$/\\1/p" "$config" | head -n 1; }

config_is() { grep -qx "$1=[ym]" "$config"; }

find_build() {
	: "${build:=$(first "/lib/modules/${release:-$(uname -r)}/build")}"
	[ -n "$build" ] || [ -n "$config" ] || [ -n "$source" ] || die no-kernel "which kernel?" "no build directory is given, and /lib/modules/${release:-$(uname -r)}/build does not exist" \
		"give -b (headers or build directory) and -s (source), or --debian ABI"
	: "${build:=$source}"
	build=$(readlink -f "$build")
}

find_source() {
	: "${source:=$(first "$build/source" "$build")}"
	source=$(readlink -f "$source")
	[ -e "$source/kernel/livepatch/core.c" ] && [ -e "$source/scripts/Makefile.build" ] || die no-source "\`$source\` is no kernel source" \
		"headers alone do not suffice: kernel/livepatch/core.c is missing" "give the unpacked source of the kernel's version with -s"
	[ -d "$source/arch/$srcarch" ] || die no-source "\`$source\` knows no architecture \`$ARCH\`" "ARCH or the configuration names it" "check ARCH"
}

find_config() {
	: "${config:=$(first "$build/.config" "/boot/config-$release")}"
	[ -s "$config" ] || die no-config "the kernel's configuration is missing" "neither $build/.config nor -c names one" "give it with -c"
	config=$(readlink -f "$config")
	config_is CONFIG_MODULES || die no-livepatch "the kernel is built without CONFIG_MODULES" "its configuration, $config, says so" \
		"only a kernel that loads modules can be live-patched"
	[ -z "$redirect" ] || config_is CONFIG_KPROBES || die no-kprobes "the kernel is built without CONFIG_KPROBES" "its configuration, $config, says so" \
		"without --redirect, functions that ftrace cannot redirect are refused with the reason"
	! config_is CONFIG_LTO_CLANG || die lto "the kernel is built with link-time optimisation" "CONFIG_LTO_CLANG is set: its objects hold no machine code" \
		"such kernels are not supported"
	[ -n "$sign_key" ] || ! config_is CONFIG_MODULE_SIG_FORCE || warn signed-modules "the kernel loads signed modules only" "CONFIG_MODULE_SIG_FORCE is set" \
		"sign the module with a key that it trusts: --sign KEY CERT"
}

# Structures laid out at random are the kernel's only with its own seed, which a build directory has, and headers may not.
find_seed() {
	seed=''
	config_is CONFIG_RANDSTRUCT || config_is CONFIG_GCC_PLUGIN_RANDSTRUCT || return 0
	seed=$(first "$build/scripts/basic/randstruct.seed")
	[ -n "$seed" ] || die randstruct "the kernel's structures are laid out at random" \
		"CONFIG_RANDSTRUCT is set, and $build/scripts/basic/randstruct.seed, which tells how, does not exist" \
		"give the directory that the kernel was built in with -b; without its seed, patched functions would read wrong members"
}

find_symvers() {
	: "${symvers:=$(first "$build/Module.symvers")}"
	[ -s "$symvers" ] || die no-symvers "Module.symvers is missing" "$build has none: it holds the exported symbols and their versions" \
		"give it with -m; the headers package and every complete build have it"
	symvers=$(readlink -f "$symvers")
}

# The banner in vmlinux is the truth; the rest may have been prepared with another KERNELRELEASE.
find_release() {
	[ -z "$release" ] || return 0
	local given=''
	! [ -s "$vmlinux" ] || given=$(grep -a -m1 -o 'Linux version [0-9][^ ]*' "$vmlinux" | sed 's/.* //;q')
	: "${release:=$given}"
	: "${release:=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' "$build/include/generated/utsrelease.h" 2>/dev/null)}"
	: "${release:=$(cat "$build/include/config/kernel.release" 2>/dev/null)}"
	[ -n "$release" ] || die no-release "the kernel's release is not known" "$build does not tell it" "give it with -a, as \`uname -r\` says it"
}

readable_kallsyms() {
	[ "$release" = "$(uname -r)" ] && awk '$1 !~ /^0+$/ { found = 1; exit } END { exit !found }' /proc/kallsyms
}

# Whether a file tells where functions are. Headers may have a vmlinux of type information alone, which is no small file. A text
# may have no addresses: saved by another user than root, or the note that Debian ships for a System.map.
tells_addresses() {
	if [ "$(head -c 4 "$1" | tr -d '\0')" = $'\177ELF' ]; then
		"$(binutil nm)" -p "$1" 2>/dev/null | grep -q ' [tT] '
	else
		awk '$1 ~ /^[0-9a-f]+$/ && $1 !~ /^(0+|f+)$/ && (NF == 3 || $4 ~ /^\[/) { found = 1; exit } END { exit !found }' "$1"
	fi
}

# Of one that cannot be read nobody knows, and it is named if there is no other.
find_vmlinux() {
	local file closed=''
	if [ -z "$vmlinux" ]; then
		for file in "$build/vmlinux" "/usr/lib/debug/boot/vmlinux-$release" "/usr/lib/debug/lib/modules/$release/vmlinux" \
			"/boot/vmlinux-$release" "$build/System.map" "/boot/System.map-$release"; do
			[ -s "$file" ] || continue
			[ -r "$file" ] || : "${closed:=$file}"
			[ -r "$file" ] && tells_addresses "$file" || continue
			vmlinux=$file
			break
		done
		[ -n "$vmlinux" ] || ! readable_kallsyms || vmlinux=/proc/kallsyms
		: "${vmlinux:=$closed}"
	fi
	[ -n "$vmlinux" ] || die no-symbols "symbols of the kernel $release are missing" "no vmlinux or System.map with them, and no readable /proc/kallsyms, was found for it" \
		"give them with -v; Debian has them in linux-image-$release-dbg"
	[ -r "$vmlinux" ] || die unreadable "cannot read \`$vmlinux\`" "its permissions do not allow it" "run as root, or give the kernel's symbols with -v"
	vmlinux=$(readlink -f "$vmlinux")
	tells_addresses "$vmlinux" ||
		die no-addresses "\`$vmlinux\` holds no addresses" "it is neither an ELF file with the kernel's symbols nor a System.map or saved /proc/kallsyms with addresses" \
			"save /proc/kallsyms as root, or give vmlinux of the kernel's debug package"
}

# The compiler's version without the name that it was called by: `gcc-12 (Debian 12.2.0) 12.2.0` is the same as `gcc (...`.
version_of() { sed -E 's/^[^ ]*(gcc|cc)[^ ]* \(/gcc (/'; }

# A tool's name by LLVM=1, LLVM=-14 (a suffix) or LLVM=/usr/lib/llvm/bin/ (a directory), as kbuild reads them.
llvm_tool() {
	case $LLVM in
	-*) echo "$1$LLVM" ;;
	*/) echo "$LLVM$1" ;;
	*) echo "$1" ;;
	esac
}

# The suffix by which a distribution that has several calls the clang of this version (`clang-16`), unless `clang` is that one.
clang_suffix() {
	local major
	major=$(sed -nE 's/.*clang version ([0-9]+)\..*/\1/p' <<<"$1")
	[ "$(clang --version 2>/dev/null | head -n 1)" = "$1" ] || ! command -v "clang-${major:-none}" >/dev/null || echo "-$major"
}

# The compiler that the configuration names, also as that of a cross build; LLVM where it says so.
default_compiler() {
	local wanted=$1 name named=${1%% *} suffix
	case $named in
	*-gcc | *-gcc-[0-9]*) : "${CROSS_COMPILE:=$(sed -n 's/-gcc\(-[0-9.]*\)\{0,1\}$/-/p' <<<"$named")}" ;;
	esac
	suffix=$(clang_suffix "$wanted")
	if [ -z "${LLVM:-}" ] && config_is CONFIG_CC_IS_CLANG && config_is CONFIG_LD_IS_LLD; then LLVM=${suffix:-1}; fi
	[ -z "${LLVM:-}" ] || { CC=$(llvm_tool clang); return; }
	CC=${CROSS_COMPILE:-}gcc
	! config_is CONFIG_CC_IS_CLANG || CC=clang$suffix
	case $named in *gcc* | *cc*) ;; *) return ;; esac
	for name in "${CROSS_COMPILE:-}${named#"${CROSS_COMPILE:-}"}" "$CC"; do
		! command -v "$name" >/dev/null || { CC=$name; return; }
	done
}

# gcc compiles for one machine only; kbuild would say that its options are unknown.
check_machine() {
	local machine triple
	case $compiler in *clang*) return ;; esac
	machine=$($CC -dumpmachine 2>/dev/null)
	case $srcarch:$machine in
	x86:x86_64* | x86:i?86* | arm64:aarch64* | s390:s390* | powerpc:powerpc* | loongarch:loongarch* | *:) return ;;
	x86:*) triple=x86_64 ;;
	arm64:*) triple=aarch64 ;;
	s390:*) triple=s390x ;;
	powerpc:*) triple=powerpc64le ;;
	loongarch:*) triple=loongarch64 ;;
	*) return ;;
	esac
	die wrong-machine "the compiler \`$CC\` compiles for another machine" "it is of $machine, and the kernel of the architecture $srcarch" \
		"name the tools with CROSS_COMPILE=, such as CROSS_COMPILE=$triple-linux-gnu-"
}

# nm, objcopy or strip for the kernel's architecture
binutil() {
	if [ -n "${LLVM:-}" ]; then llvm_tool "llvm-$1"; else echo "${CROSS_COMPILE:-}$1"; fi
}

compiler_text() { $CC --version 2>/dev/null | head -n 1; }

# is_kernels TEXT: the compiler is that of the configuration
is_kernels() { [ "$(version_of <<<"$compiler")" = "$(version_of <<<"$1")" ]; }

find_compiler() {
	local wanted given=${CC:-}
	wanted=$(config_text CONFIG_CC_VERSION_TEXT)
	[ -n "${CC:-}" ] || default_compiler "$wanted"
	compiler=$(compiler_text)
	[ "$toolchain" = machine ] || [ -n "$given" ] || is_kernels "$wanted" || {
		own_compiler "$wanted"
		compiler=$(compiler_text)
	}
	[ -n "$compiler" ] || die no-compiler "the compiler \`$CC\` does not run" "the kernel was compiled with \`$wanted\`" "$(compiler_way_out "$wanted")"
	check_machine
	! is_kernels "$wanted" || return 0
	[ -n "$compiler_check" ] || {
		warn compiler-mismatch "the compiler differs from the kernel's" "\`$compiler\`, and \`$wanted\`" "functions may be inlined otherwise than in the kernel that runs"
		return 0
	}
	die compiler-mismatch "the compiler differs from the kernel's" "\`$CC\` is \`$compiler\`, the kernel's was \`$wanted\`" \
		"$(compiler_way_out "$wanted")"
}

find_arch() {
	: "${ARCH:=$(sed -n 's/^# Linux\/\([a-z0-9_]*\) .*/\1/p' "$config" | head -n 1)}"
	: "${ARCH:=$(uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/; s/ppc64le/powerpc/; s/s390x/s390/; s/loongarch64/loongarch/')}"
	srcarch=${ARCH/x86_64/x86}
}

# The version of which a source is, such as 6.1.192, by its Makefile
source_version() {
	awk '$2 == "=" && $1 ~ /^(VERSION|PATCHLEVEL|SUBLEVEL)$/ && !($1 in is) { is[$1] = $3 }
		END { if (is["VERSION"] != "") printf "%d.%d.%d\n", is["VERSION"], is["PATCHLEVEL"], is["SUBLEVEL"] }' "$source/Makefile"
}

# The version of which the build directory is. Before 5.13 one number tells it, in which 255 may stand for more.
build_version() {
	awk '$1 == "#define" && $2 ~ /^LINUX_VERSION_/ { is[substr($2, 15)] = $3 }
		END {
			code = is["CODE"]
			if ("MAJOR" in is) printf "%d.%d.%d\n", is["MAJOR"], is["PATCHLEVEL"], is["SUBLEVEL"]
			else if (code) printf "%d.%d.%s\n", code / 65536, code / 256 % 256, code % 256 == 255 ? "*" : code % 256
		}' "$build/include/generated/uapi/linux/version.h" 2>/dev/null
}

# What a release tells of its version: distributions that number their builds have 0 in the third place.
release_version() { sed -nE 's/^([0-9]+\.[0-9]+)\.([1-9][0-9]*)([^0-9.].*)?$/\1.\2/p; t; s/^([0-9]+\.[0-9]+)([^0-9].*)?$/\1.*/p' <<<"$release"; }

# The configuration's first lines tell of which version the kernel was, unless it was rebuilt of a newer source since.
config_version() { sed -nE 's/^# Linux\/[^ ]* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p' "$config" | head -n 1; }

# differs VERSION WHO: whether the source is of another
differs() {
	[ -n "$1" ] && [[ $is != $1 ]] || return 0
	die wrong-kernel "\`$source\` is of another kernel" "it is Linux $is, and $2 of ${1%.\*}" "give the source of the kernel that is to be patched with -s"
}

# kernel/livepatch/core.c and kernel/module.c of 5.8 apply KLP relocations of vmlinux before alternatives, paravirt calls and jump
# labels are set up. Older ones do it afterwards, over code that has been changed already.
check_age() {
	local first=${is%%.*} rest=${is#*.}
	((first > 5 || (first == 5 && ${rest%%.*} >= 8))) ||
		die old-kernel "Linux $is cannot be patched by kpatch-build" "before 5.8 the kernel applies KLP relocations to code that it has already changed" \
			"make the objects with create-diff-object --klp-arch, and the module with create-klp-module without -n"
}

check_version() {
	local is told
	is=$(source_version)
	[ -n "$is" ] || return 0
	check_age
	differs "$(release_version)" "the release $release is"
	told=$(build_version)
	differs "$told" "$build is"
	[ -n "$told" ] || [[ $(release_version) == *[0-9] ]] || differs "$(config_version)" "$config is"
}

# What is small and may rule out the rest comes first, for --debian fetches what it finds not.
find_kernel() {
	[ -z "$debian" ] || debian_headers
	find_build
	find_config
	find_seed
	find_symvers
	find_arch
	choose_core
	find_compiler
	[ -z "$debian" ] || debian_source
	find_source
	find_release
	check_version
	[ -z "$debian" ] || debian_symbols
	find_vmlinux
	: "${modules:=$(first "/lib/modules/$release")}"
	# A release that does not fit is found when the module is loaded; symbols that do not fit may crash.
	local banner
	banner=$(grep -a -m1 -o 'Linux version [0-9][^ ]*' "$vmlinux" 2>/dev/null | sed 's/.* //;q')
	[ -z "$banner" ] || [ "$banner" = "$release" ] || die wrong-kernel "\`$vmlinux\` is of another kernel" "it is of $banner, and the patch is for $release" \
		"give the symbols of $release with -v, or the release with -a"
}
