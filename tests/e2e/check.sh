# shellcheck shell=bash
# Assertions for the end-to-end tests: one line each, a count at the end.
# shellcheck disable=SC2034  # RUN_* are read by the scripts that source this one

CHECK_PASSED=0
CHECK_FAILED=0

check_ok() {
	CHECK_PASSED=$((CHECK_PASSED + 1))
	echo "ok $1"
}

check_not_ok() {
	CHECK_FAILED=$((CHECK_FAILED + 1))
	echo "not ok $1"
	shift
	printf '#   %s\n' "$@"
}

# What cannot be shown here, and why: run.sh counts these lines.
check_skip() {
	echo "skip $1: $2"
}

# check_is NAME GOT WANTED
check_is() {
	if [ "$2" = "$3" ]; then check_ok "$1"; else check_not_ok "$1" "got:    $2" "wanted: $3"; fi
}

# check_has NAME TEXT PART
check_has() {
	case $2 in
	*"$3"*) check_ok "$1" ;;
	*) check_not_ok "$1" "got:       $2" "without: $3" ;;
	esac
}

# check_lacks NAME TEXT PART
check_lacks() {
	case $2 in
	*"$3"*) check_not_ok "$1" "got:  $2" "with: $3" ;;
	*) check_ok "$1" ;;
	esac
}

# check_true NAME CONDITION
check_true() {
	if eval "$2"; then check_ok "$1"; else check_not_ok "$1" "does not hold: $2"; fi
}

# run COMMAND…: its output in RUN_OUT, stderr in RUN_ERR, status in RUN_STATUS; a minute at most.
run() {
	RUN_STATUS=0
	"$@" >/tmp/run.out 2>/tmp/run.err </dev/null || RUN_STATUS=$?
	RUN_OUT=$(tr -d '\0' </tmp/run.out)
	RUN_ERR=$(tr -d '\0' </tmp/run.err)
}

check_done() {
	# A sanitizer's report is a failure even where the process was going to end anyway.
	if compgen -G '/tmp/asan.log*' >/dev/null; then
		check_not_ok 'no report of a sanitizer' "$(cat /tmp/asan.log* | head -20)"
	fi
	echo "$CHECK_PASSED passed, $CHECK_FAILED failed"
	[ "$CHECK_FAILED" = 0 ]
}
