#!/usr/bin/env bash
# Ollama, only with consent: its own installer (which --yes does not stand for: it runs what it downloads),
# our settings for it, and the model.
# shellcheck disable=SC2154  # appliance.sh sets these

ollama_settings=/etc/systemd/system/ollama.service.d/jetson-voice.conf

set_up_ollama() {
    local model
    [ "$ollama" != none ] || return 0
    model=$(wanted_model)
    [ "$model" ] || return 0 # another backend
    if ! command -v ollama >/dev/null; then
        add_ollama || return 0
    fi
    set_ollama
    pull_model "$model"
}

# The model of an Ollama on this machine that the configuration names.
wanted_model() {
    local of=$new_venv
    [ -x "$of/bin/python" ] || of=$prefix/venv
    if [ "$dry_run" ] && { [ ! -e "$configuration" ] || [ ! -x "$prefix/venv/bin/python" ]; }; then
        [ "${wrote_profile:-starter}" = starter ] || ollama_model_for "$available_kib"
        return
    fi
    "$of/bin/python" -I -c 'import sys
from pathlib import Path
from urllib.parse import urlsplit
from jetson_voice.config_file import load
llm = load(Path(sys.argv[1])).llm
if llm.backend == "ollama" and urlsplit(llm.ollama.url).hostname in ("127.0.0.1", "localhost", "::1"):
    print(llm.ollama.model)' "$configuration"
}

add_ollama() {
    local answer=
    if [ "$offline" ]; then
        warned "offline, and Ollama is not here: without it no question is answered; bring it, and run this again"
        return 1
    fi
    if [ "$ollama" != install ] && [ -z "$dry_run" ]; then
        [ ! -t 0 ] || read -r -p "install.sh: Ollama is not here. Download its installer from https://ollama.com/install.sh and run it as root? [y/N] " answer
        if [[ ${answer,,} != y* ]]; then
            warned "Ollama is not here, and was not installed: without it no question is answered; run this again with --ollama"
            return 1
        fi
    fi
    change "run Ollama's own installer, https://ollama.com/install.sh" run_ollama_installer
}

run_ollama_installer() {
    local script=$prefix/ollama-install.sh
    # zstd: its archives are packed with it
    install_packages curl ca-certificates zstd
    curl --fail --silent --show-error --location --output "$script" https://ollama.com/install.sh && sh "$script" 9>&- &&
        rm "$script"
}

# Our settings keep the model in memory and the memory for the model; shown before they are made.
set_ollama() {
    local ours=$checkout/systemd/ollama.conf
    if [ "$(systemctl show --property LoadState --value ollama.service 2>/dev/null)" != loaded ]; then
        say "Ollama is no service of systemd here: $ours has the settings it should run with"
        return
    fi
    ! cmp -s "$ours" "$ollama_settings" || return 0
    say "these settings are for Ollama:"
    diff -u --label "$ollama_settings" --label "$ours" "$(if [ -e "$ollama_settings" ]; then echo "$ollama_settings"; else echo /dev/null; fi)" "$ours" || true
    if agreed "write them to $ollama_settings, and restart Ollama?"; then
        record file "$ollama_settings"
        change "write $ollama_settings" put_file "$ours" "$ollama_settings"
        change "let systemd read it, and restart Ollama where it runs" restart_ollama
    else
        say "left as it is: on a board with 8 GB Ollama may take memory until nothing is left"
    fi
}

restart_ollama() {
    systemctl daemon-reload && systemctl try-restart ollama.service
}

pull_model() {
    [ -z "$dry_run" ] || ! command -v ollama >/dev/null || ! ollama_has "$1" || return 0
    if [ -z "$dry_run" ]; then
        systemctl start ollama.service 2>/dev/null || true
        ! ollama_has "$1" || return 0
    fi
    if [ "$offline" ]; then
        warned "offline, and Ollama has no $1: bring it (ollama pull $1), or name another in $configuration"
        return
    fi
    say "the language model is $1"
    [ "$dry_run" ] || ollama pull "$1" || {
        warned "Ollama could not pull $1; when it can: ollama pull $1"
        return
    }
    change "have $1 pulled by Ollama" true
}

ollama_has() {
    ollama show "$1" >/dev/null 2>&1
}
