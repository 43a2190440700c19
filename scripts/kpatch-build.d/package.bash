# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# package.bash - --deb and --rpm: packages of the module
#
# A package holds what `kpatch install` would put there, and the patches as documentation. It is for one kernel, and says so in its name:
# that of another is another package. With a patch for the core comes the core, under the patch's name: so packages of several patches
# share no file, and whichever core is loaded first serves them all. Of cumulative patches for one kernel only one can be in force, so their packages exclude
# each other. The same patches at the same SOURCE_DATE_EPOCH make the same bytes.

formats=() package='' package_date='' package_version=''

tool_of_format() {
	case $1 in
	deb) echo dpkg-deb ;;
	rpm) echo rpmbuild ;;
	esac
}

add_format() {
	[[ " ${formats[*]} " == *" $1 "* ]] || formats+=("$1")
}

# Before anything is compiled.
check_formats() {
	local format program
	[ "${#formats[@]}" -gt 0 ] && [ "${#patches[@]}" -gt 0 ] || return 0
	for format in "${formats[@]}"; do
		for program in "$(tool_of_format "$format")" gzip md5sum; do
			command -v "$program" >/dev/null || die missing-tool "\`$program\` is missing" "--$format makes the package with it" \
				"install it; distributions have rpmbuild in a package rpm-build or rpm"
		done
	done
	find_date
}

# When the patches were changed last, unless the environment tells.
find_date() {
	package_date=${SOURCE_DATE_EPOCH:-$(stat -c %Y "${patches[@]}" 2>/dev/null | sort -n | tail -n 1)}
	case $package_date in
	'' | *[!0-9]*) die usage "SOURCE_DATE_EPOCH is no time" "it is \`$package_date\`, and should be a number of seconds since 1970" "such as \$(git log -1 --format=%ct)" ;;
	esac
	package_version=$(date -u -d "@$package_date" +%Y%m%d.%H%M%S)
}

# The names of machines are those of dpkg and of rpm.
package_machine() {
	local deb=$srcarch rpm=$srcarch
	case $srcarch in
	x86) deb=amd64 rpm=x86_64 ;;
	arm64) rpm=aarch64 ;;
	s390) deb=s390x rpm=s390x ;;
	powerpc) deb=ppc64 rpm=ppc64 ;;
	loongarch) deb=loong64 rpm=loongarch64 ;;
	esac
	! config_is CONFIG_CPU_LITTLE_ENDIAN || [ "$srcarch" != powerpc ] || deb=ppc64el rpm=ppc64le
	[ "$1" = deb ] && echo "$deb" || echo "$rpm"
}

# plain_name TEXT: as names of packages are
plain_name() { printf %s "${1,,}" | tr -c 'a-z0-9+.-' '-'; }

sysfs_name() { printf %s "$name" | tr - _; }

# hook FUNCTION: a script that does this
hook() {
	printf '#!/bin/sh\nset -e\nname=%s release=%s core=%s\n' "$(sysfs_name)" "$release" "$core"
	sed '1,/^$/d' "$parts/hooks.sh"
	printf '\n%s\n' "$1"
}

maintainer() { echo "${DEBFULLNAME:-kpatch-build} <${DEBEMAIL:-kpatch-build@localhost.invalid}>"; }

# What it is, in lines of 76 characters
package_text() {
	printf '%s\n' "It replaces functions of the running kernel $release without a reboot (${summary#patches }). It is loaded when it is installed, if that kernel runs, and at each boot of it." | fold -s -w 76 | sed 's/ *$//'
	echo
	printf '%s\n' "${subjects[@]}" | fold -s -w 74 | sed 's/^/  /; s/ *$//'
}

# The modules, by their places: the patch, and its core
module_files() {
	local in=var/lib/kpatch/$release
	echo "$work/$name.ko $in/$(sysfs_name).ko"
	[ "$core" = livepatch ] || echo "$work/kpatch.ko $in/core/$(sysfs_name).ko"
}

# fill_tree ROOT: the files, with the same date each
fill_tree() {
	local doc=$1/usr/share/doc/$package patch n=0 from to
	mkdir -p "$doc/patches"
	while read -r from to; do
		mkdir -p "$1/${to%/*}" && cp "$from" "$1/$to" || return
	done < <(module_files)
	for patch in "${patches[@]}"; do
		n=$((n + 1))
		cp "$patch" "$doc/patches/$n-$(basename "$patch" | tr -c 'A-Za-z0-9+._\n-' '-')" || return
	done
	cat >"$doc/copyright" <<-END
		The module $name.ko consists of code of the Linux kernel $release, changed by the
		patches in the directory patches, and of code of the tools that made it.

		Copyright (C) $(date -u -d "@$package_date" +%Y) the authors of Linux, of the patches, and of the tools
		License: GPL-2.0

		On Debian systems its text is in /usr/share/common-licenses/GPL-2.
	END
	find "$1" -type f -exec chmod 644 {} +
}

same_dates() { find "$1" -exec touch -h -d "@$package_date" {} +; }

deb_control() {
	local cumulative=kpatch-cumulative-$(plain_name "$release")
	cat <<-END
		Package: $package
		Version: $package_version
		Architecture: $(package_machine deb)
		Maintainer: $(maintainer)
		Installed-Size: $(du -sk --apparent-size "$1" | cut -f1)
		Depends: elfdiff-kpatch
		Enhances: linux-image-$(plain_name "$release")
	END
	[ -z "$replace" ] || printf '%s: %s\n' Provides "$cumulative" Conflicts "$cumulative"
	printf '%s\n' "Section: kernel" "Priority: optional" "Description: live patch ${name#livepatch-} for Linux $release"
	package_text | sed 's/^/ /; s/^ *$/ ./'
}

# make_deb FILE
# shellcheck disable=SC2016 # the hooks expand what stands in quotes
make_deb() {
	local root=$work/deb doc=$work/deb/usr/share/doc/$package
	fill_tree "$root" && mkdir "$root/DEBIAN" || return
	printf '%s (%s) unstable; urgency=medium\n\n%s\n\n -- %s  %s\n' "$package" "$package_version" "$(printf '  * %s\n' "${subjects[@]}")" \
		"$(maintainer)" "$(date -u -R -d "@$package_date")" | gzip -9n >"$doc/changelog.gz"
	deb_control "$root" >"$root/DEBIAN/control"
	hook 'case $1 in configure) load_patch ;; esac' >"$root/DEBIAN/postinst"
	hook 'case $1 in remove) unload_patch ;; esac' >"$root/DEBIAN/prerm"
	chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm"
	(cd "$root" && find usr var -type f | sort | xargs -d '\n' md5sum) >"$root/DEBIAN/md5sums"
	same_dates "$root"
	SOURCE_DATE_EPOCH=$package_date dpkg-deb --root-owner-group -Zxz -b "$root" "$work/$1"
}

# In a spec, % begins a macro.
literal() { sed 's/%/%%/g'; }

# rpm_spec TREE
# shellcheck disable=SC2016 # the hooks expand what stands in quotes
rpm_spec() {
	cat <<-END
		Name: $package
		Version: $package_version
		Release: 1
		Summary: Live patch ${name#livepatch-} for Linux $release
		License: GPL-2.0-only
		AutoReqProv: no
		Requires: elfdiff-kpatch
		Requires(post): elfdiff-kpatch
		Requires(preun): elfdiff-kpatch
	END
	# A version of rpm has one dash at most; kernels whose release has more are no packages of rpm.
	[[ $release == *-*-* ]] || echo "Enhances: kernel-uname-r = $release"
	[ -z "$replace" ] || printf '%s: %s\n' Provides "kpatch-cumulative($release)" Conflicts "kpatch-cumulative($release)"
	printf '\n%%description\n%s\n' "$(package_text | literal)"
	printf '\n%%install\nmkdir -p %%{buildroot}\ncp -a %s/. %%{buildroot}\n' "$(literal <<<"$1")"
	printf '\n%%post\n%s\n\n%%preun\n%s\n' "$(hook load_patch | literal)" "$(hook '[ "$1" -gt 0 ] || unload_patch' | literal)"
	printf '\n%%files\n'
	printf '/%s\n' $(module_files | cut -d ' ' -f 2) "usr/share/doc/$package"
	printf '%%dir /%s\n' var/lib/kpatch $(module_files | cut -d ' ' -f 2 | xargs -n 1 dirname)
}

# make_rpm FILE
make_rpm() {
	local root=$work/rpm
	fill_tree "$root/tree" || return
	same_dates "$root/tree"
	rpm_spec "$root/tree" >"$root/$package.spec"
	SOURCE_DATE_EPOCH=$package_date rpmbuild -bb --quiet --target "$(package_machine rpm)" --define "_topdir $root" --define "_rpmdir $root/out" \
		--define "_tmppath $root" --define 'debug_package %{nil}' --define '__os_install_post %{nil}' --define '_build_id_links none' \
		--define '_buildhost localhost' --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
		--define '_binary_payload w6.xzdio' "$root/$package.spec" || return
	mv "$root"/out/*/*.rpm "$work/$1"
}

# The name of the file is what dpkg and rpm would call it.
package_file() {
	case $1 in
	deb) echo "${package}_${package_version}_$(package_machine deb).deb" ;;
	rpm) echo "$package-$package_version-1.$(package_machine rpm).rpm" ;;
	esac
}

make_packages() {
	local format file
	[ "${#formats[@]}" -gt 0 ] || return 0
	# It becomes a directory, and stands in scripts.
	case $release in
	*[!A-Za-z0-9._+~-]*) die usage "\`$release\` can be no part of a package" "a kernel's release has letters, digits and the characters ._+~- there" "check -a" ;;
	esac
	package=$(plain_name "$name-$release")
	step package "${formats[*]}"
	for format in "${formats[@]}"; do
		file=$(package_file "$format")
		run "make_$format" "$file" || fail_with_log package-failed "\`$file\` cannot be made" "see what $(tool_of_format "$format") said"
		deliver "$file"
		say "         $outdir/$file"
	done
}
