#!/usr/bin/env bash
# Debian packages, the user, and the virtual environment: a new one beside the old, and one link that says
# which counts. A venv's name changes with everything in it.
# shellcheck disable=SC2154  # appliance.sh sets these

# Beside what building needs: ALSA's plugins convert the rate of a card without 16 kHz.
appliance_packages=(libasound2-plugins)

add_packages() {
    local -a needed missing
    python=$(system_python) || true
    mapfile -t needed < <(needed_packages)
    mapfile -t missing < <(missing_packages "${needed[@]}")
    if [ ${#missing[@]} -gt 0 ]; then
        [ -z "$offline" ] || die "offline, and these Debian packages are missing; install them first: ${missing[*]}"
        change "install the Debian packages ${missing[*]}" install_packages "${missing[@]}"
        python=$(system_python) || true
    fi
    [ "$python" ] || [ "$dry_run" ] || die "jetson-voice needs Python 3.10, 3.11 or 3.12 in /usr/bin, and none is here"
}

needed_packages() {
    printf '%s\n' "${run_packages[@]}" "${appliance_packages[@]}"
    if [ "$python" ]; then python_packages "$python"; else printf '%s\n' python3 python3-dev python3-venv; fi
}

# Not a version manager's: that lies in a home directory, which the service cannot see.
system_python() {
    PATH=/usr/bin:/bin find_python
}

add_user() {
    local group
    if getent passwd jetson-voice >/dev/null && getent group render >/dev/null; then return 0; fi
    for group in audio video render; do
        getent group "$group" >/dev/null || record group "$group"
    done
    change "create the system user and group jetson-voice, in the groups audio, video, render" \
        systemd-sysusers "$checkout/systemd/jetson-voice.sysusers"
}

# Sets new_venv: the one that this checkout makes.
make_appliance_venv() {
    local base key
    base=$(base_key)
    key=$({ echo "$base"; own_files | (cd "$checkout" && xargs -d '\n' sha256sum); } | sha256sum | cut -c -12)
    new_venv=$prefix/venv-$key
    [ ! -e "$new_venv/complete" ] || return 0
    needs_restart
    change "make $new_venv with jetson-voice in it: some minutes where packages have to be fetched" \
        fill_appliance_venv "$base"
}

# Of the packages it does not write itself: the lock, the interpreter, and which CTranslate2.
base_key() {
    { cat "$checkout/requirements.lock"; "${python:-true}" --version; ct2_identity; } | sha256sum | cut -c -12
}

# What `pip install` of the checkout puts into a venv, and what it is made with.
own_files() {
    (cd "$checkout" && find pyproject.toml README.md LICENSE config.toml models/*.toml systemd daemon \
        -name __pycache__ -prune -o -name '*.egg-info' -prune -o -type f -print | LC_ALL=C sort)
}

fill_appliance_venv() {
    rm -rf "$new_venv" # of an interrupted run
    : >"$log"
    # Where it is not the user's own, the cache is for the run that follows an interrupted one.
    export PIP_CACHE_DIR=${PIP_CACHE_DIR:-$prefix/pip-cache}
    { packages_into_venv "$1" && add_ourselves "$new_venv"; } || failed "$log" "filling $new_venv"
    echo "$1" >"$new_venv/complete"
    rm -rf "$log" "$prefix/pip-cache"
}

# packages_into_venv BASE: all but jetson-voice itself.
packages_into_venv() {
    if [ "$(cat "$prefix/venv/complete" 2>/dev/null)" = "$1" ]; then
        copy_venv "$(readlink -f "$prefix/venv")"
    else
        fill_venv_at "$new_venv" && add_ct2 "$new_venv"
    fi
}

# copy_venv OLD: with the same packages only jetson-voice itself is new. Links: pip replaces files, it writes none anew.
copy_venv() {
    cp -al "$1" "$new_venv" && rm "$new_venv/complete" &&
        find "$new_venv/bin" "$new_venv/pyvenv.cfg" -type f -exec sed -i "s|$1|$new_venv|g" {} +
}

# fill_venv_at DIRECTORY: with what the lock names. --no-deps: see fill_venv.
fill_venv_at() {
    logged "$log" "$python" -m venv "$1" &&
        logged "$log" "$1/bin/python" -m pip install "${index[@]}" --require-hashes --no-deps \
            --requirement "$checkout/requirements.lock"
}

# add_ourselves DIRECTORY: built from a copy, since setuptools would write into the checkout.
add_ourselves() {
    local copy=$1/source
    rm -rf "$copy"
    mkdir "$copy"
    own_files | tar -C "$checkout" --create --files-from - | tar -C "$copy" --extract --no-same-owner &&
        logged "$log" "$1/bin/python" -m pip install "${index[@]}" --no-deps --force-reinstall "$copy" &&
        rm -rf "$copy"
}

switch_venv() {
    [ "$(readlink "$prefix/venv")" != "${new_venv##*/}" ] || return 0
    change "let $prefix/venv be ${new_venv##*/}" link_venv
}

link_venv() {
    ln -sfT "${new_venv##*/}" "$prefix/venv.new" && mv -T "$prefix/venv.new" "$prefix/venv"
}

# When nothing runs from them any more.
remove_old_venvs() {
    local old
    for old in "$prefix"/venv-*; do
        [ ! -d "$old" ] || [ "$old" = "$new_venv" ] || change "remove $old" rm -rf "$old"
    done
}
