# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# prepare.bash - the work directory of one kernel, made once and used again by each patch for it
#
#   src/     a farm: the source's directories, with a symbolic link for each file. What a patch touches becomes a file of its
#            own for a while (compile.bash), so paths, __FILE__ and kbuild's dependencies are the same before and after
#   bld/     `make modules_prepare` of src/ with the kernel's configuration, and the units compiled so far, unpatched
#   build.log, lock, stamps (farm, prepared), dirty and texts (see recover)
#
#   run.*/   one directory for each run. What -k keeps has the run's build.log in it, and stays until --clean
#
# $kdir is the work directory, $work a directory in it for this run.

kbuild_makeflags=''
farm_skip=(.git .config .version Documentation arch samples)

cache_directory() { echo "${KPATCH_BUILD_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/kpatch-build}"; }

# Before anything is fetched for it.
check_cache() {
	local cache
	[ -n "${KPATCH_BUILD_DIR:-}${XDG_CACHE_HOME:-}${HOME:-}" ] || die usage "there is no directory to work in" "none of KPATCH_BUILD_DIR, XDG_CACHE_HOME and HOME is set" "set KPATCH_BUILD_DIR"
	cache=$(cache_directory)
	[[ $cache != *[[:space:]:]* ]] || die usage "no kernel can be compiled in \`$cache\`" "kbuild takes no path with blanks or colons" "set KPATCH_BUILD_DIR to a directory without them"
}

# --clean=all: whatever they were prepared with. What remains is an empty directory with the lock that others may wait for.
clean_work_directories() {
	local cache dir fd
	cache=$(cache_directory)
	for dir in "$cache/$release"-*; do
		[[ ${dir#"$cache/$release-"} =~ ^[0-9]+-[0-9]+$ ]] || continue
		exec {fd}>>"$dir/lock" || die unwritable "cannot write to \`$dir\`" "see above" "check whose directory it is"
		lock_alone "$fd" "$dir" "works for this kernel"
		say "cleaning $dir"
		empty_directory "$dir"
		exec {fd}>&-
	done
}

# empty_directory DIR: but for its lock
empty_directory() {
	count_by '' clean
	run find "$1" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
	count_no_more
}

# lock_alone FD DIR TEXT: waits for other runs, and says so
lock_alone() {
	flock -n "$1" && return 0
	say "waiting  for another kpatch-build that $3"
	run flock "$1" || die unwritable "cannot lock \`$2\`" "flock failed" "set KPATCH_BUILD_DIR to a local directory"
}

# The work directory's name tells all that its contents depend on: of CC the version and options, not what it is called through.
open_work_directory() {
	local key
	[ "$clean" != all ] || clean_work_directories
	key=$({ printf '%s\n' "$source" "$release" "${CC#"${CC%% -*}"}" "$compiler" "$ARCH" "${LLVM:-}" "${CROSS_COMPILE:-}" "${KCFLAGS:-}"; cat "$config" "$symvers" ${seed:+"$seed"}; } |
		cksum | tr ' ' '-')
	kdir=$(cache_directory)/$release-$key
	mkdir -p "$kdir" 2>/dev/null || die unwritable "cannot make \`$kdir\`" "the directory is not writable, or the disk is full" \
		"set KPATCH_BUILD_DIR to a directory with 1 GB of space"
	kdir=$(cd "$kdir" && pwd -P)
	exec {lock}>"$kdir/lock" || die unwritable "cannot write to \`$kdir\`" "see above" "set KPATCH_BUILD_DIR to another directory"
	flock -n "$lock" || {
		say "waiting  for another kpatch-build of this kernel (set KPATCH_BUILD_DIR to work beside it)"
		run flock "$lock" || die unwritable "cannot lock \`$kdir\`" "flock failed" "set KPATCH_BUILD_DIR to a local directory"
	}
	[ -z "$clean" ] || empty_directory "$kdir"
	logfile=$kdir/build.log
	: >"$logfile" || die unwritable "cannot write \`$logfile\`" "the disk is full, or the file is not writable" "set KPATCH_BUILD_DIR to another directory"
	remove_leftovers
	work=$(mktemp -d "$kdir/run.XXXXXX") && chmod 755 "$work" ||
		die unwritable "cannot make a directory in \`$kdir\`" "the disk is full" "free some space, or set KPATCH_BUILD_DIR"
	log "kpatch-build $(date -u '+%F %T') for $release, source $source, configuration $config, symbols $vmlinux, compiler $compiler"
	job_server
	check_space
	check_programs_run
	recover
}

# kbuild compiles programs of its own there, and starts them.
check_programs_run() {
	printf '#!/bin/sh\n' >"$work/started" && chmod 755 "$work/started" || die unwritable "cannot write \`$work/started\`" "the disk is full" "free some space, or set KPATCH_BUILD_DIR"
	"$work/started" 2>>"$logfile" || die unwritable "programs cannot be started in \`$kdir\`" "as a rule its file system is mounted with noexec" "set KPATCH_BUILD_DIR to a directory elsewhere"
	rm -f "$work/started"
}

# Of runs that were killed. All that a run starts inherits the lock, so that what is here once it is ours belongs to nobody.
remove_leftovers() {
	local dir
	for dir in "$kdir"/run*; do
		[ -e "$dir/build.log" ] || rm -rf "$dir"
	done
}

# What an outer make says counts only where it concerns its job server.
job_server() {
	kbuild_makeflags=-j${jobs:-$(nproc)}
	[ -n "$jobs" ] || ! grep -q -- --jobserver- <<<"${MAKEFLAGS:-}" ||
		kbuild_makeflags=" $(tr ' ' '\n' <<<"$MAKEFLAGS" | grep -E -- '^(-j[0-9]*|--jobserver-(auth|fds)=.*)$' | tr '\n' ' ')"
	unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL GNUMAKEFLAGS
}

# Measured with 6.1: the farm 250 MB, the build directory 70 MB and 5 MB for each unit.
check_space() {
	local need=$((KPATCH_BUILD_NEED_MB + 0)) have
	[ "$need" -gt 0 ] || { [ -e "$kdir/prepared" ] && need=100 || need=600; }
	have=$(df -Pk "$kdir" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$have" -ge "$need" ] || die disk-full "the disk is too full" "$kdir has $have MB left, and $need MB are needed" \
		"free some, or set KPATCH_BUILD_DIR to a directory on another disk"
}
KPATCH_BUILD_NEED_MB=${KPATCH_BUILD_NEED_MB:-0}

kbuild() {
	local args=(-s -C "$kdir/src" O="$kdir/bld" ARCH="$ARCH" CC="$CC" KERNELRELEASE="$release" LOCALVERSION= "KCFLAGS=$flags")
	[ -z "${LLVM:-}" ] || args+=(LLVM="$LLVM")
	[ -z "${CROSS_COMPILE:-}" ] || args+=(CROSS_COMPILE="$CROSS_COMPILE")
	if [ -n "${HOSTCC:-}" ]; then
		args+=(HOSTCC="$HOSTCC")
	elif [ -z "${LLVM:-}" ] && ! command -v gcc >/dev/null; then
		args+=(HOSTCC="${CC#"${CROSS_COMPILE:-}"}")
	fi
	# A header names who compiles, and where: the cache may be that of containers, each of which has another name.
	run env MAKEFLAGS="$kbuild_makeflags" KBUILD_BUILD_USER=kpatch KBUILD_BUILD_HOST=localhost make "${args[@]}" "$@"
}

# Tells apart two states of the source: names, sizes and times, of all but patches and what builds leave.
source_state() {
	(cd "$source" && find . \( -name .git -o -path './arch/*' ! -path "./arch/$srcarch" ! -path "./arch/$srcarch/*" -o -path ./Documentation \) -prune -o \
		-type f ! -name '.*' ! -name '*.o' ! -name '*.ko' ! -name '*.a' ! -name '*~' ! -name '*.orig' ! -name '*.patch' ! -name '*.diff' -printf '%T@ %s %p\n') | sort | cksum
}

# Documentation, samples and other architectures are left out but for what Kconfig reads, and scripts/checksyscalls.sh: tables of x86.
link_some() {
	local path
	(cd "$source" && find arch Documentation samples \( -path "arch/$srcarch" -o -path arch/um \) -prune -o \( -name 'Kconfig*' -o -name Makefile -o -name 'syscall*.tbl' \) -type f -print) |
		while IFS= read -r path; do
			mkdir -p "$kdir/src/${path%/*}" && ln -s "$source/$path" "$kdir/src/$path" || return 1
		done
}

# Of a source that was built in place: what kbuild would take for the sign of a configured tree.
drop_built() {
	rm -rf "$kdir/src/tools/testing" "$kdir/src/tools/perf" "$kdir/src/include/config" "$kdir/src/include/generated" \
		"$kdir/src/arch/$srcarch/include/generated"
	find "$kdir/src" \( -name '*.o' -o -name '.*.cmd' -o -name '*.ko' -o -name '*.a' -o -name .tmp_versions \) -exec rm -rf {} +
}

make_farm() {
	local entry
	rm -rf "$kdir/src" "$kdir/farm" "$kdir/includes" "$kdir/across"
	mkdir -p "$kdir/src/arch" || return 1
	for entry in "$source"/* "$source"/.[a-z]*; do
		[ -e "$entry" ] || continue
		[[ " ${farm_skip[*]} " == *" ${entry##*/} "* ]] || cp -rs "$entry" "$kdir/src/" 2>>"$logfile" || return 1
	done
	for entry in "$srcarch" um; do
		[ ! -d "$source/arch/$entry" ] || cp -rs "$source/arch/$entry" "$kdir/src/arch/" 2>>"$logfile" || return 1
	done
	link_some && drop_built
}

# A source, flags, or the way to link it that changed since the last run: its links anew, and nothing that was compiled from it
# counts any more.
update_farm() {
	local state
	state="$(source_state) $(cksum <"$parts/prepare.bash") $flags"
	[ ! -e "$kdir/farm" ] || [ "$state" != "$(cat "$kdir/farm")" ] || return 0
	log "linking the source"
	[ ! -e "$kdir/compiled" ] || forget_units <"$kdir/compiled"
	rm -f "$kdir/compiled" "$kdir/prepared"
	run make_farm || die unwritable "cannot link the source into \`$kdir/src\`" "the disk is full, or has no room for 60,000 links" "set KPATCH_BUILD_DIR to another directory"
	echo "$state" >"$kdir/farm"
}

forget_units() {
	local unit
	while read -r unit; do
		rm -f "$kdir/bld/$unit" "$(cmd_file "$kdir/bld/$unit")"
	done
}

cmd_file() { echo "${1%/*}/.${1##*/}.cmd"; }

# Keys that signed the distribution's modules are not here; the other two would make objects of another kind.
prepare_build() {
	mkdir -p "$kdir/bld" && cp "$config" "$kdir/bld/.config" && chmod u+w "$kdir/bld/.config" && cp "$symvers" "$kdir/bld/Module.symvers" || return 1
	cat >>"$kdir/bld/.config" <<-END
		CONFIG_SYSTEM_TRUSTED_KEYS=""
		CONFIG_SYSTEM_REVOCATION_KEYS=""
		# CONFIG_TRIM_UNUSED_KSYMS is not set
		# CONFIG_DEBUG_INFO_SPLIT is not set
	END
	kbuild olddefconfig && turn_off_new && check_kept && place_seed && kbuild modules_prepare
}

# Options that the kernel's configuration does not know, because the machine that it was made on lacked what they need.
turn_off_new() {
	local new
	new=$(comm -13 <(options_in "$config") <(options_in "$kdir/bld/.config"))
	[ -n "$new" ] || return 0
	sed 's/.*/# & is not set/' <<<"$new" >>"$kdir/bld/.config"
	kbuild olddefconfig
}

options_in() { sed -nE 's/^(# )?(CONFIG_[A-Za-z0-9_]+)(=| is not set).*/\2/p' "$1" | sort -u; }

# kbuild makes a seed of its own, once: that is replaced before anything is compiled with it.
place_seed() {
	[ -n "$seed" ] || return 0
	kbuild scripts_basic && cp "$seed" "$kdir/bld/scripts/basic/randstruct.seed" && mkdir -p "$kdir/bld/include/generated" &&
		echo "#define RANDSTRUCT_HASHED_SEED \"$(tr -d '\n' <"$seed" | sha256sum | cut -d' ' -f1)\"" >"$kdir/bld/include/generated/randstruct_hash.h"
}

# What the patched functions and the kernel have to have in common, or there is no live patching.
check_kept() {
	local option
	for option in LIVEPATCH RANDSTRUCT RANDSTRUCT_FULL RANDSTRUCT_PERFORMANCE GCC_PLUGIN_RANDSTRUCT; do
		! config_is "CONFIG_$option" || grep -qx "CONFIG_$option=y" "$kdir/bld/.config" ||
			die config-mismatch "CONFIG_$option cannot be had" "$config sets it, and the source or this machine's tools turn it off" \
				"install what it needs, such as gcc's plugin headers, and see whether the configuration is that of the source"
	done
}

# Options that this machine's tools turned on or off change code.
check_config() {
	local drift ignore='_VERSION(_TEXT)?=|SYSTEM_(TRUSTED|REVOCATION)_KEYS|TRIM_UNUSED_KSYMS|UNUSED_KSYMS_WHITELIST|DEBUG_INFO_SPLIT|_BTF|PAHOLE|RUSTC_'
	drift=$(diff <(grep -E '^(# )?CONFIG_' "$config" | sort -u) <(grep -E '^(# )?CONFIG_' "$kdir/bld/.config" | sort -u) |
		grep '^[<>]' | grep -vE "$ignore|# CONFIG_.*is not set" | head -n 20)
	[ -z "$drift" ] || warn config-mismatch "the configuration cannot be had as it was" "$(tr '\n' ' ' <<<"$drift")" \
		"install the compiler and tools that built the kernel (\`<\` is the kernel's, \`>\` what is possible here)"
}

# The headers of the patches. A copy, so that flags and objects do not depend on where the tools stand.
copy_macros() {
	local dir
	for dir in "$here/../include" "$here/../share/kpatch"; do
		[ ! -e "$dir/kpatch-macros.h" ] || { mkdir -p "$kdir/macros" && cp -p "$dir"/kpatch{,-macros,-syscall}.h "$kdir/macros"; return; }
	done
}

compiler_flags() {
	flags="${KCFLAGS:+$KCFLAGS }$(diff_flags "$config" | tr '\n' ' ')-I$kdir/macros"
	config_is CONFIG_DEBUG_INFO || flags="$flags -g" # for line numbers; it changes no code
}

prepare() {
	step prepare "$release in $kdir"
	compiler_flags
	copy_macros || die unwritable "cannot write to \`$kdir/macros\`" "the disk is full" "set KPATCH_BUILD_DIR to another directory"
	update_farm
	if [ ! -e "$kdir/prepared" ]; then
		say "         configuring and building kbuild's own tools, once"
		prepare_build || fail_with_log prepare-failed "the source cannot be prepared for \`$release\`" "see what kbuild said"
		: >"$kdir/prepared"
	fi
	check_config
}
