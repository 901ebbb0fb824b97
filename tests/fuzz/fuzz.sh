#!/usr/bin/env bash
# Coverage-guided fuzzing with clang's libFuzzer: fuzz.sh SECONDS [NAME]. New inputs stay in build/fuzz; a finding ends it with
# status 1.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=$1
only=${2:-}
mkdir -p build/fuzz
mapfile -t sources < <(ls pam_diag/{base,wire,policy}/*.c sql/*.c pam_diag/confine/{mountinfo,overlay}.c pam_diag/supervisor/{caller,authinfo}.c shipper/{reply,jsonread,clamp}.c shipper/sinks/relp_frame.c)
for target in tests/fuzz/f_*.c; do
	name=$(basename "$target" .c)
	name=${name#f_}
	if [ -n "$only" ] && [ "$only" != "$name" ]; then continue; fi
	echo "fuzz $name for $seconds s"
	clang -std=gnu17 -O1 -g -D_GNU_SOURCE -I. -Ibuild -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-o "build/fuzz/$name" "$target" "${sources[@]}" -lsqlite3 -lcrypto
	mkdir -p "build/fuzz/corpus-$name"
	"build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
		-artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus-$name" "tests/fuzz/corpus/$name"
done
