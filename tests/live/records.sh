# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# records.sh - a patch with records of the code of all functions of whole units; cases' prepare.sh source it, behind arch.sh and with
# $lab, $originals and $work

debian=$(cat "$lab/arch" 2>/dev/null || echo amd64) # older labs are of amd64, and do not say so
cross=$(cross_of "$debian")
UNITS=${UNITS:-kernel/fork.o kernel/signal.o mm/memory.o fs/namei.o net/core/dev.o arch/$(kbuild_arch_of "$debian")/kernel/process.o}

# Of what the kernel or a module has twice, the position is not known here.
unique() { # FILE
	"${cross}nm" "$1" | awk '{ n[$NF]++ } END { for (name in n) if (n[name] == 1) print name }'
}

# records OBJECT FILE UNIT...: FILE is the object as it is linked
records() {
	object=$1
	unique "$2" >"$work/unique"
	shift 2
	for unit; do
		"$originals" "$object" "$lab/bld/$unit" | awk 'NR == FNR { known[$1]; next } $3 in known' "$work/unique" -
	done
}

# put_records FILE MODULE OUT: instead of MODULE's own; OUT.count tells of how many there is code
put_records() {
	"${cross}objcopy" --update-section ".kpatch.original=$1" "$2" "$3"
	awk '$6 != "-"' "$1" | wc -l >"${3%.ko}.count"
	[ "$(cat "${3%.ko}.count")" -ge 100 ]
}
