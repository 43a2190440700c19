# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sign.bash - --sign KEY CERT: the module signed by the kernel's own sign-file, and the signature read back
#
# A signature is for bytes: it comes last, behind the checks. What is read back is judged by openssl, with the certificate that
# was given, and the module before it has to be what was checked. Whether the kernel trusts that certificate is not known here.

sign_key='' sign_cert='' sign_file='' sign_hash=''

# sign_of --sign KEY CERT
sign_of() {
	[ $# -ge 3 ] && [ -n "$2" ] && [ -n "$3" ] || die usage "option \`--sign\` needs two values" "it takes a private key and its certificate" "such as --sign key.pem cert.pem"
	case $2 in
	pkcs11:*) sign_key=$2 ;;
	*) absolute sign_key "$2" ;;
	esac
	absolute sign_cert "$3"
}

# The certificate as PEM, of PEM or DER.
certificate() { openssl x509 -in "$sign_cert" 2>/dev/null || openssl x509 -inform DER -in "$sign_cert" 2>/dev/null; }

# Never asks: sign-file, too, takes the passphrase from there alone.
public_key() {
	local passphrase=pass:
	[ -z "${KBUILD_SIGN_PIN:-}" ] || passphrase=env:KBUILD_SIGN_PIN
	openssl pkey -in "$sign_key" -passin "$passphrase" -pubout 2>/dev/null
}

# Before anything is compiled: a key of a token is tried when it signs.
check_key() {
	local of_key of_cert
	[ -n "$sign_key" ] || return 0
	command -v openssl >/dev/null || die missing-tool "\`openssl\` is missing" "--sign reads the signature back with it" "install it"
	check_given -f --sign "$sign_cert" "a certificate"
	of_cert=$(certificate | openssl x509 -noout -pubkey 2>/dev/null)
	[ -n "$of_cert" ] || die bad-key "\`$sign_cert\` is no certificate" "openssl reads it neither as PEM nor as DER" "give the X.509 certificate of the key after it"
	[[ $sign_key != pkcs11:* ]] || return 0
	check_given -f --sign "$sign_key" "a private key"
	of_key=$(public_key)
	[ -n "$of_key" ] || die bad-key "\`$sign_key\` is no private key that can be used" "it is none in PEM, or has another passphrase than KBUILD_SIGN_PIN says" \
		"check the file, and set KBUILD_SIGN_PIN to the passphrase if it has one"
	[ "$of_key" = "$of_cert" ] || die wrong-key "\`$sign_key\` is not the key of \`$sign_cert\`" "the certificate has another public key" "give the two that belong together"
}

# sign-file is a program of the machine that builds: one of a package for another machine does not run.
can_run() { [ -f "$1" ] && { "$1" >/dev/null 2>&1 </dev/null; [ $? -lt 126 ]; }; }

find_sign_file() {
	local file
	[ -n "$sign_key" ] || return 0
	config_is CONFIG_MODULE_SIG || die no-signatures "the kernel knows no signatures of modules" "its configuration, $config, does not set CONFIG_MODULE_SIG" "leave out --sign"
	sign_hash=$(config_text CONFIG_MODULE_SIG_HASH)
	[ -n "$sign_hash" ] || die no-signatures "the hash of signatures is not known" "$config has no CONFIG_MODULE_SIG_HASH" "give the kernel's own configuration with -c"
	for file in "$build/scripts/sign-file" "$kdir/bld/scripts/sign-file" "$source/scripts/sign-file" /usr/lib/linux-kbuild-*/scripts/sign-file; do
		can_run "$file" || continue
		sign_file=$file
		return
	done
	die missing-tool "the kernel's \`sign-file\` is missing" "no build directory has scripts/sign-file, which kbuild makes where the headers of libcrypto are, and no linux-kbuild package is installed" \
		"install libssl-dev and run with --clean, or install linux-kbuild"
}

# split_signed FILE: the module without its signature, and that. At the end stand a line of 28 bytes and before it struct module_signature:
# 12 bytes, of which the third is 2 for PKCS#7, and the last four the length, high byte first.
split_signed() {
	local size length
	size=$(stat -c %s "$1")
	[ "$(tail -c 28 "$1" | tr '\0' '?')" = '~Module signature appended~' ] && [ "$(tail -c 40 "$1" | od -An -t u1 -j 2 -N 1 | tr -d ' ')" = 2 ] || return 1
	length=$(tail -c 32 "$1" | od -An -t u1 -N 4 | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }')
	[ "$length" -gt 0 ] && [ "$length" -lt $((size - 40)) ] || return 1
	head -c $((size - 40 - length)) "$1" >"$work/signed-part"
	tail -c $((40 + length)) "$1" | head -c "$length" >"$work/signature"
}

# check_signature FILE UNSIGNED
check_signature() {
	certificate >"$work/certificate"
	split_signed "$1" && cmp "$work/signed-part" "$2" &&
		openssl cms -verify -inform DER -in "$work/signature" -content "$work/signed-part" -binary -certfile "$work/certificate" -nointern -noverify -out /dev/null
}

sign_module() {
	[ -n "$sign_key" ] || return 0
	cp "$work/$name.ko" "$work/unsigned.ko" || die unwritable "cannot copy \`$name.ko\`" "the disk is full" "free some space"
	run "$sign_file" "$sign_hash" "$sign_key" "$sign_cert" "$work/$name.ko" ||
		fail_with_log sign-failed "\`$name.ko\` cannot be signed" "see what sign-file said" "sign-file failed; its words stand above"
	run check_signature "$work/$name.ko" "$work/unsigned.ko" ||
		fail_with_log bad-signature "the signature of \`$name.ko\` is not that of \`$sign_cert\`" "give the certificate of the key that signed" "it was read back after sign-file, and is none for these bytes by that certificate"
	say "signed   $sign_hash, $(certificate | openssl x509 -noout -subject | sed 's/^subject= *//')"
}
