# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of several static functions of one name the one in the patched file is replaced
# needs: SUSPEND
others() { cat /sys/devices/system/cpu/cpu*/hotplug/state; }
lacks "before" livepatch "$(cat /sys/power/state)"
before=$(others)
load state
has "patched" 'livepatch$' "$(cat /sys/power/state)"
is "another state_show" "$before" "$(others)"
unload state
lacks "after" livepatch "$(cat /sys/power/state)"
