#!/usr/bin/env bash
# What `./install.sh try` and `test` need, all in the checkout: .venv with jetson-voice in it, editable.
# shellcheck disable=SC2154  # install.sh sets checkout and venv

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
    cd "$checkout" || exit
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
