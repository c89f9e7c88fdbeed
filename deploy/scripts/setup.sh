#!/usr/bin/env bash
# Installs what this machine lacks, by the names of Debian's packages.
#
#   setup.sh demo    what `make demo` runs on: the Postgres server's binaries, fonts
#                    for the names of its people, and pdftotext to read their slips
#   setup.sh test    what the tests compare with besides: gpg, sq, rnp, mutt, the PDF
#                    tools, Debian's keyrings, fonts of many scripts; npm, which fetches
#                    what the form's scripts are made of, and Chromium, which runs them
#   setup.sh bench   what the benchmarks are measured beside, on top of that: wkhtmltopdf
#
# It asks nothing, changes nothing that is there, and says plainly what to do
# where it may not install.
set -euo pipefail

say() { printf '%s\n' "setup: $*" >&2; }

has_command() { command -v "$1" >/dev/null 2>&1; }

has_postgres() {
	has_command postgres && has_command initdb && return
	compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return
	compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null && return
	compgen -G '/opt/homebrew/opt/postgresql*/bin/initdb' >/dev/null && return
	compgen -G '/usr/local/opt/postgresql*/bin/initdb' >/dev/null
}

has_font() { compgen -G "/usr/share/fonts/*/noto/$1" >/dev/null; }

# present PACKAGE: is what we want from it there, wherever it came from?
present() {
	case $1 in
	postgresql) has_postgres ;;
	gnupg) has_command gpg && has_command gpg-agent && has_command dirmngr ;;
	iproute2) PATH=$PATH:/sbin:/usr/sbin has_command ip ;;
	sq) has_command sq ;;
	rnp) has_command rnp && has_command rnpkeys ;;
	poppler-utils) has_command pdftotext ;;
	qpdf) has_command qpdf ;;
	libharfbuzz-bin) has_command hb-shape ;;
	librsvg2-bin) has_command rsvg-convert ;;
	mutt) has_command mutt ;;
	wkhtmltopdf) has_command wkhtmltopdf ;;
	curl | jq) has_command "$1" ;;
	npm) has_command node && has_command npm ;;
	chromium) has_command chromium || has_command chromium-browser || has_command google-chrome ;;
	python3-gpg) /usr/bin/python3 -c 'import gpg' 2>/dev/null ;; # Debian's own Python, whichever is first in PATH
	debian-keyring) [ -e /usr/share/keyrings/debian-keyring.gpg ] ;;
	fonts-noto-core) has_font NotoSans-Regular.ttf ;;
	fonts-noto-cjk) has_font NotoSansCJK-Regular.ttc ;;
	*) return 1 ;;
	esac
}

tested=(gnupg iproute2 curl jq sq rnp poppler-utils qpdf libharfbuzz-bin librsvg2-bin mutt python3-gpg debian-keyring fonts-noto-core fonts-noto-cjk npm chromium)
case ${1:-} in
demo) packages=(postgresql poppler-utils fonts-noto-core fonts-noto-cjk) ;;
test) packages=(postgresql "${tested[@]}") ;;
bench) packages=(postgresql "${tested[@]}" wkhtmltopdf) ;;
*)
	say "usage: setup.sh demo|test|bench"
	exit 2
	;;
esac

missing=()
for package in "${packages[@]}"; do
	present "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! has_command apt-get; then
	say "missing: ${missing[*]} (Debian's names)"
	if has_command brew; then
		say "install them, for example: brew install postgresql@17 gnupg sequoia-sq rnp poppler qpdf mutt"
	else
		say "install them with this system's package manager, then run make again"
	fi
	exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if has_command sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		as_root=(sudo)
	else
		say "missing: ${missing[*]}"
		say "ask somebody with root for: apt-get install --no-install-recommends ${missing[*]}"
		exit 1
	fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null
}

say "installing ${missing[*]}"
# The package lists of a fresh machine are missing or old: fetch them only then.
if ! apt install --no-install-recommends "${missing[@]}"; then
	apt update || true # the next line says whether it mattered
	if ! apt install --no-install-recommends "${missing[@]}"; then
		cat "$log" >&2
		say "apt-get could not install: ${missing[*]}"
		exit 1
	fi
fi

for package in "${missing[@]}"; do
	present "$package" || {
		say "$package is installed but what payseal needs from it was not found"
		exit 1
	}
done
