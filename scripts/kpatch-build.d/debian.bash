# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian.bash - the kernel of a Debian package (--debian ABI), such as 6.1.0-42-amd64
#
# Four parts: headers (configuration, Module.symvers), source, modules and vmlinux. What is installed in the kernel's
# version is used, and what the user gave with -b, -s, -M or -v; the rest is downloaded with apt-get and unpacked, not
# installed. A part that is there once is never asked of apt again. Below the cache:
#
#   debian/ABI/VERSION/PART/  the part, whole; its file `package` tells what it was made of. Beside modules is vmlinuz, of
#                             their package or of its own: who boots the patch needs no other
#   debian/ABI/fetching/      the part that is being made, renamed at the end. What is found there is of a run that was killed
#   debian/ABI/downloading/   the package that is being downloaded: what is there of it after a break is not downloaded again
#   debian/ABI/apt/           lists of other suites, if the machine's apt does not know the kernel
#   debian/ABI/lock           shared by the runs that use the parts; --clean=all, which removes them, holds it alone
#   debian/ABI/fetch.lock     held by the run that fetches and by its programs, which may outlive it
#
# find_kernel calls debian_headers, debian_source and debian_symbols, and between them looks at what came: what the
# headers rule out has cost 2 MB and not 500. Sets build, source, modules, vmlinux, release.

deb='' version='' missing=() apt_options=() apt_has='' fetching='' fetch_lock=''
declare -A known_uri=() known_file=() known_size=() known_hash=() # of a package, as apt knows them

# series_of VERSION: 6.12 of 6.12.95-1, 7.3 of 7.3~rc7-1~exp1
series_of() { sed -E 's/^([0-9]+\.[0-9]+).*/\1/' <<<"$1"; }

# Where a part's package would install it; the name is the same in the cache.
place() {
	case $1 in
	headers) echo "/usr/src/linux-headers-$debian" ;;
	source) echo "/usr/src/linux-source-$(series_of "$version")" ;;
	modules) echo "/lib/modules/$debian" ;;
	vmlinux) echo "/usr/lib/debug/boot/vmlinux-$debian" ;;
	esac
}

# Modules have a package of their own since Debian 14; then the image is empty.
package_of() {
	case $1 in
	headers) echo "linux-headers-$debian" ;;
	source) echo "linux-source-$(series_of "$version")" ;;
	modules) known "linux-modules-$debian" && echo "linux-modules-$debian" || echo "linux-image-$debian" ;;
	vmlinux) echo "linux-image-$debian-dbg" ;;
	esac
}

# The kernel's image has one, too, then. A build does without it.
image_package() { ! grep -qxF "linux-binary-$debian $version" <<<"$apt_has" || echo "linux-binary-$debian"; }

# The version in which a package is installed, if it is.
installed() { dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p'; }

any_installed() {
	local package
	for package; do
		[ "$(installed "$package")" != "$version" ] || return 0
	done
	return 1
}

is_installed() {
	case $1 in
	modules) any_installed "linux-modules-$debian" "linux-image-$debian" "linux-image-$debian-unsigned" ;;
	*) any_installed "$(package_of "$1")" ;;
	esac
}

# part PART: its path, if it is there
part() {
	local path
	[ -n "$version" ] || return 0
	path=$(place "$1")
	if [ -e "$deb/$version/$1/package" ]; then
		echo "$deb/$version/$1/${path##*/}"
	elif [ "$1" != source ] && [ -e "$path" ] && is_installed "$1"; then
		echo "$path"
	fi
}

# The kernel that is installed is the one that runs; else the version that was fetched before. Apt is not asked.
find_version() {
	local package
	version=''
	for package in "linux-image-$debian" "linux-image-$debian-unsigned" "linux-modules-$debian" "linux-headers-$debian"; do
		: "${version:=$(installed "$package")}"
	done
	: "${version:=$(cd "$deb" && for package in */*/package; do [ ! -e "$package" ] || echo "${package%%/*}"; done | sort -V | tail -n 1)}"
}

find_missing() {
	local part given
	find_version
	missing=()
	for part in headers source modules vmlinux; do
		given=${part/headers/build}
		[ -n "${!given}" ] || [ -n "$(part "$part")" ] || missing+=("$part")
	done
}

is_missing() { [[ " ${missing[*]} " == *" $1 "* ]]; }

lock_fetching() {
	exec {fetch_lock}>>"$deb/fetch.lock" || die unwritable "cannot write to \`$deb\`" "see above" "set KPATCH_BUILD_DIR to another directory"
}

# Of a run that was killed; another that is at work holds the lock.
remove_unfinished() {
	[ -e "$deb/fetching" ] || return 0
	lock_fetching
	! flock -n "$fetch_lock" || rm -rf "$deb/fetching"
	exec {fetch_lock}>&-
}

# suites_of ABI: Debian's suites that have, or had, kernels of such a name. A name without a release of Debian is one of experimental's.
suites_of() {
	case $1 in
	5.10.0-*) echo bullseye bullseye-security ;;
	6.1.0-*) echo bookworm bookworm-security ;;
	*+deb12[-.]* | *+bpo[-.]*) echo bookworm-security bookworm-backports ;;
	*+deb13[-.]*) echo trixie trixie-security trixie-backports ;;
	*+deb*) echo testing unstable ;;
	*) echo testing unstable experimental ;;
	esac
}

# write_sources SUITE...: what apt is to read for what it does not know on this machine: a file of the user's, or Debian's suites
write_sources() {
	local suite
	if [ -n "${KPATCH_BUILD_SOURCES:-}" ]; then
		cat "$KPATCH_BUILD_SOURCES"
		return
	fi
	for suite; do
		case $suite in
		*-security) echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian-security $suite main" ;;
		*) echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main" ;;
		esac
	done
}

# From here on, apt reads lists of its own, below the cache: the machine's stay as they are.
use_suites() {
	local dir=$deb/apt failed=''
	mkdir -p "$dir/lists/partial" && write_sources $(suites_of "$debian") >"$dir/sources.list" 2>>"$logfile" || die unreadable "cannot write \`$dir/sources.list\`" \
		"the disk is full, or KPATCH_BUILD_SOURCES names no readable file" "see $logfile"
	[ -s "$dir/sources.list" ] || return 0
	say "         apt knows no such kernel here; reading the lists of $(awk '{ print $(NF - 1) }' "$dir/sources.list" | tr '\n' ' ')"
	apt_options=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$dir/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
	run apt-get "${apt_options[@]}" -q -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any update || failed=$run_line
	ask_kernel
	[ -z "$failed" ] || known "linux-image-$debian" || {
		run_line=$failed
		fail_with_log no-package "the lists of packages cannot be read" \
			"see whether the network is there; or add the suite that has linux-image-$debian to apt's sources, or name a file of such lines with KPATCH_BUILD_SOURCES" "apt knows no such kernel here, and its words stand above"
	}
}

# ask COMMAND...: sets answer; its errors go to the log
ask() {
	local status=0
	run_line=$(wc -l <"$logfile")
	log "\$ $*"
	answer=$("$@" </dev/null 2>>"$logfile") || status=$?
	log "$answer"
	return "$status"
}

# Adds to apt_has what apt has of these packages, `PACKAGE VERSION` a line.
ask_versions() {
	ask apt-cache "${apt_options[@]}" madison "$@" || fail_with_log no-package "apt does not say what it has" "see apt's words" "\`apt-cache\` failed"
	apt_has+=$(awk -F '|' 'NF == 3 { gsub(/ /, ""); print $1, $2 }' <<<"$answer")$'\n'
}

ask_kernel() { ask_versions "linux-headers-$debian" "linux-image-$debian" "linux-modules-$debian" "linux-binary-$debian" "linux-image-$debian-dbg"; }

# Of the same version, in other flavours, or of a name that has only begun.
kernels_like() {
	ask apt-cache "${apt_options[@]}" pkgnames "linux-image-${debian%%-[a-z]*}" || :
	sed -nE '/-(dbg|unsigned)$/d; s/^linux-image-([0-9].*)/`\1`/p' <<<"$answer" | sort -V | head -n 4 | paste -sd' '
}

# What mirrors have no more, an archive has.
older_way="mirrors have the newest kernels alone, and snapshot.debian.org the older ones: see KPATCH_BUILD_SOURCES in kpatch-build(1)"

unknown_kernel() {
	local like suites='' hint="ABI is what \`uname -r\` says where the kernel runs; $older_way"
	like=$(kernels_like)
	[ -z "$like" ] || hint="did you mean one of $like? ABI is what \`uname -r\` says where the kernel runs"
	[ ! -s "$deb/apt/sources.list" ] || suites=$(awk '{ print $(NF - 1) }' "$deb/apt/sources.list" | paste -sd' ')
	# Where there are such, apt takes the name for a pattern.
	[ -n "$like" ] || ask apt-get "${apt_options[@]}" -q download --print-uris "linux-image-$debian" || :
	rm -rf "$deb/apt"
	fail_with_log no-package "apt knows no kernel \`$debian\`" "$hint" "there is no package linux-image-$debian in the lists of this machine${suites:+, nor in those of $suites}"
}

ask_apt() {
	local command
	for command in apt-get apt-cache dpkg-deb; do
		command -v "$command" >/dev/null || die missing-tool "\`$command\` is missing" "--debian needs a Debian system" "give the kernel's files with -s, -b, -v and -M"
	done
	ask_kernel
	known "linux-image-$debian" || use_suites
	: "${version:=$(sed -n "s/^linux-image-$debian //p" <<<"$apt_has" | sort -V | tail -n 1)}"
	[ -n "$version" ] || unknown_kernel
	! is_missing source || ask_versions "$(package_of source)"
}

known() { grep -q "^$1 " <<<"$apt_has"; }

# The packages of all that is missing, their sizes and hashes: what apt has no more is told before anything is downloaded.
choose_packages() {
	local part package has wanted=() uri file size hash
	for part in "${missing[@]}"; do
		package=$(package_of "$part")
		[ "$part" != source ] || ! is_installed source || continue
		wanted+=("$package=$version")
		! grep -qxF "$package $version" <<<"$apt_has" || continue
		has=$(sed -n "s/^$package //p" <<<"$apt_has" | sort -uV | tr '\n' ' ')
		refuse_version "$package" "${has% }"
	done
	[ "${#wanted[@]}" -gt 0 ] || return 0
	package=$(image_package)
	[ -z "$package" ] || ! is_missing modules || wanted+=("$package=$version")
	ask apt-get "${apt_options[@]}" -q download --print-uris "${wanted[@]}" || fail_with_log no-package "apt does not say where \`${wanted[*]}\` is" "run apt-get update" "apt's words stand above"
	while read -r uri file size hash; do
		package=${file%%_*} uri=${uri#\'}
		known_uri[$package]=${uri%\'} known_file[$package]=$file known_size[$package]=$size known_hash[$package]=$hash
	done < <(grep "^'" <<<"$answer")
}

refuse_version() {
	local hint="run apt-get update, or give the kernel's files with -s, -b, -v and -M; $older_way"
	local has="it has ${2:-no such package}"
	[ ! -e "$deb/$version" ] || hint="what was fetched before is of $version: --clean=all removes it, and the next run fetches apt's newest"
	die no-package "apt has no \`$1\` of version $version" "$has" "$hint"
}

# Measured with 6.1 and 6.12: what a part takes while it is made, in sizes of its package.
check_room() {
	local part size need have times
	size=$((${known_size[linux-binary-$debian]:-0})) need=$((2 * ${known_size[linux-binary-$debian]:-0}))
	for part in "${missing[@]}"; do
		case $part in headers) times=6 ;; source) times=12 ;; modules) times=7 ;; vmlinux) times=3 ;; esac
		size=$((size + ${known_size[$(package_of "$part")]:-0})) need=$((need + times * ${known_size[$(package_of "$part")]:-0}))
	done
	say "         version $version: $((size / 1000000)) MB to download, into $deb"
	[ "$KPATCH_BUILD_NEED_MB" -eq 0 ] || need=$((KPATCH_BUILD_NEED_MB * 1048576))
	have=$(($(df -Pk "$deb" | awk 'NR == 2 { print $4 }') * 1024))
	[ "$have" -ge "$need" ] || die disk-full "the disk is too full" "$deb has $((have / 1048576)) MB left, and $((need / 1048576 + 1)) MB are needed" \
		"free some, or set KPATCH_BUILD_DIR to a directory on another disk"
}

count_downloaded() { echo "$(stat -c %s "$deb/downloading/${known_file[$package]}" 2>/dev/null || echo 0) ${known_size[$package]} bytes"; }

# What was broken off is continued, by apt itself and by the next run: a server sends the rest of a file that has not changed since.
# `apt-get download` would remove it.
get_package() {
	local package=$1 helper=/usr/lib/apt/apt-helper options=("${apt_options[@]}" -q -o APT::Sandbox::User=root -o Acquire::Retries=3)
	mkdir -p "$deb/downloading" && find "$deb/downloading" -mindepth 1 ! -name "${known_file[$package]}" -exec rm -rf {} + ||
		die unwritable "cannot write to \`$deb\`" "the disk is full" "free some space, or set KPATCH_BUILD_DIR"
	if [ -x "$helper" ]; then
		run env -C "$deb/downloading" "$helper" "${options[@]}" download-file "${known_uri[$package]}" "${known_file[$package]}" "${known_hash[$package]}"
	else
		run env -C "$deb/downloading" apt-get "${options[@]}" download "$package=$version"
	fi
}

# Apt checks what it downloads, and then may copy it. Sets file.
download() {
	local package=$1 size sum
	say "         downloading $package $version, $(((${known_size[$package]} + 999999) / 1000000)) MB"
	may_need=$((4096 + ${known_size[$package]} / 1024))
	count_by count_downloaded "downloading $package"
	get_package "$package" ||
		fail_with_log no-package "cannot download \`$package\`, version $version" "see whether the network is there, run apt-get update, and run kpatch-build again, which continues; or give the kernel's files with -s, -b, -v and -M" "apt's words stand above"
	count_no_more
	file=$fetching/${known_file[$package]}
	mv "$deb/downloading/${known_file[$package]}" "$file" 2>>"$logfile"
	case ${known_hash[$package]} in
	SHA256:*) sum=sha256sum ;;
	SHA512:*) sum=sha512sum ;;
	*) die bad-download "\`$package\` cannot be verified" "apt knows no SHA256 or SHA512 of it, but \`${known_hash[$package]}\`" "use a repository that has them" ;;
	esac
	size=$(stat -L -c %s "$file" 2>>"$logfile")
	run_line=$(wc -l <"$logfile")
	[ "$size" = "${known_size[$package]}" ] && [ "$($sum <"$file" | cut -d' ' -f1)" = "${known_hash[$package]#*:}" ] ||
		fail_with_log bad-download "the download of \`$package\`, version $version, is damaged" "run kpatch-build again" \
			"it has ${size:-0} of ${known_size[$package]} bytes, or another ${known_hash[$package]%%:*} than apt knows"
}

# A package, or with --occurrence=1 one file of it: then dpkg-deb ends when tar does. When run's child is ended, so are these.
untar() {
	[ $# -gt 1 ] || set -o pipefail
	dpkg-deb --fsys-tarfile "$1" | tar -x -C "$fetching/root" "${@:2}" &
	local tar=$!
	trap 'kill "$tar" 2>/dev/null; wait; exit 143' INT TERM HUP
	wait "$tar"
}

# unpack_deb FILE [--occurrence=1 NAME]: to root
unpack_deb() { mkdir "$fetching/root" && run untar "$@" && rm -f "$1"; }

make_headers() {
	unpack_deb "$1" && mv "$fetching/root$(place headers)" "$2" && [ -s "$2/.config" ] && [ -s "$2/Module.symvers" ]
}

make_source() {
	local archive
	archive=$(place source).tar.xz
	[ -z "$1" ] || { unpack_deb "$1" && archive=$fetching/root$archive; } || return 1
	say "         unpacking the source"
	run tar -xf "$archive" -C "$fetching/part" && [ -s "$2/Makefile" ]
}

# In /lib, or since Debian 13 in /usr/lib
make_modules() {
	local dir
	unpack_deb "$1" || return 1
	for dir in "$fetching/root$(place modules)" "$fetching/root/usr$(place modules)"; do
		[ ! -d "$dir/kernel" ] || mv "$dir" "$2" || return 1
	done
	[ ! -s "$fetching/root/boot/vmlinuz-$debian" ] || mv "$fetching/root/boot/vmlinuz-$debian" "${2%/*}/vmlinuz" || return 1
	[ -n "$(find "$2" -name '*.ko*' 2>>"$logfile" | head -n 1)" ] || return 1
	[ -z "$(image_package)" ] || make_image "${2%/*}/vmlinuz"
}

# Of one version with the modules, for they go together
make_image() {
	rm -rf "$fetching/root"
	download "$(image_package)"
	unpack_deb "$file" && mv "$fetching/root/usr/lib/modules/$debian/vmlinuz" "$1"
}

# Since Debian 14 the file stands beside the modules, and place() is a link to it. dpkg-deb packs links behind all files, so what
# comes first is the file.
# Line numbers are not needed, and 400 MB and more are not small; --strip-debug alone would take FILE symbols too.
make_vmlinux() {
	local path
	unpack_deb "$1" --occurrence=1 --wildcards "./usr/lib/debug/*/vmlinux*" && path=$(find "$fetching/root" -type f) || return 1
	[ -n "$path" ] && may_need=$(du -k "$path" | cut -f1) && run "$(binutil objcopy)" --strip-debug --keep-file-symbols "$path" "$2" && [ -s "$2" ]
}

# fetch_part PART: whole, or not at all
fetch_part() {
	local part=$1 package file='' path
	package=$(package_of "$part") path=$(place "$part")
	rm -rf "$fetching"
	mkdir -p "$fetching/part" || die unwritable "cannot make \`$fetching\`" "the disk is full" "free some space, or set KPATCH_BUILD_DIR"
	[ "$part" = source ] && is_installed source || download "$package"
	run_line=$(wc -l <"$logfile")
	"make_$part" "$file" "$fetching/part/${path##*/}" || fail_with_log unpack-failed "cannot unpack \`$package\`, version $version" \
		"run kpatch-build again" "its ${path##*/} is not in it, or a program failed"
	echo "$package $version ${known_hash[$package]:-installed}" >"$fetching/part/package" && sync -f "$fetching/part" &&
		mkdir -p "$deb/$version" && rm -rf "$deb/$version/$part" && mv -T "$fetching/part" "$deb/$version/$part" ||
		die unwritable "cannot write to \`$deb/$version\`" "the disk is full" "free some space, or set KPATCH_BUILD_DIR"
	rm -rf "$fetching"
	may_need=4096
}

fetch_missing() {
	if is_missing "$1"; then fetch_part "$1"; fi
}

begin_fetching() {
	lock_fetching
	lock_alone "$fetch_lock" "$deb" "fetches the kernel $debian"
	logfile=$deb/fetch.log
	: >"$logfile" || die unwritable "cannot write \`$logfile\`" "the disk is full, or the file is not writable" "set KPATCH_BUILD_DIR to another directory"
	find_missing
	[ "${#missing[@]}" -gt 0 ] || return 0
	fetching=$deb/fetching partial=$fetching
	ask_apt
	choose_packages
	check_room
}

# What was fetched, and every work directory of the kernel.
clean_debian() {
	lock_alone "$deb_lock" "$deb" "uses the kernel $debian"
	say "cleaning $deb"
	empty_directory "$deb"
	clean_work_directories
	[ "${#patches[@]}" -gt 0 ] || exit 0
}

open_debian() {
	case $debian in [!0-9]* | *[!A-Za-z0-9.+~-]*)
		die usage "\`$debian\` is no kernel of Debian" "--debian wants a package linux-image-ABI without linux-image-" "such as --debian 6.1.0-42-amd64" ;;
	esac
	deb=$(cache_directory)/debian/$debian release=$debian
	mkdir -p "$deb" 2>/dev/null && deb=$(cd "$deb" && pwd -P) || die unwritable "cannot make \`$deb\`" "the directory is not writable, or the disk is full" \
		"set KPATCH_BUILD_DIR to a directory with 3 GB of space"
	exec {deb_lock}>>"$deb/lock" || die unwritable "cannot write to \`$deb\`" "see above" "set KPATCH_BUILD_DIR to another directory"
	[ "$clean" != all ] || clean_debian
	flock -n -s "$deb_lock" || {
		say "waiting  for another kpatch-build that removes the kernel $debian"
		run flock -s "$deb_lock" || die unwritable "cannot lock \`$deb\`" "flock failed" "set KPATCH_BUILD_DIR to a local directory"
	}
}

debian_headers() {
	open_debian
	step fetch "the kernel $debian of Debian"
	remove_unfinished
	find_missing
	if [ "${#missing[@]}" -gt 0 ] && [ "${#patches[@]}" -eq 0 ]; then
		say "nothing to clean: the kernel $debian is not fetched"
		exit 0
	fi
	[ "${#missing[@]}" -eq 0 ] || begin_fetching
	fetch_missing headers
	[ -n "$build" ] || build=$(part headers)
}

debian_source() {
	fetch_missing source
	[ -n "$source" ] || source=$(part source)
}

# All the rest, and the lock is given back.
debian_symbols() {
	fetch_missing modules
	fetch_missing vmlinux
	[ -n "$modules" ] || modules=$(part modules)
	[ -n "$vmlinux" ] || vmlinux=$(part vmlinux)
	partial=''
	rm -rf "$deb/apt" "$deb/downloading"
	[ -z "$fetch_lock" ] || exec {fetch_lock}>&-
}
