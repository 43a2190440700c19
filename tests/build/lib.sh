# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lib.sh - how check.sh makes patches and builds them, and what it and debian.sh say of a build; it is sourced, with the directory of a
# sibling of this one in $here.
# $scratch is the test's own directory, $scratch/said what the last command said.

. "$here/../lib/verdicts.sh"

# patch NAME FILE SED [FILE SED]...: the patch $scratch/NAME.patch
patch_of() {
	name=$1
	shift
	while [ $# -gt 0 ]; do
		sed -E "$2" "$LAB/linux/$1" >"$scratch/edited"
		diff -u --label "a/$1" --label "b/$1" "$LAB/linux/$1" "$scratch/edited"
		shift 2
	done >"$scratch/$name.patch"
	[ -s "$scratch/$name.patch" ] || echo "FAIL the edit for $name changes nothing"
}

# build OPTION...: status in $status, all that is said in $scratch/said; $within is a command to run it with
within=''
build() {
	status=0
	$within "$command" -s "$LAB/linux" -b "$LAB/bld" -v "$LAB/vmlinux" -M "$LAB/modules" -o "$out" "$@" >"$scratch/said" 2>&1 || status=$?
}

says() { grep -qF -- "$1" "$scratch/said"; }

# The last build accounted for these files, a line each in this order, and for no others.
accounts() { printf '%s\n' "$@" >"$scratch/wanted" && grep -E '^(built|unbuilt|header) ' "$scratch/said" | cut -c1-150 | diff - "$scratch/wanted" >>"$scratch/said"; }

# What goes before a build that is to deliver nothing, and what such a build has left in the output directory.
empty_output() { rm -rf "$out" && mkdir "$out"; }
nothing_delivered() { delivered=$(ls -A "$out") && [ -z "$delivered" ] || { printf 'in the output directory:\n%s\n' "$delivered" >>"$scratch/said"; false; }; }

# What the last build kept.
kept_dir() { sed -n 's/^kept *//p' "$scratch/said"; }

# Strings of a module: the names in its records and references.
holds() { tr '\0' '\n' <"$out/$1.ko" | grep -aqxF -- "$2"; }

sound() { [ -s "$out/$1.ko" ] && "$bindir/create-diff-object" --check "$out/$1.ko" -q -k "$LAB/vmlinux" -s "$LAB/bld/Module.symvers" 2>>"$scratch/said"; }

work_dirs() { find "$KPATCH_BUILD_DIR" -mindepth 1 -maxdepth 1 -type d; }

# The source as it was; in the work directories no patched file, no journal, nothing of the run.
clean() {
	[ -z "$(find "$LAB/linux/" -newer "$scratch/start" | tee -a "$scratch/said")" ] || return 1
	for dir in $(work_dirs); do
		[ ! -e "$dir/dirty" ] || { echo "$dir is patched" >>"$scratch/said"; return 1; }
		[ -z "$({ find "$dir" -maxdepth 1 -name 'run*' -newer "$scratch/start" && find "$dir/src" -type f && find "$dir/bld" -name '*.i' -newer "$scratch/start"; } | tee -a "$scratch/said")" ] || return 1
	done
	[ -z "$(find "$out" -name '.*.ko*' | tee -a "$scratch/said")" ]
}
