#!/usr/bin/env bash
# Sets up jetson-voice from this checkout. Everything is in functions and `main` comes last, so that
# a copy that was cut short on its way here does nothing at all.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: ./install.sh COMMAND

  try           set up all that is needed here, then hold one real conversation turn
  test [ARG…]   set up all that is needed here, then run the test suite (ARGs go to pytest)
  --help        this text

Everything goes into this directory (.venv and models/), except missing Debian packages: these are
installed with apt-get, as root or through sudo. Nothing else is changed, a second run changes
nothing, and an interrupted one is repaired by the next.

pip's own settings (index, proxy, certificates: PIP_*) and HF_ENDPOINT are respected.
EOF
}

main() {
    local command=${1:-}
    [ $# -eq 0 ] || shift
    case $command in
        try) try "$@" ;;
        test) run_tests "$@" ;;
        -h | --help | help) usage ;;
        *)
            [ -z "$command" ] || say "there is no command '$command'" >&2
            usage >&2
            exit 2
            ;;
    esac
}

try() {
    set_up requirements.lock "${run_packages[@]}"
    "$venv/bin/jetson-voice" models pull --profile starter --directory "$checkout/models"
    exec "$venv/bin/jetson-voice" try "$@"
}

run_tests() {
    set_up requirements-test.lock "${run_packages[@]}" "${test_packages[@]}"
    "$venv/bin/jetson-voice" models pull --profile starter --directory "$checkout/models"
    exec "$venv/bin/python" -m pytest "$@"
}

checkout=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)
venv=$checkout/.venv
# pyaudio and systemd-python come as source and are built here.
run_packages=(gcc pkg-config portaudio19-dev libsystemd-dev)
# The virtual sound card and the service tests.
test_packages=(pulseaudio pulseaudio-utils libasound2-plugins systemd dbus util-linux procps)

# set_up LOCK PACKAGE…: .venv holds what LOCK names, and jetson-voice itself.
set_up() {
    local lock=$1 python
    local -a needed=("${@:2}")
    [ -f "$checkout/$lock" ] || die "$checkout is no jetson-voice checkout: there is no $lock in it"
    # Two runs at once must not build in each other's way.
    exec 9>"$checkout/.install.lock"
    flock -n 9 || {
        say "another ./install.sh is at work here: waiting for it"
        flock 9
    }
    python=$(find_python) || true
    if [ -z "$python" ]; then
        install_packages python3 python3-dev python3-venv
        python=$(find_python) || die "jetson-voice needs Python 3.10, 3.11 or 3.12, and none is here"
    fi
    mapfile -t -O ${#needed[@]} needed < <(python_packages "$python")
    install_packages "${needed[@]}"
    make_venv "$lock" "$python"
    exec 9>&-
    cd "$checkout"
}

# The newest interpreter in range that can make a virtual environment with pip, or else the newest.
find_python() {
    local name path fallback=
    for name in python3.12 python3.11 python3.10 python3; do
        # Run, since a version manager's shim is on PATH even where it runs nothing; and by its real
        # path, since an activated .venv would be removed under itself.
        path=$("$name" -c 'import os, sys
if (3, 10) <= sys.version_info[:2] <= (3, 12): print(os.path.realpath(sys.executable))' 2>/dev/null) || continue
        [ -n "$path" ] || continue
        if "$path" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$path"
            return
        fi
        fallback=${fallback:-$path}
    done
    [ -n "$fallback" ] && echo "$fallback"
}

# The Debian packages that this interpreter lacks to make a .venv and to build extensions.
python_packages() {
    local version
    version=$("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    "$1" -c 'import venv, ensurepip' 2>/dev/null || echo "$version-venv"
    "$1" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null || echo "$version-dev"
}

# install_packages PACKAGE…: those that are missing, by apt-get.
install_packages() {
    local missing=() package as_root=()
    command -v dpkg-query >/dev/null || return 0 # no Debian: what is missing shows when it is needed
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "missing packages; as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing Debian packages${as_root[0]:+ through sudo}: ${missing[*]}"
    logged "$checkout/.install.log" "${as_root[@]}" apt-get update ||
        say "apt-get update failed: going on with the package lists that are here"
    logged "$checkout/.install.log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}" ||
        failed "$checkout/.install.log" "apt-get install ${missing[*]}"
    rm -f "$checkout/.install.log"
}

# make_venv LOCK PYTHON: builds .venv unless its stamp says that it holds all this already.
make_venv() {
    local lock=$1 python=$2
    if holds "$lock"; then
        say "using .venv"
        return
    fi
    say "setting up .venv with $("$python" --version) and ${lock}: about a minute or two"
    # Nothing without a stamp is left: the next run could not tell it from a whole one.
    trap 'rm -rf "$venv"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    # The tests need what running needs, and more: that may stay.
    holds requirements.lock || rm -rf "$venv"
    rm -f "$venv/stamp"
    fill_venv "$lock" "$python" || failed "$venv.log" "setting up .venv"
    {
        stamp requirements.lock
        [ "$lock" = requirements.lock ] || stamp "$lock"
    } >"$venv/stamp.new"
    mv "$venv/stamp.new" "$venv/stamp"
    rm -f "$venv.log"
    trap - EXIT INT TERM HUP
}

# holds LOCK: .venv works and was finished with all that LOCK names.
holds() {
    [ -x "$venv/bin/python" ] && [ -e "$venv/stamp" ] && grep -qxF "$(stamp "$1")" "$venv/stamp"
}

# Changes with the lock file, what is installed from here, where that is, and .venv's Python.
stamp() {
    {
        cat "$checkout/$1" "$checkout/pyproject.toml"
        echo "$checkout"
        "$venv/bin/python" -c 'import sys; print(sys.version_info[:2])'
    } | sha256sum | cut -d ' ' -f 1
}

# The lock holds every package that is needed: --no-deps, since openwakeword asks for a runtime
# besides, which it does not need and Python 3.12 does not have.
fill_venv() {
    local lock=$checkout/$1 python=$2
    local -a install=("$venv/bin/python" -m pip install)
    : >"$venv.log"
    if uv_serves; then
        install=(uv pip install --python "$venv/bin/python")
        [ -d "$venv" ] || logged "$venv.log" uv venv --seed --no-project --python "$python" "$venv" || return
    else
        [ -d "$venv" ] || logged "$venv.log" "$python" -m venv "$venv" || return
    fi
    logged "$venv.log" "${install[@]}" --require-hashes --no-deps --requirement "$lock" &&
        logged "$venv.log" "${install[@]}" --no-deps --editable "$checkout"
}

# uv is faster, but knows nothing of an index, proxy or certificate that pip was told to use.
uv_serves() {
    command -v uv >/dev/null && [ -z "$(compgen -e PIP_)" ] && [ ! -e /etc/pip.conf ] &&
        [ ! -e "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" ] && [ ! -e "$HOME/.pip/pip.conf" ]
}

logged() {
    local log=$1
    shift
    "$@" >>"$log" 2>&1 </dev/null
}

# failed LOG WHAT: the end of the log, where it is, and exit.
failed() {
    tail -n 20 "$1" >&2
    die "$2 failed; all of its output is in $1"
}

say() {
    printf 'install.sh: %s\n' "$*"
}

die() {
    say "$*" >&2
    exit 1
}

main "$@"
