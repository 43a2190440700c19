# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fake-cores.sh - a part of fake.sh: patches for the core, and for both cores at once

# Patches of both cores, where the core was forced: for_core is loaded.
beside_livepatch() {
	mv "$klp.away" "$klp"
	echo vmlinux/another_function,1 >"$FAKE/spec/one"
	run load "$work/one.ko"
	expect "both: load" 0 "\`one\` is loaded and enabled"
	run list
	expect "both: list" 0 "enabled     yes   for_core" "enabled     no    one"
	run info for_core
	expect "both: info" 0 "state        enabled" "core         kpatch.ko" "changes      some_function,0 in vmlinux"
	run info one
	expect "both: info of the kernel's" 0 "state        enabled" "!core "
	run status
	expect "both: status" 0 "in force: for_core" "in force: one"
	run unload one
	expect "both: unload" 0 "\`one\` is unloaded"
	rm "$FAKE/spec/one"
	mv "$klp" "$klp.away"
}

# A patch for the core, on a kernel that has livepatch and on one that has not.
for_core() {
	run info "$work/for-core.ko"
	expect "core: info" 0 "name         for_core" "core         kpatch.ko"
	run load "$work/for-core.ko"
	expect "core: there is none" 2 "error[no-core]" "kpatch.ko is neither beside it nor installed"
	run install "$work/for-core.ko"
	expect "core: nothing to install it from" 2 "error[no-core]"
	mv "$klp" "$klp.away"
	run load "$work/for-core.ko"
	expect "core: nor without livepatch" 2 "error[no-core]"
	run status
	expect "core: nothing can be said" 3 "error[no-livepatch]"
	cp "$work/core" "$work/kpatch.ko"
	run install "$work/for-core.ko"
	expect "core: install" 0 "\`for_core\` is installed"
	holds "core: it is kept, and is no patch" cmp -s "$work/kpatch.ko" "$FAKE/lib/6.1.0-test/core/kpatch.ko"
	rm "$work/kpatch.ko"
	run status
	expect "core: missing" 2 "missing: for_core is installed"
	echo "Device or resource busy" >"$FAKE/insmod-fails"
	run load for_core
	expect "core: the kernel refuses it" 3 "error[refused-by-kernel]" "core/kpatch.ko"
	rm "$FAKE/insmod-fails"
	run load --all
	expect "core: at boot" 0 "\`for_core\` is loaded and enabled"
	run status
	expect "core: in force" 0 "in force: for_core"
	run list
	expect "core: list" 0 "enabled     yes   for_core"
	run load "$work/for-core.ko"
	expect "core: twice" 2 "error[already-loaded]"
	beside_livepatch
	run unload for_core
	expect "core: unload" 0 "\`for_core\` is unloaded"
	holds "core: it stays" test -d "$FAKE/sys/kernel/kpatch"
	run uninstall for_core
	expect "core: uninstall" 0 "not loaded at boot any more"
	holds "core: its directory is gone" missing "$FAKE/lib/6.1.0-test"
	rm -r "$FAKE/sys/kernel/kpatch" "$FAKE/sys/module/kpatch"
	of_package
	mv "$klp.away" "$klp"
}

# A package has the core by the patch's name, and nothing else is there.
of_package() {
	mkdir -p "$FAKE/lib/6.1.0-test/core" && cp "$work/for-core.ko" "$FAKE/lib/6.1.0-test/for_core.ko" && cp "$work/core" "$FAKE/lib/6.1.0-test/core/for_core.ko"
	run status
	expect "core of a package: missing" 2 "missing: for_core is installed"
	run load --all
	expect "core of a package: load" 0 "\`for_core\` is loaded and enabled"
	holds "core of a package: it was that" grep -q '^insmod .*/core/for_core.ko$' "$FAKE/log"
	run unload for_core
	expect "core of a package: unload" 0 "\`for_core\` is unloaded"
	rm -r "$FAKE/sys/kernel/kpatch" "$FAKE/sys/module/kpatch" "$FAKE/lib/6.1.0-test"
}
