#!/usr/bin/env bash
# Takes pictures of the form's pages, on a phone and on a desktop, in the light and
# in the dark, in every language, into bin/pictures, and renews those that are kept
# in docs/pages. They are for people: pixels differ with every Chromium and font, so
# no test compares them.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
export PAYSEAL_PICTURES=$root/bin/pictures

mkdir -p "$PAYSEAL_PICTURES"
cd "$root"
"${GO:-go}" test -count=1 -timeout=30m -run '^(TestEveryPageSuitsEverybody|TestEnrolment)$' ./web ./cmd/payseal
for kept in docs/pages/*.png; do
	taken=$PAYSEAL_PICTURES/${kept##*/}
	if command -v convert >/dev/null; then # ImageMagick; a third of the size, and nobody sees the difference
		convert "$taken" +dither -colors 128 -strip -define png:compression-level=9 "$kept"
	else
		cp "$taken" "$kept"
	fi
done
printf 'pictures: all in %s; those of docs/pages are renewed\n' "$PAYSEAL_PICTURES"
