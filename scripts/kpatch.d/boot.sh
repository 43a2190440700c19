# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# boot.sh - patches that are loaded at boot

write_unit() {
	cat <<EOF
# Written by \`kpatch install\`; goes with the last patch.
[Unit]
Description=Live patches of the running kernel
Documentation=man:kpatch(8)
ConditionPathIsDirectory=|/sys/kernel/livepatch
ConditionPathExistsGlob=|$DIR/*/core/*.ko
After=local-fs.target systemd-modules-load.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$(myself) load --all

[Install]
WantedBy=multi-user.target
EOF
}

# A package brings the unit along, with its own ExecStart.
has_packaged_unit() {
	[ -f "$here/../lib/systemd/system/${UNIT##*/}" ]
}

enable_unit() {
	if [ ! -d "${UNIT%/*}" ] || ! have "$SYSTEMCTL"; then
		note "there is no systemd here: have init run \`$(myself) load --all\` at boot"
		return
	fi
	[ -f "$UNIT" ] || has_packaged_unit || { write_unit >"$UNIT.new" && mv -f "$UNIT.new" "$UNIT"; } || die $FAILED unwritable \
		"cannot write \`$UNIT\`" "writing failed" "check room and permissions of ${UNIT%/*}"
	"$SYSTEMCTL" enable "${UNIT##*/}" >/dev/null 2>&1 || die $FAILED service "cannot enable \`${UNIT##*/}\`" \
		"$SYSTEMCTL failed" "run \`$SYSTEMCTL enable ${UNIT##*/}\` to see why"
}

disable_unit() {
	grep -q '^# Written by `kpatch install`' "$UNIT" 2>/dev/null || return 0
	"$SYSTEMCTL" disable "${UNIT##*/}" >/dev/null 2>&1 || :
	rm -f "$UNIT"
}

# set_others RELEASE NAME: $others, the installed cumulative patches for that kernel but this
set_others() {
	others=
	for kept in "$DIR/$1"/*.ko; do
		[ -f "$kept" ] && [ "${kept##*/}" != "$2.ko" ] || continue
		[ "$(cumulative "$kept")" != yes ] || others="$others $(name_of "$kept")"
	done
}

# refuse_second NAME: whichever of two cumulative patches is loaded last is the only one, which nobody may have meant
refuse_second() {
	# shellcheck disable=SC2086 # a list of names
	[ -z "$others" ] || die $REFUSED several-cumulative "\`$1\` is cumulative, and so is $(quoted $others), which is installed" \
		"of cumulative patches only the one that is loaded last is in force, and that would be the last one by name" \
		"--instead: \`$1\` instead of it; --several: keep them all"
}

# remove_others RELEASE
remove_others() {
	for each in $others; do
		rm -f "$DIR/$1/$each.ko" || die $FAILED unwritable "cannot remove \`$DIR/$1/$each.ko\`" "rm failed" "check permissions"
		note "\`$each\` is not loaded at boot any more"
	done
}

# install_core FILE: the core that is beside a patch; one that is there may be in use, and is as good
install_core() {
	core=$(first_of "${1%/*}/kpatch.ko" "$to/core"/*.ko)
	[ -n "$core" ] || die $REFUSED no-core "the core that \`$1\` needs is not here" "kpatch.ko is neither beside it nor installed" \
		"put the kpatch.ko beside it that kpatch-build made with it"
	[ "${core%/*}" = "$to/core" ] || { mkdir -p "$to/core" && cp "$core" "$to/core/.kpatch.new" && chmod 644 "$to/core/.kpatch.new" &&
		mv -f "$to/core/.kpatch.new" "$to/core/kpatch.ko"; } || die $FAILED unwritable "cannot write \`$to/core/kpatch.ko\`" "cp has said why" \
		"check room and permissions"
}

# install_patch FILE SEVERAL INSTEAD
install_patch() {
	need_root install
	set_patch "$1"
	case $release in
	'' | .* | */*)
		die $REFUSED wrong-kernel "\`$1\` does not say what kernel it is for" "its .modinfo has no vermagic" \
			"build it again with the kernel's own headers"
		;;
	esac
	to=$DIR/$release others=
	[ "$(cumulative "$plain")" != yes ] || set_others "$release" "$name"
	[ -n "$2$3" ] || refuse_second "$name"
	{ mkdir -p "$to" && cp "$plain" "$to/.$name.new" && chmod 644 "$to/.$name.new" &&
		mv -f "$to/.$name.new" "$to/$name.ko"; } 2>"$scratch/err" || {
		rm -f "$to/.$name.new"
		die $FAILED unwritable "cannot write \`$to/$name.ko\`" "$(head -n 1 "$scratch/err")" "check room and permissions"
	}
	[ -z "$for_core" ] || install_core "$1"
	[ -z "$3" ] || remove_others "$release"
	enable_unit
	[ "$release" = "$("$UNAME" -r)" ] || note "\`$name\` is for $release, which is not the running kernel"
	note "\`$name\` is installed and will be loaded when $release boots"
}

# leave_directory DIRECTORY: of a kernel of which no patch is left
leave_directory() {
	for kept in "$1"/*.ko; do
		[ ! -f "$kept" ] || return 0
	done
	rm -f "$1/core/kpatch.ko"
	rmdir "$1/core" "$1" 2>/dev/null
}

uninstall_patch() {
	need_root uninstall
	set_known is_installed "$1"
	found=
	for file in "$DIR"/*/"$name.ko"; do
		[ -f "$file" ] || break
		rm -f "$file" || die $FAILED unwritable "cannot remove \`$file\`" "rm failed" "check permissions"
		leave_directory "${file%/*}"
		found="$found $(basename "${file%/*}")"
	done
	[ -n "$found" ] || die $REFUSED not-installed "\`$name\` is not installed" "no kernel in $DIR has it" \
		"see kpatch list"
	for file in "$DIR"/*/*.ko; do
		[ -f "$file" ] || disable_unit
		break
	done
	case $(state "$name") in
	enabl*) note "\`$name\` is still loaded; \`kpatch unload $name\` removes it from the running kernel" ;;
	esac
	note "\`$name\` is not loaded at boot any more, of$found"
}
