#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make.sh COMMAND DIR - completions of COMMAND for bash, zsh and fish, in DIR/bash, DIR/zsh and DIR/fish, by the names that these look for
#
# COMMAND's --help is what they are made of: it is written from the same table as the options are read by. Where it lists
# commands, the --help of each is asked, too. A help without an option is an error.
set -eu

here=$(dirname "$0")
name=${1##*/}
table=$2/$name.table
mkdir -p "$2/bash" "$2/zsh" "$2/fish"

"$1" --help >"$table.help"
awk -f "$here/table.awk" "$table.help" >"$table"
for command in $(awk -F '\t' '$1 == "command" { print $2 }' "$table"); do
	"$1" "$command" --help >"$table.help"
	awk -v command="$command" -f "$here/table.awk" "$table.help" >>"$table"
done
rm "$table.help"
grep -q '^option' "$table" || { echo "make.sh: \`$1 --help\` lists no options" >&2; exit 1; }

for shell in bash zsh fish; do
	case $shell in
	bash) file=$name ;;
	zsh) file=_$name ;;
	fish) file=$name.fish ;;
	esac
	awk -v name="$name" -f "$here/values.awk" -f "$here/$shell.awk" "$table" >"$2/$shell/$file"
done
