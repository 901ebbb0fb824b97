#!/usr/bin/env bash
# Formatter, linters and the manual pages' checker over the whole tree: lint.sh COMPILER-FLAG…
set -euo pipefail
cd "$(dirname "$0")/.."
export TIDY_FLAGS="$* -std=gnu17"

list() { git ls-files --cached --others --exclude-standard "$@" | while read -r file; do if [ -e "$file" ]; then echo "$file"; fi; done; }

mapfile -t all < <(list '*.c' '*.h')
mapfile -t ours < <(list 'pam_diag/*.c' 'sql/*.c' 'shipper/*.c')
mapfile -t scripts < <(list '*.sh' .ci/run)
mapfile -t pages < <(list '*.5' '*.8')

clang-format --dry-run -Werror "${all[@]}"
# shellcheck disable=SC2016
printf '%s\n' "${ours[@]}" | xargs -P "$(nproc)" -n 8 bash -c \
	'clang-tidy --quiet --config-file=.clang-tidy "$@" -- $TIDY_FLAGS 2>/dev/null' tidy
# cppcheck does not know the cleanup attribute and takes it for leaks: AddressSanitizer is the gate for those. An output parameter
# is uninitialised when it is handed in, which it takes for a use.
cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 -j "$(nproc)" \
	--suppress=missingIncludeSystem --suppress=memleak --suppress=ctuuninitvar "$@" "${ours[@]}"
shellcheck -x -S warning "${scripts[@]}"
for page in "${pages[@]}"; do
	mandoc -T lint -W warning "$page"
done
echo 'lint: clean'
