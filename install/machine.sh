#!/usr/bin/env bash
# What machine this is, and what fits it. Every function takes values or the file to read.
# shellcheck disable=SC2034  # the parts beside this one read these variables

# jetpack_of FILE: from /etc/nv_tegra_release: "6 36.4.3", "7 39.2.0"; nothing where there is no such file.
jetpack_of() {
    local l4t
    [ -e "$1" ] || return 0
    l4t=$(sed -nE 's/^# R([0-9]+) \(release\), REVISION: ([0-9.]+).*/\1.\2/p' "$1")
    case ${l4t%%.*} in
        36) echo "6 $l4t" ;;
        38 | 39) echo "7 $l4t" ;;
        *) echo "unknown ${l4t:-version}" ;;
    esac
}

# chip_of FILE: from /proc/device-tree/compatible: "orin", "thor"; nothing for another.
chip_of() {
    [ -e "$1" ] || return 0
    tr '\0' '\n' <"$1" | sed -n 's/^nvidia,tegra234$/orin/p; s/^nvidia,tegra264$/thor/p' | head -n 1
}

# kib_of NAME FILE: an entry of /proc/meminfo.
kib_of() {
    awk -v name="$1:" '$1 == name { print $2 }' "$2"
}

# profile_for JETPACK MEMORY_KIB: an Orin with 8 GB shows 7.4 to 7.6 GiB.
profile_for() {
    if [ -z "$1" ]; then
        echo starter
    elif [ "$2" -lt $((12 * 1024 * 1024)) ]; then
        echo orin-nano
    else
        echo orin
    fi
}

# ollama_model_for AVAILABLE_KIB: qwen2.5:7b takes 5.2 GiB with 4096 tokens of context, whisper and the rest
# of the daemon 0.9 (calculated, not measured).
ollama_model_for() {
    if [ "$1" -ge $((6250 * 1024)) ]; then echo qwen2.5:7b; else echo qwen2.5:3b; fi
}

# Sets machine, jetpack, chip, memory_kib and available_kib; dies where nothing would run.
detect_machine() {
    local architecture found
    architecture=$(uname -m)
    found=$(jetpack_of /etc/nv_tegra_release)
    jetpack=${found%% *}
    chip=$(chip_of /proc/device-tree/compatible)
    memory_kib=$(kib_of MemTotal /proc/meminfo)
    available_kib=$(kib_of MemAvailable /proc/meminfo)
    machine=$architecture
    [ -z "$jetpack" ] || machine="Jetson${chip:+ $chip}, L4T ${found#* } (JetPack $jetpack)"
    case $architecture in
        x86_64 | aarch64) ;;
        *) die "there are no packages for $architecture: jetson-voice runs on aarch64 and x86_64" ;;
    esac
    [ "$jetpack" != unknown ] ||
        die "this Jetson has L4T ${found#* }: jetson-voice needs JetPack 6 (R36) or 7 (R38, R39); flash one of these"
}
