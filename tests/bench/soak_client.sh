# shellcheck shell=bash
# One client of the soak: random commands until it is told to stop. Sourced by tests/e2e/mishaps.sh.
#
# Each command ends in a word of its own, m-CLIENT-NUMBER. What the client has seen of it goes to /tmp/soak/CLIENT.tsv: the word, the kind, the
# exit status (-1: it went before, -2: it was
# told that the end is not on record), and whether it saw anything that says that the command was judged: its output, its end by a signal, or a refusal.

soak_ssh() {
	if [ "$shared" = 1 ]; then
		ssh -F /dev/null -S "$work.master" diag@127.0.0.1 "$@"
	else
		host_ssh diag@127.0.0.1 "$@"
	fi
}

# attempt LINE: output in $work.out and .err, status in `status`.
attempt() {
	status=0
	soak_ssh "$1" >"$work.out" 2>"$work.err" </dev/null || status=$?
	if grep -q 'could not be recorded' "$work.err"; then status=-2; fi
}

# The client dies, at once or when its command runs.
vanish() {
	local pid i
	: >"$work.out"
	"${HOST_SSH[@]}" diag@127.0.0.1 "$1" >"$work.out" 2>"$work.err" </dev/null & # ssh itself, not a shell around it
	pid=$!
	if [ "$n" -le ${#each[@]} ] || [ $((RANDOM % 2)) = 0 ]; then
		for ((i = 0; i < 250; i++)); do
			if [ -s "$work.out" ]; then break; fi
			sleep 0.02
		done
	else
		sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
	fi
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	status=-1
}

one() {
	local saw=0
	case $1 in
	allow)
		attempt "echo $2"
		if grep -q "$2" "$work.out"; then saw=1; fi
		;;
	pipe)
		attempt "echo a b | wc -w ; echo $2"
		if grep -q "$2" "$work.out"; then saw=1; fi
		;;
	deny)
		attempt "rm $2"
		if grep -q '^refused: .*rm' "$work.err" || [ "$status" = 127 ]; then saw=1; fi
		;;
	endless)
		attempt "endless wait $2"
		if grep -q waiting "$work.out"; then saw=1; fi
		;;
	flood)
		attempt "probe flood $2"
		if head -c 64 "$work.out" | grep -q xxx; then saw=1; fi
		;;
	crash)
		attempt "probe crash $2"
		if [ "$status" = 139 ]; then saw=1; fi
		;;
	vanish)
		vanish "probe wait $2"
		if grep -q waiting "$work.out"; then saw=1; fi
		;;
	esac
	printf '%s\t%s\t%s\t%s\n' "$2" "$1" "$status" "$saw" >>"$work.tsv"
}

# A third of the time over one connection for several commands.
connect() {
	if [ "$shared" = 1 ]; then ssh -F /dev/null -S "$work.master" -O exit diag@127.0.0.1 2>/dev/null || true; fi
	shared=0
	if [ $((RANDOM % 3)) = 0 ] && host_ssh -fNM -S "$work.master" diag@127.0.0.1 2>/dev/null; then shared=1; fi
}

# soak_client NUMBER: until /tmp/soak/stop is there.
soak_client() {
	local each=(allow pipe deny endless flood crash vanish) n=0 shared=0 status=0 kind
	local often=("${each[@]}" allow allow pipe deny)
	set +e
	RANDOM=$((1000 + $1))
	work=/tmp/soak/$1
	: >"$work.tsv"
	while [ ! -e /tmp/soak/stop ]; do
		if [ $((n % 5)) = 0 ]; then connect; fi
		# Each kind once, the clients with another one first.
		kind=${each[(n + $1) % ${#each[@]}]}
		if [ "$n" -ge ${#each[@]} ]; then kind=${often[RANDOM % ${#often[@]}]}; fi
		n=$((n + 1))
		one "$kind" "m-$1-$n"
	done
	if [ "$shared" = 1 ]; then ssh -F /dev/null -S "$work.master" -O exit diag@127.0.0.1 2>/dev/null; fi
}
