#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# loongarch64.sh - print the directory with GCC and binutils for loongarch64, of which Debian 12 has none
#
# loongarch64-linux-gnu-{gcc-14,ld,objdump,...} of Debian 13 are unpacked, not installed, into ~/.cache (or
# ELFDIFF_LOONGARCH64) the first time: 40 MB to download. They run with Debian 13's C library.
set -eu

root=${ELFDIFF_LOONGARCH64:-${XDG_CACHE_HOME:-$HOME/.cache}/elfdiff-loongarch64}
if [ -e "$root/complete" ]; then
	echo "$root/bin"
	exit 0
fi

packages="gcc-14-loongarch64-linux-gnu cpp-14-loongarch64-linux-gnu binutils-loongarch64-linux-gnu
libc6 libgcc-s1 libgmp10 libisl23 libjansson4 libmpc3 libmpfr6 libsframe1 libstdc++6 libzstd1 zlib1g"
rm -rf "$root"
mkdir -p "$root/apt/lists/partial" "$root/apt/archives/partial" "$root/deb" "$root/bin" "$root/parts"
root=$(cd "$root" && pwd)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" \
	> "$root/apt/sources.list"
cat > "$root/apt/apt.conf" << END
Dir::State "$root/apt";
Dir::State::Lists "$root/apt/lists";
Dir::State::status "/dev/null";
Dir::Cache "$root/apt";
Dir::Etc::SourceList "$root/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "";
END
export APT_CONFIG="$root/apt/apt.conf"
apt-get -q update >&2
# shellcheck disable=SC2086 # a list of words
(cd "$root/deb" && apt-get -q download $packages >&2)
for package in "$root"/deb/*.deb; do
	dpkg -x "$package" "$root"
done
rm -rf "$root/deb" "$root/apt"

library=$root/usr/lib/x86_64-linux-gnu

# wrap NAME PROGRAM [ARGUMENT]...: a program that runs with the C library it was made for
wrap() {
	wrapper=$1
	shift
	printf '#!/bin/sh\nexec %s/ld-linux-x86-64.so.2 --library-path %s' "$library" "$library" > "$wrapper"
	printf ' %s' "$@" >> "$wrapper"
	printf ' "$@"\n' >> "$wrapper"
	chmod +x "$wrapper"
}
for tool in as ld nm objdump objcopy readelf strip; do
	wrap "$root/bin/loongarch64-linux-gnu-$tool" "$root/usr/bin/loongarch64-linux-gnu-$tool"
done
# what GCC runs
wrap "$root/parts/cc1" "$root/usr/libexec/gcc-cross/loongarch64-linux-gnu/14/cc1"
ln -s ../bin/loongarch64-linux-gnu-as "$root/parts/as"
wrap "$root/bin/loongarch64-linux-gnu-gcc-14" "$root/usr/bin/loongarch64-linux-gnu-gcc-14" "-B$root/parts/"
: > "$root/complete"
echo "$root/bin"
