# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# history.sh - patches from a newer version of a kernel's source (history.py), for check.sh, which sources it
#
# Each is built as it is, then, where that is refused, with what its refusal asks for: the headers that the change needs,
# --skip-init, --redirect kprobe. What became of it is a line of $out/outcomes, `OUTCOME NAME PATHS`, in which OUTCOME is
#
#   module or unchanged, with the ways that it took (+headers +skip-init +redirect-kprobe), refused:ID by the first error that has none,
#   or incomplete: the files are no change by themselves, since they need others to compile or to be linked
#
# What is incomplete, and patches of files that the configuration does not build, do not count. tally prints a table by outcome.

first_error() { sed -n 's/^error\[\([^]]*\)\].*/\1/p' "$out/log" | head -n 1; }

# The modules that the patch is for, but for vmlinux
patched_modules() { sed -n 's/;.*//; s/.*\.ko: patches //p' "$out/log" | tr ' ' '\n' | grep -vx vmlinux; }

attempt() { # KERNEL NAME PATCH [OPTION]...
	: >"$out/log"
	kpatch_build "$@"
	case $? in
	0) outcome=module ;;
	3) outcome=unchanged ;;
	*) outcome=refused:$(first_error) ;;
	esac
	cp "$out/log" "$out/logs/$2.$outcome"
}

# What kpatch-build says of a source that does not compile, and of a function that no file of the patch defines
needs_other_files() { [ "$outcome" = refused:compile-failed ] || { [ "$outcome" = refused:link-failed ] && grep -q '^ERROR: modpost: .* undefined!' "$out/log"; }; }

is_refused() { case $outcome in refused*) return 0 ;; esac; return 1; }

history_of() { # KERNEL NAME
	way_there='' patch=$out/patches/$2.patch
	attempt "$1" "$2" "$patch"
	if [ "$outcome" = refused:compile-failed ] && [ -e "$out/patches/$2.all.patch" ]; then
		way_there=+headers patch=$out/patches/$2.all.patch
		attempt "$1" "$2" "$patch"
	fi
	options=''
	for option in '--skip-init' '--redirect kprobe'; do
		! is_refused || ! grep -q -e "$option" "$out/log" || {
			options="$options $option" way_there=$way_there+$(echo "${option#--}" | tr ' ' -)
			# shellcheck disable=SC2086 # words
			attempt "$1" "$2" "$patch" $options
		}
	done
	! needs_other_files || outcome=incomplete
	case $outcome in module | unchanged) outcome=$outcome$way_there ;; esac
}

is_unbuilt() { grep -q 'nothing to do: .*configuration builds' "$out/log"; }

tally() { cut -d' ' -f1 "$out/outcomes" | sort | uniq -c | sort -rn; }

build_history() { # KERNEL
	mkdir -p "$out/logs" && : >"$out/outcomes" && : >"$out/root/lib/list" && : >"$out/targets"
	python3 -B "$here/history.py" "$(lab_of "$1")" "$(lab_of "$(key history)")/linux" "$out/patches" "${LIMIT:-0}" >"$out/listed" || return
	tried=0
	while read -r name paths; do
		tried=$((tried + 1))
		history_of "$1" "$name"
		! is_unbuilt || continue
		echo "$outcome $name $paths" >>"$out/outcomes"
		progress "$tried of $(wc -l <"$out/listed") patches, $(wc -l <"$out/outcomes") of which the configuration builds: $outcome $name $paths"
		case $outcome in module*) ;; *) continue ;; esac
		echo "$name $(patched_modules | tr '\n' ' ')" >>"$out/root/lib/list"
		patched_modules >>"$out/targets"
	done <"$out/listed"
	tally
	grep refused "$out/outcomes"
	count=$(grep -vc '^incomplete' "$out/outcomes") refused=$(grep -c '^refused' "$out/outcomes")
	built="$count changes, $refused refused, "
	[ $((100 * (count - refused))) -ge $(($(key at-least) * count)) ] || { echo "$built" >"$out/log"; return 1; }
}
