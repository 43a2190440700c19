# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: a static key of a module is tested in patched code, whatever it was when the patch was loaded, and however it changes
# skip-other: KVM has that key on x86
# ships: kvm-amd
# needs: KVM_AMD
insert_module kvm-amd
off="local APIC: 0"
is "before, key off" "$off" "$(/helper with)"
is "before, key on" "no local APIC: 22" "$(/helper without)"

load kvm
is "patched, key off" "$off" "$(/helper with)"
is "patched, key on" "no local APIC: 6" "$(/helper without)"
is "patched, key off again" "$off" "$(/helper with)"
unload kvm

# It is on while the patch is loaded.
/helper hold >/held &
wait_for "the virtual machine without a local APIC" grep -q held /held
load kvm
is "patched, both" "$off" "$(/helper with)"
is "patched, key on before" "no local APIC: 6" "$(/helper without)"
kill $!
wait $! 2>/dev/null
is "patched, key off behind" "$off" "$(/helper with)"
unload kvm
is "unpatched" "no local APIC: 22" "$(/helper without)"
