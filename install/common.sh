#!/usr/bin/env bash
# Python, Debian packages and messages: for the checkout and for the appliance.
# shellcheck disable=SC2154  # install.sh sets checkout

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
    local missing as_root=()
    mapfile -t missing < <(missing_packages "$@")
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

# missing_packages PACKAGE…: those that are not installed, one a line.
missing_packages() {
    local package
    command -v dpkg-query >/dev/null || return 0 # no Debian: what is missing shows when it is needed
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
    done
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
