# Finds out what the box has. Where that is tmux, becomes the control client of a
# session; else only says what there is.
# $1 a word that our line begins with, $2 the shell wanted, $3 columns, $4 rows,
# $5 the format that tells how far a shell has come
token=$1 wanted=$2
t() { tmux -u -L crabbox -f /dev/null "$@"; }
lend
without() {
	held "$wanted"
	echo "$token $kind $was ${name:--} $boot"
	exit
}
was=new
[ -n "$2" ] && was=gone
case $(tmux -V 2>/dev/null) in
"tmux "[3-9].* | "tmux "[1-9][0-9]* | "tmux next-"*) ;;
*) without ;;
esac
# Our sessions: attached or not, when the shell ended, or else whether a client
# has marked it, its name. One that was not marked is just being made, unless
# whoever made it went away before.
list=$(t list-sessions -F '#{session_attached} #{?@crabbox-ended,#{@crabbox-ended},#{?@crabbox,left,new#{session_created}}} #{session_name}' 2>/dev/null)
name= now=$(date +%s)
while read -r attached state session; do
	[ -n "$session" ] || continue
	case $state.$session in
	[0-9]*."$2") name=$2 was=ended ;;
	*."$2") name=$2 was=back ;;
	new*.*) [ $((now - ${state#new})) -gt 60 ] && state=left ;;
	esac
	case $state.$session in
	left.*) [ -z "$2$name" ] && [ "$attached" = 0 ] && name=$session was=back ;;
	[0-9]*)
		# Whoever knew this one did not come back for its end within an hour.
		[ $((now - ${state%:*})) -gt 3600 ] && t kill-session -t "=$session" 2>/dev/null
		;;
	esac
done <<END
$list
END
if [ -z "$name" ]; then
	# tmux drops what it has not sent of a session that ends. So the session stays
	# when its shell has ended: with the time and the status in an option, and
	# behind the last output a mark that says so. Whoever has read it all ends the
	# session; what is typed meanwhile may not.
	run='trap : INT QUIT TSTP
tmux=$TMUX pane=$TMUX_PANE
unset TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION
"${SHELL:-/bin/sh}" -l
status=$?
export TMUX="$tmux" TMUX_PANE="$pane"
tmux set-option @crabbox-ended "$(date +%s):$status"
printf "\033]777;crabbox-exit\007"
trap "" INT QUIT TSTP
exec sleep 2000000'
	# A new server is made ours, once: to unbind keys again under clients that are
	# attached ends a server of tmux 3.3.
	ours='set-option -s @crabbox-made 1 ; set-option -gq default-terminal xterm-256color ;
set-option -gq history-limit 10000 ; set-option -gq status off ; set-option -gq prefix None ;
set-option -gq prefix2 None ; set-option -sq escape-time 0 ; set-option -gq mouse off ;
set-option -gq set-titles off ; set-option -gq allow-rename off ; set-option -gq window-size latest ;
unbind-key -aq'
	i=1
	until t start-server \; if-shell -F '#{@crabbox-made}' '' "$(echo $ours)" \; \
		new-session -d -s "pane-$i" -x "$3" -y "$4" /bin/sh -c "$run" >/dev/null 2>&1; do
		t has-session -t "=pane-$i" 2>/dev/null || without
		i=$((i + 1))
	done
	name=pane-$i
fi
seen=
case $was in
back | ended) seen=$(t display-message -p -t "=$name:" "$5" 2>/dev/null) ;;
esac
echo "$token tmux $was $name $boot $seen"
exec tmux -u -L crabbox -f /dev/null -C attach-session -d -t "=$name"
