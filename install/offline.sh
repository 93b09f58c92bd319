#!/usr/bin/env bash
# An installation without a network: what it takes is fetched beforehand, by the very steps that will use it.
# shellcheck disable=SC2034,SC2154  # the parts beside this one share these variables

# prepare_offline DIR: wheels/, models/ and the name of the kind of machine they are for.
prepare_offline() {
    local needed wanted=${profile:-$(profile_for "$jetpack" "$memory_kib")} trial=$1/trial
    python=$(system_python) || die "no Python 3.10 to 3.12 in /usr/bin to prepare for: apt-get install python3 python3-venv"
    [ -z "$dry_run" ] || { say "would fill $1 with the packages and the models of $wanted"; return; }
    mapfile -t needed < <(needed_packages)
    install_packages "${needed[@]}"
    mkdir -p "$1/wheels"
    log=$1/prepare.log ct2=none
    : >"$log"
    rm -rf "$trial"
    say "fetching the Python packages to $1/wheels"
    download_wheels "$1/wheels" || failed "$log" "fetching the Python packages"
    say "trying whether they are all that is needed"
    use_wheels "$1"
    { fill_venv_at "$trial" && add_ourselves "$trial"; } || failed "$log" "installing from $1/wheels"
    "$trial/bin/jetson-voice" models pull --profile "$wanted" --directory "$1/models" ||
        die "the models are not whole: mend what it says above and run this again"
    rm -rf "$trial" "$log"
    kind_of_machine >"$1/machine"
    say "done: on the machine without a network: sudo ./install.sh --offline DIR --profile $wanted"
    say "not in it: Debian packages, Ollama and its models, and CTranslate2 with CUDA (--ct2-wheel FILE)"
}

# setuptools and wheel: pyaudio, systemd-python and jetson-voice come as source.
download_wheels() {
    logged "$log" "$python" -m venv "$trial" &&
        logged "$log" "$trial/bin/python" -m pip download --require-hashes --no-deps --dest "$1" \
            --requirement "$checkout/requirements.lock" &&
        logged "$log" "$trial/bin/python" -m pip download --dest "$1" 'setuptools>=77' wheel
}

check_offline() {
    local kind=nothing
    [ ! -e "$1/machine" ] || kind=$(cat "$1/machine")
    python=$(system_python) || true
    [ "$kind" = "$(kind_of_machine)" ] ||
        die "$1 holds $kind, this machine is $(kind_of_machine): fill it on a machine of this kind with --prepare-offline"
    use_wheels "$1"
}

use_wheels() {
    index=(--no-index --find-links "$1/wheels")
}

kind_of_machine() {
    echo "$(uname -m), $("${python:-true}" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])')"
}
