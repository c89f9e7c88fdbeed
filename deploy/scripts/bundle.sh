#!/usr/bin/env bash
# Builds the scripts that run in the employee's browser, into web/browser/dist,
# from which the program embeds them.
#
#   bundle.sh              builds them if anything that they are made of has changed
#   bundle.sh optional     the same, but goes on without them where they cannot be built
#   bundle.sh into FOLDER  builds them into another folder, to compare
#
# npm fetches the packages of package-lock.json, whose contents it checks against
# the hashes there, and runs none of their scripts; esbuild, a Go tool of
# deploy/tools, puts ours together. OpenPGP.js stays a file of its own, byte for
# byte as its makers released it.
set -euo pipefail
cd "$(dirname "$0")/../../web/browser"

say() { printf '%s\n' "bundle: $*" >&2; }

give_up() {
	if [ "${mode}" = optional ]; then
		say "$1; going on without: employees cannot make a key or check a mail in the browser"
		exit 0
	fi
	say "$1"
	exit 1
}

mode=${1:-needed}
out=dist
if [ "$mode" = into ]; then
	out=$(realpath "$2")
fi
pages=(make-key check-mail vouch upload passkey run letterhead)

# What they are made of, as one hash.
stamp=$(cat package.json package-lock.json .npmrc src/*.js ../../deploy/tools/go.mod ../../deploy/scripts/bundle.sh | sha256sum | cut -d' ' -f1)
complete() {
	[ -e node_modules/axe-core/axe.min.js ] && [ -e "$out/openpgp.min.mjs" ] && [ "$(cat "$out/.stamp" 2>/dev/null)" = "$stamp" ]
}
complete && exit 0

# Two builds at once would tear each other's files.
if command -v flock >/dev/null; then
	exec 9>node_modules.lock
	flock 9
	complete && exit 0
fi

command -v npm >/dev/null || give_up "npm is missing (Debian: apt-get install nodejs npm)"
if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$(sha256sum <package-lock.json)" ]; then
	npm ci --loglevel=error >&2 || give_up "npm could not fetch the packages of web/browser/package-lock.json"
	sha256sum <package-lock.json >node_modules/.stamp
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
esbuild() { ${GO:-go} tool -modfile=../../deploy/tools/go.mod esbuild "$@"; }
for page in "${pages[@]}"; do
	esbuild "src/$page.js" --bundle --format=esm --target=es2022 --minify --charset=utf8 --legal-comments=none \
		--alias:openpgp=./openpgp.min.mjs --external:./openpgp.min.mjs --log-level=warning --outfile="$work/$page.js"
done
cp node_modules/openpgp/dist/openpgp.min.mjs "$work/"

version() { sed -n 's/^  "version": "\(.*\)",*$/\1/p' "node_modules/$1/package.json"; }
licence() { # PACKAGE FILE WORDS
	printf '%s\n' "$1 $(version "$1")" "" "$3" ""
	tr -d '\r' <"node_modules/$1/$2"
	printf '\n%s\n\n' "------------------------------------------------------------------------"
}
{
	printf '%s\n\n' "The scripts of these pages hold the following works of others."
	licence openpgp LICENSE "OpenPGP.js is the file openpgp.min.mjs, exactly as its makers released it; nothing of it is in another file.
Its source is the tag v$(version openpgp) of the repository openpgpjs on github.com, and in the npm package openpgp. Whoever runs this
server may put another version of it in that file's place and build anew with make bundle. The GNU General Public
License, which the terms below refer to, is at the end."
	licence @zxcvbn-ts/core LICENSE.txt "In make-key.js."
	licence @zxcvbn-ts/language-common LICENSE.txt "In make-key.js."
	licence @zxcvbn-ts/dictionary-compression LICENSE "In make-key.js."
	licence fastest-levenshtein LICENSE.md "In make-key.js."
	cat gpl-3.0.txt
} >"$work/LICENSES.txt"

mkdir -p "$out"
for file in "$work"/*; do
	chmod 644 "$file"
	mv "$file" "$out/"
done
printf '%s\n' "$stamp" >"$out/.stamp"
