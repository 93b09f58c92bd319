#!/usr/bin/env bash
# Configuration, models, the unit and what the journal says more about: the files outside the venv.
# shellcheck disable=SC2154  # appliance.sh sets these

unit=/etc/systemd/system/jetson-voice.service
catalogs=/usr/lib/systemd/catalog
catalog_database=/var/lib/systemd/catalog/database
command_link=/usr/local/bin/jetson-voice

# Only where there is none: from then on it is the user's.
write_configuration() {
    local wanted=${profile:-$(profile_for "$jetpack" "$memory_kib")}
    wrote_profile=
    if [ -e "$configuration" ]; then
        [ -z "$profile" ] || say "$configuration is there and stays as it is: --profile $profile changes nothing"
        return 0
    fi
    wrote_profile=$wanted
    change "write $configuration for the profile $wanted$(model_words "$wanted")" first_configuration "$wanted"
}

model_words() {
    [ "$1" = starter ] || echo ", with the language model $(ollama_model_for "$available_kib"): $((available_kib / 1024)) MiB of memory are available"
}

first_configuration() {
    mkdir -p "${configuration%/*}"
    configuration_of "$1" "$(ollama_model_for "$available_kib")" >"$configuration.new" && mv "$configuration.new" "$configuration"
}

# configuration_of PROFILE OLLAMA_MODEL: as it is first installed.
configuration_of() {
    if [ "$1" = starter ]; then
        sed -e "s|^# This file stands among the models\.\$|# Where install.sh has put the models.|" \
            -e "s|^directory = \"\.\"\$|directory = \"$state/models\"|" \
            -e "s|\.\./config\.toml|$prefix/venv/share/jetson-voice/config.toml|" "$checkout/models/starter.toml"
    else
        sed -e "s|^model = \"qwen2\.5:7b\"\$|model = \"$2\"|" "$checkout/config.toml"
    fi
}

# What the configuration names. Of root, so that the service cannot change what it runs.
fetch_models() {
    local before
    # systemd gives all of a state directory to the service's user, unless its top is the user's already.
    [ -d "$state" ] || change "make $state" install -d -m 755 -o jetson-voice -g jetson-voice "$state"
    if [ "$dry_run" ]; then
        would_fetch_models
        return
    fi
    before=$(models_listed)
    "$new_venv/bin/jetson-voice" models pull --config "$configuration" ${offline:+--from "$offline/models"} ||
        die "the models are not whole: mend what it says above (or the configuration: jetson-voice check-config) and run this again"
    [ "$before" != "$(models_listed)" ] || return 0
    changes=$((changes + 1))
    needs_restart
}

would_fetch_models() {
    local found=
    if [ ! -e "$configuration" ] || [ ! -x "$prefix/venv/bin/jetson-voice" ]; then
        change "fetch the models of ${wrote_profile:-the configuration} into $state/models"
        return
    fi
    found=$("$prefix/venv/bin/jetson-voice" check-config "$configuration" 2>&1) || say "$found"
    case $found in *"not yet in"*) change "fetch the models that are ${found#*$'\n'}" ;; esac
}

models_listed() {
    [ ! -d "$state/models" ] || find "$state/models" -type f -printf '%p %s %T@\n' | LC_ALL=C sort
}

install_unit() {
    local catalog
    put "$checkout/systemd/jetson-voice.service" "$unit" && needs_restart
    for catalog in "$checkout"/systemd/jetson-voice*.catalog; do
        [ ! -e "$catalog" ] || put "$catalog" "$catalogs/${catalog##*/}" || true
    done
    update_catalog
    if [ "$(readlink "$command_link")" != "$prefix/venv/bin/jetson-voice" ]; then
        if [ -e "$command_link" ]; then
            warned "$command_link is not of this installer and stays: the command is $prefix/venv/bin/jetson-voice"
        else
            record file "$command_link"
            change "let $command_link be $prefix/venv/bin/jetson-voice" ln -sfT "$prefix/venv/bin/jetson-voice" "$command_link"
        fi
    fi
    reload_systemd jetson-voice
}

# put FILE TARGET: whole or not at all; true where something changed.
put() {
    ! cmp -s "$1" "$2" || return 1
    record file "$2"
    change "write $2" put_file "$1" "$2"
}

put_file() {
    mkdir -p "${2%/*}" && install -m 644 "$1" "$2.new" && mv "$2.new" "$2"
}

# By their age, since an interrupted run may have left them apart.
update_catalog() {
    local catalog
    for catalog in "$catalogs"/jetson-voice*.catalog; do
        if [ -e "$catalog" ] && [ ! "$catalog_database" -nt "$catalog" ]; then
            change "update the journal's message catalog" journalctl --update-catalog
            return
        fi
    done
}

# reload_systemd UNIT: where systemd has read another version of it.
reload_systemd() {
    case $(systemctl show --property LoadState,NeedDaemonReload "$1" 2>/dev/null) in
        *NeedDaemonReload=yes* | *LoadState=not-found*) [ "$dry_run" ] || change "let systemd read its units again" systemctl daemon-reload ;;
    esac
}

# Enabled once: who disables it later means it.
enable_and_start() {
    if ! recorded enabled jetson-voice.service; then
        change "enable the service jetson-voice: it starts with the machine" enable_service
    fi
    if service_runs; then
        [ ! -e "$prefix/restart-needed" ] ||
            change "restart jetson-voice: it runs, and something of it was changed" systemctl restart jetson-voice
    elif [ "$start" ]; then
        change "start jetson-voice" systemctl start jetson-voice
    fi
    [ "$dry_run" ] || rm -f "$prefix/restart-needed"
}

# As it starts, too: models load for a while, and a restart waits for its turn.
service_runs() {
    [[ $(systemctl is-active jetson-voice) =~ ^(active|activating|reloading)$ ]]
}

enable_service() {
    systemctl --quiet enable jetson-voice.service && record enabled jetson-voice.service
}
