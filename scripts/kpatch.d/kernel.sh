# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh - what the kernel says of the patches that are loaded, and waiting until it says so

need_root() {
	[ "$("$ID" -u)" = 0 ] || die $REFUSED not-root "only root can $1 a patch" "this runs as user $("$ID" -u)" \
		"run it as root, say with sudo"
}

need_sysfs() {
	[ -d "$SYSFS/kernel" ] || die $REFUSED no-sysfs "sysfs is not there" "$SYSFS/kernel is missing" \
		"mount -t sysfs sysfs $SYSFS"
}

# Installed patches for the core may be missing, where no one is loaded.
need_livepatch() {
	need_sysfs
	[ -d "$KLP" ] || [ -d "$CORE" ] || [ -n "$(kept_core)" ] || die $REFUSED no-livepatch "the running kernel cannot be patched" \
		"$KLP is missing, and so is $CORE" \
		"it takes a kernel with CONFIG_LIVEPATCH=y; with others, a patch that was built for the core, kpatch.ko"
}

# dir_of NAME: where the kernel tells of that patch, or would
dir_of() {
	if [ -d "$CORE/$1" ]; then echo "$CORE/$1"; else echo "$KLP/$1"; fi
}

# first_of FILE...: the first one that exists
first_of() {
	for core; do
		[ ! -f "$core" ] || {
			echo "$core"
			return
		}
	done
}

# kept_core: one that is installed; packages bring it by their patches' names, and each is as good as another
kept_core() {
	first_of "$DIR/$("$UNAME" -r)/core"/*.ko
}

# core_for FILE: the core that was built with a patch, or installed with one
core_for() {
	first_of "${1%/*}/kpatch.ko" "$DIR/$("$UNAME" -r)/core"/*.ko
}

# need_core FILE: for a patch that was built for the core, which is loaded with the first of them
need_core() {
	need_sysfs
	[ ! -d "$CORE" ] || return 0
	core=$(core_for "$1")
	[ -n "$core" ] || die $REFUSED no-core "the core that \`$1\` needs is not loaded" "kpatch.ko is neither beside it nor installed" \
		"put the kpatch.ko beside it that kpatch-build made with it, or load that"
	problem=$("$INSMOD" "$core" 2>&1) || die $KERNEL_REFUSED refused-by-kernel "the kernel does not load \`$core\`" \
		"${problem##*: }" "see dmesg: the core refuses a kernel that has livepatch of its own"
	[ -d "$CORE" ] || die $KERNEL_REFUSED no-core "\`$core\` is loaded, and $CORE is missing" "it is another module of that name" "see dmesg"
}

loaded_module() {
	[ -d "$SYSFS/module/$1" ]
}

is_livepatch_module() {
	case $(attr "$SYSFS/module/$1/taint") in
	*K*) return 0 ;;
	esac
	return 1
}

# state NAME: enabled, enabling, disabling, disabled (the module is all that is left) or not loaded
state() {
	told_in=$(dir_of "$1")
	enabled=$(attr "$told_in/enabled") transition=$(attr "$told_in/transition")
	case $enabled$transition in
	10) echo enabled ;;
	11) echo enabling ;;
	01) echo disabling ;;
	*) if loaded_module "$1"; then echo disabled; else echo "not loaded"; fi ;;
	esac
}

is_loaded() {
	! is_gone "$1" || is_livepatch_module "$1"
}

# The patch in transition: the kernel turns one at a time.
in_transition() {
	for other in "$KLP"/*/transition "$CORE"/*/transition; do
		[ "$(attr "$other")" = 1 ] || continue
		other=${other%/transition} && echo "${other##*/}"
		return
	done
}

refuse_while_busy() {
	other=$(in_transition)
	[ -z "$other" ] || [ "$other" = "$1" ] || die $REFUSED busy "cannot change \`$1\` now" \
		"the transition of \`$other\` is not over" "\`kpatch wait\` until it is, or unload it; see kpatch info $other"
}

# hold_ups STATE: directories of the tasks that have not yet left STATE (0 unpatched, 1 patched). There may be many
# tasks, so no process for each.
hold_ups() {
	for task in "$PROC"/[0-9]*/task/[0-9]*; do
		value=
		{ read -r value <"$task/patch_state"; } 2>/dev/null || :
		[ "$value" != "$1" ] || echo "$task"
	done
}

# report_tasks NAME: who holds the transition up, and where
report_tasks() {
	if [ "$("$ID" -u)" != 0 ]; then
		note "\`$1\` is in transition; only root can see which tasks hold it up"
		return
	fi
	from=0
	[ "$(attr "$(dir_of "$1")/enabled")" = 1 ] || from=1
	tasks=$(hold_ups $from)
	if [ -z "$tasks" ]; then
		note "\`$1\` is in transition; no task of a process holds it up, so it is an idle CPU's" \
			"or it is about to end"
		return
	fi
	note "$(echo "$tasks" | wc -l | tr -d ' ') task(s) hold up the transition of \`$1\`:"
	echo "$tasks" | head -n 20 | while read -r task; do
		echo "  ${task##*/} ($(attr "$task/comm"))"
		head -n 5 "$task/stack" 2>/dev/null | sed 's/^\[<[0-9a-f]*>\] */      /; s/^ */      /'
	done >&2
	[ "$(echo "$tasks" | wc -l)" -le 20 ] || echo "  and more" >&2
}

# Seconds that no change of the clock disturbs.
seconds() {
	up=$(attr "$PROC/uptime")
	if [ -n "$up" ]; then echo "${up%%.*}"; else date +%s; fi
}

nap() {
	sleep 0.1 2>/dev/null || sleep 1
}

is_settled() {
	[ "$(attr "$(dir_of "$1")/transition")" != 1 ]
}

is_gone() {
	[ ! -d "$(dir_of "$1")" ]
}

# await CONDITION NAME SECONDS: false when the time is over; 0 seconds: as long as it takes
await() {
	began=$(seconds) report=$REPORT_AFTER
	until "$1" "$2"; do
		waited=$(($(seconds) - began))
		if [ "$3" -gt 0 ] && [ "$waited" -ge "$3" ]; then
			report_tasks "$2"
			return 1
		fi
		if [ "$waited" -ge "$report" ]; then
			report_tasks "$2"
			report=$((report * 2))
		fi
		nap
	done
}

# await_all SECONDS: until no patch is in transition; false, with the name of one that is in $other, when the time is over
await_all() {
	while other=$(in_transition) && [ -n "$other" ]; do
		await is_settled "$other" "$1" || return 1
	done
}

# set_enabled NAME 0|1; by way of a file, as in insert()
set_enabled() {
	make_scratch
	{ echo "$2" >"$(dir_of "$1")/enabled"; } 2>"$scratch/err" && return
	problem=$(cat "$scratch/err")
	[ "$2" = 1 ] || is_gone "$1" || die $KERNEL_REFUSED refused-by-kernel "the kernel does not disable \`$1\`" \
		"${problem##*: }" "see dmesg"
}
