#!/usr/bin/env bash
# Takes pictures of the form's pages, on a phone and on a desktop, in the light and
# in the dark, in every language, of the console's, and of payslips, into bin/pictures,
# and renews those that are kept in docs/pages, docs/console and docs/payslips. They
# are for people: pixels differ with every Chromium and font, so no test compares them.
#
#   pictures.sh [form|console|payslips]    all without a word
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
export PAYSEAL_PICTURES=$root/bin/pictures
what=${1:-all}

# keep TAKEN KEPT COLOURS HEIGHT: with ImageMagick a third of the size, and nobody sees
# the difference. A page that is longer is cut: a guide shows what it begins with.
keep() {
	if command -v convert >/dev/null; then
		convert "$1" -crop "9999x$4+0+0" +repage +dither -colors "$3" -strip -define png:compression-level=9 "$2"
	else
		cp "$1" "$2"
	fi
}

mkdir -p "$PAYSEAL_PICTURES"
cd "$root"
if [ "$what" = all ] || [ "$what" = form ]; then
	"${GO:-go}" test -count=1 -timeout=30m -run '^(TestEveryPageSuitsEverybody|TestEnrolment)$' ./web ./cmd/payseal
	for kept in docs/pages/*.png; do
		keep "$PAYSEAL_PICTURES/${kept##*/}" "$kept" 128 4000
	done
fi
if [ "$what" = all ] || [ "$what" = console ]; then
	"${GO:-go}" test -count=1 -timeout=30m -run '^TestPicturesOfTheGuides$' ./web/console
	for kept in docs/console/*.png; do
		case $kept in *-phone.png) height=1500 ;; *) height=1900 ;; esac
		keep "$PAYSEAL_PICTURES/console-${kept##*/}" "$kept" 40 "$height"
	done
fi
if [ "$what" = all ] || [ "$what" = payslips ]; then
	"${GO:-go}" test -count=1 -run '^TestGallery$' ./payroll/letter
	mkdir -p docs/payslips
	for taken in "$PAYSEAL_PICTURES"/payslip-*.png; do
		kept=${taken##*/payslip-}
		keep "$taken" "docs/payslips/$kept" 64 1200
	done
fi
printf 'pictures: all in %s; those of docs/pages, docs/console and docs/payslips are renewed\n' "$PAYSEAL_PICTURES"
