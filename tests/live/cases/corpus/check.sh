# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With a second processor that idles, most transitions wait for the kernel's next look, a second later.
# proves: one-function patches over the whole kernel load, make their transition, run and unload, one after the other
# skip-small: its functions are those of Debian's configuration for x86_64
# corpus: functions.txt
# at-least: 90
# seconds: 2400
# processors: 1
trace=/sys/kernel/tracing
work() {
	mkdir -p /tmp/work/a/b && echo words >/tmp/work/a/b/file && cp /tmp/work/a/b/file /tmp/work/other
	is "a file" words "$(cat /tmp/work/other | sed p | uniq)"
	cat /proc/stat /proc/uptime /proc/self/stat /proc/meminfo >/dev/null
	chmod 600 /tmp/work/other
	ls -lR /sys/class /tmp/work /proc/1/fd >/dev/null
	head -c 8 /dev/urandom | cat >/tmp/work/bytes
	echo words >/dev/null
	ps >/dev/null
	usleep 1000
	ifconfig lo 127.0.0.1 up && ifconfig -a >/dev/null
	ping -c 1 127.0.0.1 >/dev/null
	mount -t tmpfs none /tmp/work/a/b && sync && umount /tmp/work/a/b
	rm -r /tmp/work
}
# Whether the module's function, not the kernel's, was entered meanwhile. Not all that work() does reaches all functions.
watch() {
	echo >$trace/trace
	echo "$1:mod:$2" >$trace/set_ftrace_filter && echo function >$trace/current_tracer
}
entered() {
	grep -q " $1 <-" $trace/trace
}
loaded=0 transitioned=0 ran=0 unloaded=0 quiet=
while read -r name unit function; do
	kpatch_says 0 load "/lib/livepatch-$name.ko" --timeout 60
	! is_loaded "$name" || loaded=$((loaded + 1))
	is "the transition to $unit $function" "1 0" "$(cat "$(patch_dir "$name")/enabled") $(cat "$(patch_dir "$name")/transition")"
	transitioned=$((transitioned + 1))
	watch "$function" "$(sysname "$name")" || fail "$function cannot be traced in its module"
	work
	echo "at work: $name $unit $function"
	if entered "$function"; then ran=$((ran + 1)); else quiet="$quiet $function"; fi
	echo nop >$trace/current_tracer
	kpatch_says 0 unload "$(sysname "$name")" --timeout 60
	unloaded=$((unloaded + 1))
done </lib/list
work
echo "TABLE loaded $loaded, transitioned $transitioned, seen to run $ran, unloaded $unloaded; not seen to run:$quiet"
[ $((ran * 5)) -ge $((loaded * 2)) ] || fail "only $ran of $loaded functions were seen to run"
