# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# proves: one-function patches over the whole kernel load, run, make their transition and unload, one after the other
# corpus: functions.txt
# at-least: 40
# seconds: 1200
work() {
	mkdir -p /tmp/work/a/b && echo words >/tmp/work/a/b/file && cp /tmp/work/a/b/file /tmp/work/other
	is "a file" words "$(cat /tmp/work/other | sed p | uniq)"
	cat /proc/stat /proc/uptime /proc/self/stat /proc/meminfo >/dev/null
	ls -lR /sys/class /tmp/work >/dev/null
	ifconfig lo 127.0.0.1 up
	rm -r /tmp/work
}
loaded=0 patched=0 unloaded=0
while read -r name unit function; do
	insmod "/lib/livepatch-$name.ko" || fail "$unit $function does not load: $(dmesg | tail -n 3)"
	loaded=$((loaded + 1))
	wait_for "the transition to $unit $function" transition_is_over "$name"
	work
	patched=$((patched + 1))
	unload "$name"
	unloaded=$((unloaded + 1))
	echo "done $name $unit $function"
done </lib/list
work
echo "TABLE loaded $loaded, patched and at work $patched, unloaded $unloaded"
