#!/usr/bin/env bash
# Runs every fuzz target of the tree for some time each: fuzz.sh 10s
set -euo pipefail

time=${1:?usage: fuzz.sh DURATION}
count=0
for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
		count=$((count + 1))
	done
done
echo "fuzzed $count targets for $time each"
