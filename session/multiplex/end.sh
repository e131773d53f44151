# Ends the held shell $1: its terminal hangs up on it.
runs "$1" && kill -HUP "$pid"
rm -rf "${dir:?}/$1"
