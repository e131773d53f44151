# Finds out what the box has, and becomes the control client of a tmux session.
# $1 a word that our line begins with, $2 the session wanted, $3 columns, $4 rows
t() { tmux -u -L crabbox -f /dev/null "$@"; }
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
case $(tmux -V 2>/dev/null) in
"tmux "[3-9].* | "tmux "[1-9][0-9]* | "tmux next-"*) ;;
*)
	was=new
	[ -n "$2" ] && was=gone
	echo "$1 none $was - $boot"
	exit
	;;
esac
name= was=new
if [ -n "$2" ]; then
	if t has-session -t "=$2" 2>/dev/null; then name=$2 was=back; else was=gone; fi
else
	# One that was never marked by a client is just being made.
	name=$(t list-sessions -F '#{session_attached} #{?@crabbox,left,new} #{session_name}' 2>/dev/null |
		sed -n 's/^0 left \(pane-[0-9]*\)$/\1/p' | head -n 1)
	[ -n "$name" ] && was=back
fi
if [ -z "$name" ]; then
	# The shell's status is told in its own output, at its very end; tmux drops
	# what it has not sent when the session ends.
	run='exec /bin/sh -c '\''"${SHELL:-/bin/sh}" -l; printf "\\033]777;crabbox-exit;%d\\007" $?; sleep 0.2'\'
	i=1
	while t has-session -t "=pane-$i" 2>/dev/null; do i=$((i + 1)); done
	if [ $i -gt 1 ] || t has-session 2>/dev/null; then
		t new-session -d -s "pane-$i" -x "$3" -y "$4" "$run" >/dev/null 2>&1
	else
		# The server is new, and is made ours. To unbind keys again under clients
		# that are attached ends a server of tmux 3.3.
		t start-server \; \
			set-option -gq default-terminal xterm-256color \; set-option -gq history-limit 10000 \; \
			set-option -gq status off \; set-option -gq prefix None \; set-option -gq prefix2 None \; \
			set-option -sq escape-time 0 \; set-option -gq mouse off \; set-option -gq set-titles off \; \
			set-option -gq allow-rename off \; set-option -gq window-size latest \; unbind-key -aq \; \
			new-session -d -s "pane-$i" -x "$3" -y "$4" "$run" >/dev/null 2>&1
	fi
	name=pane-$i
fi
echo "$1 tmux $was $name $boot"
exec tmux -u -L crabbox -f /dev/null -C attach-session -d -t "=$name"
