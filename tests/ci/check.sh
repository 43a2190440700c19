#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh - packaging/ci/Containerfile, built by buildah, and patch-and-boot run in the image that it makes
#
# No registry is asked: the image that the recipe starts from is made here by debootstrap, under the same name. As root. $CI_CACHE
# (~/.cache/elfdiff-ci) keeps that root directory, and what kpatch-build fetches in the container.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-ci}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export LC_ALL=C.UTF-8
. "$root/tests/lib/verdicts.sh"
. "$root/tests/lib/bare-root.sh"

# Images and containers are the test's own, and programs run without namespaces: a container may have to make this.
image() { BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs buildah --root "$scratch/images" --runroot "$scratch/run" "$@"; }

base=$(sed -n 's/^FROM //p' "$root/packaging/ci/Containerfile")
base_image() {
	container=$(image from scratch) && image add -q "$container" "$cache/bookworm.tar" / &&
		image config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container" &&
		image commit -q --rm "$container" "$base"
}

# What a clone has, and nothing that was built in this tree.
recipe() {
	mkdir "$scratch/tree" && (cd "$root" && scripts/files.sh | tar -c -T -) | tar -x -C "$scratch/tree" &&
		image bud -q --pull-never -t kpatch -f "$scratch/tree/packaging/ci/Containerfile" "$scratch/tree"
}

# in_image STATUS ARGUMENT...: what the image runs ends so
in_image() {
	wanted=$1
	shift
	container=$(image from --pull-never localhost/kpatch) || return
	mkdir -p "$scratch/work" "$cache/kpatch-build"
	# buildah run, unlike podman run, does not start the entry point.
	image run -v "$scratch/work:/work" -v "$cache/kpatch-build:/cache" "$container" -- patch-and-boot "$@"
	status=$?
	image rm "$container"
	[ "$status" = "$wanted" ] || { echo "status $status instead of $wanted"; return 1; }
}

kernel=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: linux-image-//p' | head -n 1)
comes_and_goes() {
	cp "$root/tests/live/cases/verified/memory.patch" "$scratch/work/fix.patch" &&
		in_image 0 -o /work/out "$kernel" /work/fix.patch --before '! grep MemUnavailable /proc/meminfo' --check 'grep MemUnavailable /proc/meminfo' &&
		[ -s "$scratch/work/out/livepatch-fix.ko" ] && grep MemUnavailable "$scratch/work/out/fix.log"
}
failed_check() { in_image 2 -o /work/other "$kernel" /work/fix.patch --check false; }

why=
for tool in buildah debootstrap; do
	command -v "$tool" >/dev/null || why="$tool is not installed (scripts/setup.sh package)"
done
[ "$(id -u)" = 0 ] || why="only root can make a root directory"
[ "$(uname -m)" = x86_64 ] || why="the recipe is for x86_64"
[ -n "$kernel" ] || why="apt knows no linux-image-cloud-amd64"
mkdir "$scratch/work"
if [ -n "$why" ]; then
	skip "the container" "$why"
else
	check "a bare Debian" bare_tarball "$cache/bookworm.tar" && check "an image of it" base_image && check "the recipe makes an image" recipe &&
		check "a patch comes and goes in $kernel" comes_and_goes && check "a check that fails" failed_check
fi
tell_sum ci
