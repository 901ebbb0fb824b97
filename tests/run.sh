#!/usr/bin/env bash
# Runs all tests, or the one that T names, shows what fails, and counts: the last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# A busy machine is no failure: this ends what hangs (Check's own bound is four seconds).
export CK_DEFAULT_TIMEOUT=120

passed=0
failed=0
skipped=0

# one NAME COMMAND…: a test program of any of our kinds; what it says of its own counts is added up.
one() {
	local name=$1 output status=0 n
	shift
	output=$("$@" 2>&1 </dev/null) || status=$?
	if n=$(grep -oE '^[0-9]+ passed, [0-9]+ failed' <<<"$output" | tail -1) && [ -n "$n" ]; then
		passed=$((passed + ${n%% *}))
		n=${n#*, }
		failed=$((failed + ${n%% *}))
		if [ "${n%% *}" = 0 ] && [ "$status" != 0 ]; then failed=$((failed + 1)); fi
	elif n=$(grep -oE 'Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+' <<<"$output" | tail -1) && [ -n "$n" ]; then
		local checks failures errors
		IFS=' ,' read -r _ checks _ failures _ errors <<<"$n"
		passed=$((passed + checks - failures - errors))
		failed=$((failed + failures + errors))
		if [ "$((failures + errors))" = 0 ] && [ "$status" != 0 ]; then failed=$((failed + 1)); fi
	elif [ "$status" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
	n=$(grep -ciE '^(skip|# skip)' <<<"$output")
	skipped=$((skipped + n))
	if [ "$status" = 0 ]; then
		echo "ok   $name"
		grep -iE '^(skip|# skip)' <<<"$output" | sed 's/^/       /'
	else
		echo "FAIL $name (status $status)"
		grep -vE '^ok ' <<<"$output" | tail -60 | sed 's/^/       /'
	fi
}

wanted() {
	[ -z "${T:-}" ] || [ "$T" = "$1" ]
}

for variant in '' asan; do
	build=build${variant:+/$variant}
	label=${variant:+$variant: }
	for binary in "$build"/tests/t_*; do
		case $binary in *.d | *.o) continue ;; esac
		name=${binary##*/t_}
		if wanted "$name"; then one "${label}unit $name" "$binary"; fi
	done
done
for binary in build/asan/tests/f_*; do
	name=${binary##*/f_}
	if [ -x "$binary" ] && wanted "$name"; then one "asan: corpus $name" "$binary" tests/fuzz/corpus/"$name"/*; fi
done
if wanted nix-check; then one nix-check bash tests/nix/check.sh; fi
if wanted nix-seed; then
	if [ "$(id -u)" = 0 ]; then
		one nix-seed bash tests/nix/seed.sh
	else
		echo 'skip nix-seed: needs root (namespaces, sshd)'
		skipped=$((skipped + 1))
	fi
fi
if wanted boundaries; then one boundaries tests/boundaries.sh build; fi
for variant in '' asan; do
	for script in tests/policy/*.sh tests/records/*.sh tests/ship/kill.sh tests/ship/http.sh tests/ship/units.sh tests/ship/grafana.sh tests/ship/receivers_*.sh tests/e2e/*.sh; do
		name=$(basename "$script" .sh)
		case $name in host | check | demo | all) continue ;; esac
		if ! wanted "$name"; then continue; fi
		if [ "$(id -u)" != 0 ]; then
			echo "skip $name: needs root (namespaces, sshd)"
			skipped=$((skipped + 1))
			continue
		fi
		one "${variant:+$variant: }$(basename "$(dirname "$script")") $name" \
			env BUILD="build${variant:+/$variant}" HOST_VARIANT="$variant" bash "$script"
	done
done

if [ "$((passed + failed))" = 0 ]; then
	echo "no such test: ${T:-}" >&2
	exit 1
fi
if [ "$skipped" = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
