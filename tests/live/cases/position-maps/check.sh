# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: of several functions of one name the one in the patched file is replaced, and finds its neighbour, one of several too
load maps
has "which one" '^m_next,[2-9]' "$(ls "$(patch_dir maps)/vmlinux")"
has "patched" '^livepatch$' "$(cat /proc/self/maps)"
lacks "its neighbour" another "$(cat /proc/self/maps)"
for file in /proc/modules /proc/self/mounts; do
	lacks "$file, whose m_next is another" livepatch "$(grep -v ^livepatch_maps $file)"
done
unload maps
lacks "after" livepatch "$(cat /proc/self/maps)"
