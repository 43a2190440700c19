# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: what changed from one Debian version to the next but one becomes modules that load, make their transition, and unload
# kernels: 6.12.107 6.12.111 6.12.113 6.12.115
# history: 6.12
# at-least: 95
# seconds: 3600
# processors: 1
loaded=0 transitioned=0 unloaded=0 absent=''
while read -r name modules; do
	for module in $modules; do
		try_module "$module" || absent="$absent $module"
	done
	kpatch_says 0 load "/lib/livepatch-$name.ko" --timeout 60
	! is_loaded "$name" || loaded=$((loaded + 1))
	is "the transition to $name" "1 0" "$(cat "$(patch_dir "$name")/enabled") $(cat "$(patch_dir "$name")/transition")"
	transitioned=$((transitioned + 1))
	for module in $modules; do
		[ ! -e "/sys/module/$module" ] || is "$name patches $module" 1 "$(cat "$(patch_dir "$name")/$module/patched")"
	done
	ls -lR /proc/1/fd /sys/class >/dev/null && ping -c 1 127.0.0.1 >/dev/null && echo words >/tmp/file && sync
	kpatch_says 0 unload "$(sysname "$name")" --timeout 60
	unloaded=$((unloaded + 1))
	echo "done: $name $modules"
done </lib/list
echo "TABLE loaded $loaded, transitioned $transitioned, unloaded $unloaded; modules that do not load here:$(echo "$absent" | tr ' ' '\n' | sort -u | tr '\n' ' ')"
