#!/bin/sh
# Installs what building and running crumbcheck needs and this machine lacks: Chromium, a C compiler
# and Node with npm through apt-get, then the pinned npm packages of data. What is there is left alone.
#
# `./setup.sh scan`, `./setup.sh test` or `./setup.sh mutants`; the `make` targets call it.
set -eu
cd "$(dirname "$0")"

# One line that says what to do, and the end.
fail() {
    echo "setup: $*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Any browser that crumbcheck finds by itself will do.
have_browser() {
    for name in chrome-headless-shell headless_shell chromium-headless-shell chromium \
        chromium-browser google-chrome; do
        have "$name" && return
    done
    return 1
}

# npm writes its own copy of the lock file last, so an older copy is of a broken or an old install.
have_data() {
    [ -f node_modules/.package-lock.json ] &&
        [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Installs Debian packages, all in one go.
install() {
    have apt-get || fail "please install these, by their Debian names, then try again: $*"
    if [ "$(id -u)" != 0 ] && ! { have sudo && sudo -n true 2>/dev/null; }; then
        fail "please run as root, then try again: apt-get install $*"
    fi
    echo "setup: installing $*"
    as_root apt-get update -qq >/dev/null || fail "apt-get update failed; is there a network?"
    for package; do
        # Not every release of Debian has it, and Chromium does without.
        if [ "$package" = chromium ] && apt-cache show chromium-headless-shell >/dev/null 2>&1; then
            set -- "$@" chromium-headless-shell
        fi
    done
    as_root apt-get install -qq -y --no-install-recommends "$@" >/dev/null ||
        fail "apt-get could not install: $*"
}

have cargo || fail "please install Rust, from https://rustup.rs or your distribution, then try again"

purpose=${1:-scan}
# From here on the arguments are the packages to install.
set --
# Building the cryptography of TLS needs a C compiler.
have cc || set -- "$@" gcc libc6-dev
# Its sandbox is for users other than root.
have_browser || set -- "$@" chromium chromium-sandbox
have_data || have npm || set -- "$@" nodejs npm
[ $# -eq 0 ] || install "$@"

if [ "$purpose" = test ] && have rustup; then
    for component in rustfmt clippy; do
        cargo "${component#rust}" --version >/dev/null 2>&1 || rustup -q component add "$component"
    done
fi

# Unoptimised, because that installs in half the time and the check takes seconds.
if [ "$purpose" = test ] && ! cargo deny --version >/dev/null 2>&1; then
    echo "setup: installing cargo-deny, which checks licences"
    cargo install --quiet --locked --debug cargo-deny@0.20.2 ||
        fail "cargo install cargo-deny failed; is there a network?"
fi

if [ "$purpose" = mutants ] && ! cargo mutants --version >/dev/null 2>&1; then
    echo "setup: installing cargo-mutants, which changes code to see whether a test notices"
    cargo install --quiet --locked --debug cargo-mutants@27.1.0 ||
        fail "cargo install cargo-mutants failed; is there a network?"
fi

if ! have_data; then
    echo "setup: fetching the data packages that package-lock.json pins"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null ||
        fail "npm ci failed; is there a network?"
fi
