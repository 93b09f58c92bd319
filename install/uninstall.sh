#!/usr/bin/env bash
# Takes away what the manifest names, and with --purge what a user may want to keep.
# shellcheck disable=SC2154  # appliance.sh sets these

uninstall_appliance() {
    local found='' groups=()
    mapfile -t groups < <(made_groups)
    if [ -e "$manifest" ]; then
        found=1
        stop_service
        remove_recorded
        [ "$purge" ] || [ ${#groups[@]} -eq 0 ] || change "note in $state which groups are to go with the user" keep_note
        change "remove $prefix" rm -rf "$prefix"
        change "let systemd and the journal read their files again" forget
    fi
    if [ "$purge" ]; then
        purge_kept "${groups[@]}"
    elif [ "$found" ]; then
        say "kept: ${configuration%/*}, $state, the user and group jetson-voice (--uninstall --purge removes them)"
    fi
    if [ "$changes" -eq 0 ]; then
        say "nothing is installed: there is no $manifest"
    elif [ "$dry_run" ]; then
        say "a dry run: $changes changes, none made"
    else
        say "done; Debian packages stay, and so do Ollama and its models, if it was installed"
    fi
}

# Groups that were made for the user, by this installation or by one whose user was kept.
made_groups() {
    { cat "$manifest" "$state/install-manifest" 2>/dev/null || true; } | sed -n 's/^group //p' | sort -u
}

keep_note() {
    printf 'group %s\n' "${groups[@]}" >"$state/install-manifest"
}

stop_service() {
    [ -e "$unit" ] || return 0
    change "stop and disable jetson-voice" systemctl --quiet disable --now jetson-voice.service
}

remove_recorded() {
    local kind name
    while read -r kind name; do
        [ "$kind" = file ] || continue
        if [ -e "$name" ] || [ -L "$name" ]; then change "remove $name" rm -f "$name"; fi
        if [ "$name" = "$ollama_settings" ]; then
            rmdir_if_empty "${name%/*}"
            change "let Ollama do without it" restart_ollama
        fi
    done <"$manifest"
}

rmdir_if_empty() {
    [ "$dry_run" ] || rmdir --ignore-fail-on-non-empty "$1" 2>/dev/null || true
}

forget() {
    systemctl daemon-reload
    systemctl reset-failed jetson-voice.service 2>/dev/null
    journalctl --update-catalog
}

# purge_kept GROUP…: with the groups that were made for the user.
purge_kept() {
    local path group
    for path in "${configuration%/*}" "$state" /var/cache/jetson-voice; do
        [ ! -e "$path" ] || change "remove $path" rm -rf "$path"
    done
    if getent passwd jetson-voice | grep -q ":$state:"; then
        change "remove the user and group jetson-voice" remove_user
        for group in "$@"; do
            change "remove the group $group, which was made for it" groupdel "$group"
        done
    fi
}

remove_user() {
    userdel jetson-voice && { ! getent group jetson-voice >/dev/null || groupdel jetson-voice; }
}
