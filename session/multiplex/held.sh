# Shells that screen or dtach holds. Each has a folder of its own below $dir, named
# as the shell is: whoever makes the folder has the name. In it are the sockets,
# "pid" (the boot, and the process that runs the shell) and, once the shell has
# ended, "end" (the time and the status).
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
dir=${TMUX_TMPDIR:-/tmp}/crabbox-$(id -u)

# ours makes $dir; no if it is, or may be, another user's.
ours() {
	mkdir -m 700 "$dir" 2>/dev/null
	[ -d "$dir" ] && [ ! -L "$dir" ] && [ -O "$dir" ] && chmod 700 "$dir" && [ -w "$dir" ]
} 2>/dev/null

# lend gives shells a name for a forwarded agent that stays when the connection
# is another one.
lend() {
	if [ -S "$SSH_AUTH_SOCK" ] && ours; then
		ln -sfn "$SSH_AUTH_SOCK" "$dir/agent" && export SSH_AUTH_SOCK="$dir/agent"
	fi
} 2>/dev/null

runs() {
	read -r on pid <"$dir/$1/pid" && [ "$on" = "at-$boot" ] && kill -0 "$pid"
} 2>/dev/null

# attached goes by the mode that screen and dtach give their sockets.
attached() {
	for socket in "$dir/$1"/*; do
		[ -S "$socket" ] && [ -x "$socket" ] && return 0
	done
	return 1
}

old() { [ -n "$(find "$dir/$1" -prune -mmin +60 2>/dev/null)" ]; }

# held sets was and name to the shell called $1, or else to one that nobody is
# attached to, or else to a new one in screen or dtach, and kind to what it is in;
# kind is none where there is neither.
held() {
	kind=none name=
	for k in dtach screen; do
		command -v $k >/dev/null 2>&1 && kind=$k
	done
	[ $kind != none ] && ours || { kind=none; return; }
	for path in "$dir"/pane-*; do
		[ -d "$path" ] || continue
		it=${path##*/}
		if [ -f "$path/end" ]; then state=ended
		elif runs "$it"; then state=back
		elif [ -f "$path/pid" ]; then state=dead
		else state=new; fi
		case $state in
		ended | back)
			if [ "$it" = "$1" ]; then
				name=$it was=$state
			elif [ -z "$1$name" ] && [ $state = back ] && ! attached "$it"; then
				name=$it was=back
			fi
			;;
		esac
		# Whoever knew one that ended did not come back for its end within an hour.
		case $state in
		dead) rm -rf "$path" ;;
		ended | new) [ "$it" != "$name" ] && old "$it" && rm -rf "$path" ;;
		esac
	done
	if [ -z "$name" ]; then
		i=1
		until mkdir -m 700 "$dir/pane-$i" 2>/dev/null; do
			[ -d "$dir/pane-$i" ] || { kind=none; return; }
			i=$((i + 1))
		done
		name=pane-$i
		echo $kind >"$dir/$name/kind"
	fi
	read -r kind <"$dir/$name/kind"
}
