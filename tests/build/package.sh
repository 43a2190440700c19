# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# package.sh - a part of check.sh: what the module says of itself, its signature, and packages of it

info_of() { modinfo -F "$2" "$out/$1.ko" 2>>"$scratch/said"; }

# --- what modinfo shows

{
	printf 'From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: A B <a@b.example>\nSubject: [PATCH 5.10 v2 1/2] proc: say "pat\\ched"\n where the memory is\nTo: x@y.example\n\nSubject: not this\n---\n'
	cat "$scratch/built-in.patch"
} >"$scratch/mail.patch"
build -n told "$scratch/mail.patch"
[ "$status" = 0 ] && sound livepatch-told && [ "$(info_of livepatch-told description)" = 'proc: say "pat\ched" where the memory is' ] &&
	[ "$(info_of livepatch-told patch_sha256)" = "$(sha256sum <"$scratch/mail.patch" | cut -d' ' -f1) mail.patch" ] &&
	[ "$(info_of livepatch-told built_by)" = "$("$command" --version)" ] &&
	[ "$(info_of livepatch-told kernel_build_id)" = "$(readelf -n "$LAB/vmlinux" | sed -n 's/^ *Build ID: *//p')" ] && [ -n "$(info_of livepatch-told kernel_build_id)" ]
verdict "modinfo tells what the module was built of" $?

# subject TEXT WANTED: of a patch with such lines before the first file
subject() {
	printf '%b' "$1" >"$scratch/some.patch" && printf -- '--- a/x\n+++ b/x\n' >>"$scratch/some.patch"
	found=$(bash -c '. "$1"; patches=("$2"); find_subjects; description' - "$here/../../scripts/kpatch-build.d/describe.bash" "$scratch/some.patch")
	[ "$found" = "$2" ] || { echo "subject: \`$found\`, not \`$2\`" >>"$scratch/said"; false; }
}
: >"$scratch/said"
subject '' some && subject 'Description: quilt: \ttwo\n words\n' 'quilt: two' && subject 'Subject: [a] [b] c\n' c && subject 'Subject: =?UTF-8?q?f=C3=BCr?=\n' some &&
	subject 'commit 1234abcd\nAuthor: x\n\n    the first\n    the second\n' 'the first' && subject 'diff --git a/x b/x\nSubject: no\n' some &&
	[ "$(bash -c '. "$1"; subjects=(a b c d e); description' - "$here/../../scripts/kpatch-build.d/describe.bash")" = 'a; b; c; and 2 more' ]
verdict "the description of a patch, by where it comes from" $?

cp "$out/livepatch-told.ko" "$scratch/first.ko"
build -n told "$scratch/mail.patch"
[ "$status" = 0 ] && cmp "$out/livepatch-told.ko" "$scratch/first.ko" >>"$scratch/said"
verdict "the same patch makes the same bytes" $?

# --- a signature

# key_pair NAME [OPTION]...: $scratch/NAME.key and NAME.cert
key_pair() {
	pair=$1
	shift
	openssl req -new -x509 -newkey rsa:2048 -sha256 -days 100 -subj "/CN=test $pair" -keyout "$scratch/$pair.key" -out "$scratch/$pair.cert" "$@" 2>/dev/null
}
key_pair ours -nodes && key_pair theirs -nodes && key_pair locked -passout pass:secret

cp "$out/livepatch-told.ko" "$scratch/unsigned.ko"
build -n told --sign "$scratch/ours.key" "$scratch/ours.cert" "$scratch/mail.patch"
serial=$(openssl x509 -in "$scratch/ours.cert" -noout -serial | sed 's/serial=//; s/../&:/g; s/:$//')
[ "$status" = 0 ] && says 'signed   sha256, CN = test ours' && sound livepatch-told && cmp -n "$(stat -c %s "$scratch/unsigned.ko")" "$out/livepatch-told.ko" "$scratch/unsigned.ko" >>"$scratch/said" &&
	[ "$(info_of livepatch-told sig_id)" = PKCS#7 ] && [ "$(info_of livepatch-told signer)" = "test ours" ] && [ "$(info_of livepatch-told sig_hashalgo)" = sha256 ] &&
	[ "$(info_of livepatch-told sig_key)" = "$serial" ] && clean
verdict "a signed module" $?

# Signed by hand, with the same program, it is the same; the signature is none of another certificate, nor for other bytes.
sign_file=$(find "$KPATCH_BUILD_DIR" -path '*/bld/scripts/sign-file' | head -n 1)
cp "$out/livepatch-told.ko" "$scratch/signed.ko"
judge() { bash -c '. "$1" && work=$2 sign_cert=$3 && check_signature "$4" "$5"' - "$here/../../scripts/kpatch-build.d/sign.bash" "$scratch" "$@" >>"$scratch/said" 2>&1; }
"$sign_file" sha256 "$scratch/ours.key" "$scratch/ours.cert" "$scratch/unsigned.ko" "$scratch/by-hand.ko" && cmp "$scratch/by-hand.ko" "$scratch/signed.ko" >>"$scratch/said" &&
	judge "$scratch/ours.cert" "$scratch/signed.ko" "$scratch/unsigned.ko" && ! judge "$scratch/theirs.cert" "$scratch/signed.ko" "$scratch/unsigned.ko" &&
	! judge "$scratch/ours.cert" "$scratch/unsigned.ko" "$scratch/unsigned.ko" &&
	{ printf x && tail -c +2 "$scratch/signed.ko"; } >"$scratch/forged.ko" && { printf x && tail -c +2 "$scratch/unsigned.ko"; } >"$scratch/forged-part.ko" &&
	! judge "$scratch/ours.cert" "$scratch/forged.ko" "$scratch/forged-part.ko" && ! judge "$scratch/ours.cert" "$scratch/forged.ko" "$scratch/unsigned.ko"
verdict "a signature is judged by the certificate and the bytes" $?

openssl x509 -in "$scratch/locked.cert" -outform DER -out "$scratch/locked.der"
export KBUILD_SIGN_PIN=secret
build -n told --sign "$scratch/locked.key" "$scratch/locked.der" "$scratch/mail.patch"
unset KBUILD_SIGN_PIN
[ "$status" = 0 ] && [ "$(info_of livepatch-told signer)" = "test locked" ] && ! grep -qw secret "$scratch/said"
verdict "a key with a passphrase, and a certificate in DER" $?

rm -f "$out/livepatch-told.ko"
build -n told --sign "$scratch/ours.key" "$scratch/theirs.cert" "$scratch/mail.patch"
[ "$status" = 1 ] && says 'error[wrong-key]' && ! says 'compile ' && build -n told --sign "$scratch/locked.key" "$scratch/locked.cert" "$scratch/mail.patch" &&
	[ "$status" = 1 ] && says 'error[bad-key]' && says KBUILD_SIGN_PIN && build -n told --sign "$scratch/ours.key" "$scratch/ours.key" "$scratch/mail.patch" && [ "$status" = 1 ] &&
	says 'error[bad-key]' && says 'is no certificate' && build -n told --sign "$scratch/none.key" "$scratch/ours.cert" "$scratch/mail.patch" && [ "$status" = 1 ] &&
	says 'error[unreadable]' && build -n told "$scratch/mail.patch" --sign "$scratch/ours.key" && [ "$status" = 1 ] && says 'needs two values' && [ ! -e "$out/livepatch-told.ko" ]
verdict "a key that is not the certificate's, is locked, is none or is missing" $?

# A token's key is not known before it signs: that it is another's is seen afterwards.
mkdir -p "$scratch/signer/scripts"
printf '#!/bin/sh\n[ $# -gt 3 ] || exit 2\nexec "%s" "$1" "%s" "%s" "$4"\n' "$sign_file" "$scratch/theirs.key" "$scratch/theirs.cert" >"$scratch/signer/scripts/sign-file"
chmod +x "$scratch/signer/scripts/sign-file"
for file in .config Module.symvers include; do ln -s "$LAB/bld/$file" "$scratch/signer/$file"; done
build -n told -b "$scratch/signer" --sign pkcs11:token=ours "$scratch/ours.cert" "$scratch/mail.patch"
[ "$status" = 1 ] && says 'error[bad-signature]' && [ ! -e "$out/livepatch-told.ko" ] && clean
verdict "a signature by another key than the certificate's" $?

{ cat "$LAB/bld/.config" && echo CONFIG_MODULE_SIG_FORCE=y; } >"$scratch/forced-config"
: >"$scratch/no-symvers"
build -c "$scratch/forced-config" -m "$scratch/no-symvers" "$scratch/mail.patch"
says 'warning[signed-modules]' && says -- '--sign KEY CERT' && build -c "$scratch/forced-config" -m "$scratch/no-symvers" --sign "$scratch/ours.key" "$scratch/ours.cert" "$scratch/mail.patch" && ! says signed-modules
verdict "a kernel that loads signed modules only" $?

# --- packages

export SOURCE_DATE_EPOCH=1700000000
rpmbuild=$(command -v rpmbuild)
mkdir "$scratch/first"
build -n packed --deb --deb "$scratch/mail.patch" && mv "$out"/*.deb "$scratch/first"
build -n packed --deb "$scratch/mail.patch"
abi=$(cat "$LAB/abi")
packed=livepatch-packed-${abi}_20231114.221320_amd64.deb
kept=var/lib/kpatch/$abi/livepatch_packed.ko
[ "$status" = 0 ] && says "$out/$packed" && cmp "$out/$packed" "$scratch/first/$packed" >>"$scratch/said" && [ "$(dpkg-deb -f "$out/$packed" Depends)" = elfdiff-kpatch ] &&
	[ "$(dpkg-deb -f "$out/$packed" Enhances)" = "linux-image-$abi" ] && [ "$(dpkg-deb -f "$out/$packed" Conflicts)" = "kpatch-cumulative-$abi" ] &&
	dpkg-deb -f "$out/$packed" Description | grep -qF 'proc: say "pat\ched" where the memory is' && dpkg-deb --fsys-tarfile "$out/$packed" | tar -xO "./$kept" | cmp - "$out/livepatch-packed.ko" &&
	dpkg-deb --fsys-tarfile "$out/$packed" | tar -xO "./usr/share/doc/livepatch-packed-$abi/patches/1-mail.patch" | cmp - "$scratch/mail.patch" && clean
verdict "a package of a patch, twice the same" $?

if command -v lintian >/dev/null; then
	lintian --allow-root --fail-on error,warning "$out/$packed" >"$scratch/said" 2>&1
	verdict "lintian finds nothing in it" $?
else
	skip "lintian finds nothing in it" "lintian is missing"
fi

# For the core: what is delivered are two modules, each signed, and the package has both.
build -n cored --core kpatch --sign "$scratch/ours.key" "$scratch/ours.cert" --deb ${rpmbuild:+--rpm} "$scratch/mail.patch"
cored=livepatch-cored-${abi}_20231114.221320_amd64.deb
cored_files=var/lib/kpatch/$abi
[ "$status" = 0 ] && [ "$(info_of livepatch-cored signer)" = "test ours" ] && [ "$(info_of kpatch signer)" = "test ours" ] && [ "$(info_of kpatch depends)" = '' ] &&
	[ "$(info_of livepatch-cored depends)" = kpatch ] && [ "$(info_of livepatch-cored kpatch)" = Y ] &&
	dpkg-deb --fsys-tarfile "$out/$cored" | tar -xO "./$cored_files/livepatch_cored.ko" | cmp - "$out/livepatch-cored.ko" >>"$scratch/said" &&
	dpkg-deb --fsys-tarfile "$out/$cored" | tar -xO "./$cored_files/core/livepatch_cored.ko" | cmp - "$out/kpatch.ko" >>"$scratch/said" && clean
verdict "a patch for the core, signed, as a package with its core" $?
if [ -n "$rpmbuild" ]; then
	rpm -qpl "$out/livepatch-cored-$abi-20231114.221320-1.x86_64.rpm" >"$scratch/said" 2>&1
	says "/$cored_files/core/livepatch_cored.ko" && says "/$cored_files/livepatch_cored.ko"
	verdict "and as one for rpm" $?
else
	skip "and as one for rpm" "rpmbuild is missing"
fi

# A system in which the patch's kernel seems to run, and kpatch notes what it is told; $root/ends is how it ends.
root=$scratch/root
make_root() {
	mkdir -p "$root/bin" "$root/sys/kernel/livepatch" "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/tmp" "$root/var/lib/rpm" "$root/dev" \
		"$scratch/stub-package/DEBIAN" "$scratch/stub-package/usr/sbin" "$scratch/stub-package/usr/share/doc" "$scratch/stub-package/var/lib"
	touch "$root/var/lib/dpkg/status" "$root/dev/null"
	dash=$(command -v dash) && cp "$dash" "$root/bin/sh" && cp "$(command -v busybox)" "$root/bin" || return
	ldd "$dash" | grep -o '/[^ ]*' | while read -r library; do mkdir -p "$root${library%/*}" && cp "$library" "$root$library"; done
	for applet in cat grep mkdir rm; do ln -s busybox "$root/bin/$applet"; done
	printf '#!/bin/sh\ncat /release\n' >"$root/bin/uname"
	echo "$abi" >"$root/release"
	printf 'Package: elfdiff-kpatch\nVersion: 1\nArchitecture: all\nMaintainer: test <test@localhost>\nDescription: test\n' >"$scratch/stub-package/DEBIAN/control"
	cat >"$scratch/stub-package/usr/sbin/kpatch" <<-'END'
		#!/bin/sh
		echo "$*" >>/told
		if read -r ends 2>/dev/null </ends; then exit "$ends"; fi
		of=${2##*/} && of=/sys/kernel/livepatch/${of%.ko}
		case $1 in
		load) mkdir "$of" && echo 1 >"$of/enabled" ;;
		unload) rm -r "$of" ;;
		esac
	END
	chmod 755 "$root/bin/uname" "$scratch/stub-package/usr/sbin/kpatch"
	dpkg-deb --root-owner-group -b "$scratch/stub-package" "$scratch/stub-package.deb" >/dev/null && in_root -i "$scratch/stub-package.deb" >"$scratch/said" 2>&1
}
in_root() { dpkg --root="$root" "$@"; }
in_root_quiet() { : >"$root/told" && in_root "$@" >"$scratch/said" 2>&1; }
told() { cat "$root/told" >>"$scratch/said"; [ "$(cat "$root/told")" = "$1" ]; }
files_of_root() { (cd "$root" && find . -path ./var/lib/dpkg -prune -o -path ./var/lib/rpm -prune -o -print | sort); }

if [ "$(id -u)" = 0 ] && command -v busybox >/dev/null && command -v dash >/dev/null; then
	make_root && : >"$root/told" && rm -f "$root/ends" && files_of_root >"$scratch/files"
	in_root_quiet -i "$out/$packed" && told "load /$kept" && cmp "$root/$kept" "$out/livepatch-packed.ko" >>"$scratch/said"
	verdict "a package that is installed loads its patch" $?
	in_root_quiet -i "$out/$packed" && told '' && says 'is loaded already'
	verdict "installed again, it leaves the patch alone" $?

	in_root_quiet -P "livepatch-packed-$abi" && told 'unload livepatch_packed --timeout 60' && ! says warning && files_of_root | diff "$scratch/files" - >>"$scratch/said"
	verdict "removal unloads it and leaves nothing" $?

	echo 3 >"$root/ends" && ! in_root_quiet -i "$out/$packed" && in_root -s "livepatch-packed-$abi" | grep -q 'half-configured' && rm "$root/ends" && in_root_quiet --configure -a &&
		told "load /$kept" && echo 4 >"$root/ends" && in_root_quiet -P "livepatch-packed-$abi" && says 'its module stays until' && [ ! -e "$root/$kept" ] &&
		rm -r "$root/sys/kernel/livepatch/livepatch_packed" && in_root_quiet -i "$out/$packed" && rm "$root/ends" && in_root_quiet -P "livepatch-packed-$abi"
	verdict "a patch that cannot be loaded, and one that cannot be unloaded" $?

	echo other >"$root/release" && in_root_quiet -i "$out/$packed" && told '' && says "is loaded when $abi boots" && in_root_quiet -P "livepatch-packed-$abi" && told ''
	verdict "a package for another kernel than the running one" $?
	echo "$abi" >"$root/release"

	# The kernel need not have livepatch for what brings a core; the stub above notes in its place what it is told.
	notes_in() { mkdir "$root/sys/kernel/$1" && sed -i "s|/sys/kernel/[a-z]*/|/sys/kernel/$1/|" "$root/usr/sbin/kpatch"; }
	rmdir "$root/sys/kernel/livepatch" && notes_in kpatch && in_root_quiet -i "$out/$cored" && told "load /$cored_files/livepatch_cored.ko" &&
		cmp "$root/$cored_files/core/livepatch_cored.ko" "$out/kpatch.ko" >>"$scratch/said" && in_root_quiet -i "$out/$cored" && told '' && says 'is loaded already' &&
		in_root_quiet -P "livepatch-cored-$abi" && told 'unload livepatch_cored --timeout 60' && in_root_quiet -i "$out/$packed" && told '' && in_root_quiet -P "livepatch-packed-$abi"
	verdict "a package for the core, on a kernel without livepatch" $?
	rmdir "$root/sys/kernel/kpatch" && notes_in livepatch

	# Of cumulative patches one can be in force; one that adds to it excludes none.
	next=livepatch-next-$abi beside=livepatch-beside-$abi
	build -n next --deb "$scratch/mail.patch" && build -R -n beside --deb "$scratch/mail.patch" && in_root_quiet -i "$out/$packed" &&
		! in_root_quiet -i "$out/${next}_20231114.221320_amd64.deb" && says "provides kpatch-cumulative-$abi" && [ ! -e "$root/var/lib/kpatch/$abi/livepatch_next.ko" ] &&
		in_root_quiet -i "$out/${beside}_20231114.221320_amd64.deb" && told "load /var/lib/kpatch/$abi/livepatch_beside.ko" && in_root_quiet -P "livepatch-packed-$abi" &&
		in_root_quiet -i "$out/${next}_20231114.221320_amd64.deb" && told "load /var/lib/kpatch/$abi/livepatch_next.ko" && in_root_quiet -P "$next" "$beside"
	verdict "of the packages of cumulative patches one is installed" $?
else
	skip "a package that is installed" "it needs root, dash and busybox"
fi

mkdir "$scratch/no-rpm"
ln -s /usr/bin/* "$scratch/no-rpm" && rm -f "$scratch/no-rpm/rpmbuild"
saved=$PATH PATH=$scratch/no-rpm
build -n packed --rpm "$scratch/mail.patch"
PATH=$saved
[ "$status" = 1 ] && says 'error[missing-tool]: `rpmbuild` is missing' && ! says 'compile '
verdict "--rpm without rpmbuild" $?

saved=$SOURCE_DATE_EPOCH SOURCE_DATE_EPOCH=yesterday
build -n packed --deb "$scratch/mail.patch"
SOURCE_DATE_EPOCH=$saved
[ "$status" = 1 ] && says 'error[usage]: SOURCE_DATE_EPOCH is no time'
verdict "a SOURCE_DATE_EPOCH that is none" $?

bash -c '. "$1"; die() { echo "error[$1]: $2"; exit 1; }; step() { echo "built $*"; exit; }; name=livepatch-x release=$2 formats=(deb); make_packages' - \
	"$here/../../scripts/kpatch-build.d/package.bash" '6.1; reboot' >"$scratch/said"
says 'error[usage]: `6.1; reboot` can be no part of a package'
verdict "a release that is no word" $?

if command -v rpmbuild >/dev/null; then
	rpm=livepatch-packed-$abi-20231114.221320-1.x86_64.rpm
	build -n packed --rpm "$scratch/mail.patch" && mv "$out"/*.rpm "$scratch/first"
	build -n packed --rpm "$scratch/mail.patch"
	[ "$status" = 0 ] && cmp "$out/$rpm" "$scratch/first/$rpm" >>"$scratch/said" && rpm -qp --requires "$out/$rpm" 2>>"$scratch/said" | grep -qx elfdiff-kpatch && clean
	verdict "a package for rpm, twice the same" $?
	if [ -d "$root/bin" ]; then
		in_rpm() { : >"$root/told" && rpm --root "$root" --dbpath /var/lib/rpm --nodeps "$@" >"$scratch/said" 2>&1; }
		in_rpm -i "$out/$rpm" && told "load /$kept" && cmp "$root/$kept" "$out/livepatch-packed.ko" >>"$scratch/said" && in_rpm -e "livepatch-packed-$abi" &&
			told 'unload livepatch_packed --timeout 60' && files_of_root | diff "$scratch/files" - >>"$scratch/said"
		verdict "installed by rpm it is loaded, and removed leaves nothing" $?
	else
		skip "installed by rpm" "it needs root, dash and busybox"
	fi
else
	skip "a package for rpm" "rpmbuild is missing"
fi
unset SOURCE_DATE_EPOCH
