# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# options.bash - what is said of an option that kpatch-build does not have (nearest.awk)
#
# What other tools of this name or purpose have gets the way to do the same here; of the rest, the nearest name is offered.

# other_way OPTION: what options of the project kpatch's kpatch-build, and of the kernel's klp-build, come to here
other_way() {
	case $1 in
	-t | --target) set -- "in kpatch's kpatch-build it names targets of make" "leave it out: which units the patch reaches is found out, in vmlinux and modules alike" ;;
	-r | --sourcerpm) set -- "in kpatch's kpatch-build it names a source package" \
		"unpack it and name the source with -s: rpm2cpio FILE | cpio -id, then the tar archive and the distribution's patches, as rpmbuild -bp does" ;;
	-e | --oot-module | -p | --oot-module-src) set -- "in kpatch's kpatch-build it names a module that is built outside the kernel's source, and such are not built here" \
		"build the module before and after the change with its own Makefile, and compare: create-diff-object --form linkable, then kmod/build.sh and create-klp-module" ;;
	--skip-gcc-check) set -- "in kpatch's kpatch-build that is an old name" "it is --skip-compiler-check" ;;
	-f | --show-first-changed) set -- "in klp-build it shows the first instruction that changed" "keep the objects with -k, and see create-diff-object --explain, or give --json FILE" ;;
	*) return 1 ;;
	esac
	die usage "there is no option \`$option\` here" "$1" "$2"
}

# nearest OPTION: the option of --help that it is the beginning of, or that few letters tell apart from it
nearest() {
	local names begun
	names=$(usage | grep -oE -- '--[a-z]+(-[a-z]+)*' | sort -u)
	begun=$([ ${#1} -le 4 ] || grep -m 1 -F -- "$1" <<<"$names" | grep "^$1")
	[ -n "$begun" ] && echo "$begun" || awk -v word="$1" -f "$parts/nearest.awk" <<<"$names"
}

unknown_option() {
	local option=$1 name=''
	[[ $1 == --* ]] || option=${1:0:2}
	other_way "$option" || :
	[[ $1 != --* ]] || name=$(nearest "$1")
	die usage "option \`$option\` is unknown" "kpatch-build has no such option" "${name:+did you mean \`$name\`? }see kpatch-build --help"
}
