#!/usr/bin/env bash
# Asks Go's vulnerability database about the code that payseal calls. Where the
# database cannot be reached it says so and passes: that is no verdict.
set -uo pipefail

out=$(go tool -modfile=deploy/tools/go.mod govulncheck ./... 2>&1)
code=$?
printf '%s\n' "$out"
if [ $code -ne 0 ] && grep -q 'fetching vulnerabilities' <<<"$out"; then
	echo "govulncheck: NOT RUN, its database cannot be reached from here"
	exit 0
fi
exit $code
