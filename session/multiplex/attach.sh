# Attaches the terminal to the held shell $1, which is made if need be, and ends as
# the shell did. SIGUSR1 says that the shell did not say how it ended.
lend
d=$dir/$1
read -r kind <"$d/kind" || kill -USR1 $$
run='trap : INT QUIT TSTP
echo "$2 $$" >"$1/pid"
unset SCREENDIR STY WINDOW TERMCAP
"${SHELL:-/bin/sh}" -l
status=$?
# What is attached answers this when it has read all that came before.
stty -echo -icanon min 0 time 20 2>/dev/null
printf "\033[6n"
while key=$(dd bs=1 count=1 2>/dev/null) && [ -n "$key" ] && [ "$key" != R ]; do :; done
echo "$(date +%s):$status" >"$1/end.new" && mv "$1/end.new" "$1/end"'
if [ ! -f "$d/end" ]; then
	case $kind in
	screen)
		export SCREENDIR="$d"
		if runs "$1"; then
			screen -d -r
		else
			# What scrolls off goes to our own scrollback, and no key is screen's.
			cat >"$d/screenrc" <<-'END'
				startup_message off
				hardstatus off
				caption splitonly
				vbell off
				msgwait 0
				maptimeout 0
				autodetach on
				altscreen on
				defscrollback 10000
				defbce on
				defutf8 on
				termcapinfo * ti@:te@
				escape ""
			END
			screen -c "$d/screenrc" -S "$1" /bin/sh -c "$run" sh "$d" "at-$boot"
		fi
		;;
	dtach) dtach -A "$d/dtach" -r winch -E -z /bin/sh -c "$run" sh "$d" "at-$boot" ;;
	esac
fi
status=$(sed 's/.*://' "$d/end" 2>/dev/null)
if [ -z "$status" ]; then
	runs "$1" || rm -rf "$d"
	kill -USR1 $$
fi
rm -rf "$d"
exit "$status"
