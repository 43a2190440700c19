# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# core.bash - kernels without CONFIG_LIVEPATCH: the patch module for a core of our own, and that core (kmod/core)
#
# Sets core to `livepatch` or `kpatch`.

core=auto

core_of() {
	value_of "$@"
	case $2 in
	auto | livepatch | kpatch) core=$2 ;;
	*) die usage "\`$2\` is no core" "there are the kernel's own, livepatch, and kpatch for kernels without it; auto takes what the configuration allows" "see kpatch-build --help" ;;
	esac
}

# need_option WHY OPTION...: one of them
need_option() {
	local why=$1 option
	shift
	for option; do
		! config_is "CONFIG_$option" || return 0
	done
	die no-core "the kernel is built without CONFIG_$1${2:+ or CONFIG_$2}" "its configuration, $config, says so" "$why"
}

check_core() {
	case $srcarch in
	x86 | arm64 | s390) ;;
	*) die no-core "the core does not know the architecture $srcarch" "the kernel is built without CONFIG_LIVEPATCH, and there is a core for x86_64, arm64 and s390x" "build the kernel with CONFIG_LIVEPATCH" ;;
	esac
	need_option "the core finds functions by the kernel's symbols" KALLSYMS
	need_option "the core finds what is not exported by a kprobe" KPROBES
	need_option "the core redirects functions by ftrace" DYNAMIC_FTRACE_WITH_REGS DYNAMIC_FTRACE_WITH_ARGS
	[ -z "$redirect" ] || die no-core "the core does not redirect by kprobes" "--redirect kprobe is for the kernel's own livepatch" "leave out --redirect"
}

# After find_config and find_arch
choose_core() {
	if [ "$core" = auto ]; then
		core=kpatch
		! config_is CONFIG_LIVEPATCH || core=livepatch
		[ "$core" = livepatch ] || say "core     the kernel is built without CONFIG_LIVEPATCH: the patch is for kpatch.ko"
	fi
	[ "$core" = kpatch ] || config_is CONFIG_LIVEPATCH || die no-livepatch "the kernel is built without CONFIG_LIVEPATCH" "its configuration, $config, says so" \
		"--core kpatch makes a patch for a core of its own"
	[ "$core" = livepatch ] || check_core
}

# An ELF file of the kernel, by whose build ID the core knows the running one for the same.
knows_build() { [ "$vmlinux" != /proc/kallsyms ] && [ -n "$(kernel_build_id)" ]; }

# Names of vmlinux to which an object refers, and of which the core does not find out where they are: without CONFIG_KALLSYMS_ALL the
# running kernel lists code alone, in which the n-th of a name (`NAME n`) is not the n-th of all.
# Of the same build it is where it was, unless it does not move along with the image.
#
# That rule is recorded_addresses.c's, which decides what is recorded. It is said here again, because that one knows neither what the
# configuration has the kernel list nor whether there is a build ID, and the refusal has to name both. Where they came apart, nothing would be at a
# wrong address: what has no record, the core refuses when the patch is loaded. A test compares them.
unlisted_in() {
	local moves=0
	! knows_build || moves=1
	comm -23 <("$(binutil nm)" -u "$1" | sed -n 's/.*\.klp\.sym\.rela\.[^.]*\.vmlinux\.\(.*\),\([0-9]*\)$/\1 \2/p' | sed 's/ 0$//; s/ .*/ n/' | sort -u) \
		<({ "$(binutil nm)" "$vmlinux" 2>/dev/null || cat "$vmlinux"; } | awk -v moves=$moves '
			$2 ~ /^[tTwW]$/ { print $3 }
			$3 ~ /^(_stext|_end|__[se]amode31)$/ { label[$3] = "x" $1 }
			$2 !~ /^[aA]$/ { at[$3] = "x" $1 }
			END {
				if (!moves) exit
				for (name in at)
					if (at[name] >= label["_stext"] && at[name] < label["_end"] && !(at[name] >= label["__samode31"] && at[name] < label["__eamode31"]))
						print name "\n" name " n"
			}' | sort -u)
}

why_not_recorded() {
	if knows_build; then
		echo "it does not move with the kernel's image, of which the core finds out where it is"
	else
		echo "\`$vmlinux\` has no build ID, by which the core would know the kernel for the one whose addresses these are"
	fi
}

check_listed() {
	local object name what way_to_record="do without it, or build the kernel with CONFIG_KALLSYMS_ALL"
	knows_build || way_to_record="give the kernel's vmlinux (-v), do without it, or build the kernel with CONFIG_KALLSYMS_ALL"
	! config_is CONFIG_KALLSYMS_ALL || return 0
	for object in "${linkable[@]}"; do
		while IFS= read -r name; do
			what="the variable \`$name\`"
			[ "${name% n}" = "$name" ] || what="one of several of the name \`${name% n}\`"
			refuse data-not-listed "the patch refers to $what, which the running kernel does not tell of" \
				"CONFIG_KALLSYMS_ALL is not set: its symbols are those of code, and $(why_not_recorded)" "$way_to_record"
		done < <(unlisted_in "$object")
	done
	end_if_refused
}

# In the place of the shell that run starts, with errors where run would not put them.
convert_for_core() { exec "$klpmod" --core -k "$vmlinux" "$1" "$2" 2>"$work/core.err"; }

# A refusal of create-klp-module is one of the run.
refuse_for_core() {
	sed "s|$work/[a-z]*/||g" "$work/core.err" >"$work/said"
	note_said "$work/said"
	tee -a "$logfile" <"$work/said" | in_color >&2
	exit 2
}

# What the loader reads before the core can fill it in is refused. There is no finishing step, because the core reads the records as
# they are; but each object has to be one that livepatch would take, too.
make_for_core() {
	local object trial=$work/trial.o made=()
	check_listed
	mkdir -p "$work/core"
	for object in "${linkable[@]}"; do
		made+=("$work/core/$(basename "$object")")
		run convert_for_core "$object" "${made[-1]}"
		case $? in
		0) ;;
		2) refuse_for_core ;;
		*) cat "$work/core.err" >>"$logfile"; fail_with_log finish-failed "\`$object\` cannot be made for the core" "see what create-klp-module said" ;;
		esac
		run "$klpmod" "$object" "$trial" && run "$cdo" --check "$trial" -k "$vmlinux" -s "$symvers" ||
			fail_with_log bad-module "the references of \`$object\` break a rule" "this is a defect of the tools"
	done
	linkable=("${made[@]}")
}

finish_for_core() {
	mv "$work/linked.ko" "$work/$name.ko" && run "$(binutil strip)" -g "$work/kpatch.ko" || log "not stripped"
}
