#!/usr/bin/env bash
# The appliance, step by step. Each step looks first at what is there, so that a second run changes nothing.
# shellcheck disable=SC2034,SC2154  # the parts beside this one share these variables

prefix=/opt/jetson-voice
state=/var/lib/jetson-voice
configuration=/etc/jetson-voice/config.toml
manifest=$prefix/install-manifest
log=$prefix/install.log

appliance() {
    parse_options "$@"
    umask 022 # the service's user must read what root installs
    PATH=$PATH:/usr/local/bin # Ollama's, where sudo or cron leave it out
    # What nobody foresaw is said too.
    set -o errtrace
    trap 'say "unexpected: $BASH_COMMAND failed; what is done stays, and running this again is safe" >&2' ERR
    detect_machine
    if [ "$uninstall" ]; then
        as_root_or_dry
        uninstall_appliance
    elif [ "$prepare" ]; then
        prepare_offline "$prepare"
    else
        as_root_or_dry
        install_appliance
    fi
}

install_appliance() {
    [ -z "$offline" ] || check_offline "$offline"
    say "this machine: $machine, $((memory_kib / 1024)) MiB of memory, $((available_kib / 1024)) available"
    add_packages
    claim_prefix
    choose_ct2
    add_user
    make_appliance_venv
    write_configuration
    fetch_models
    prove_cuda
    switch_venv
    install_unit
    set_up_ollama
    enable_and_start
    remove_old_venvs
    sum_up
}

parse_options() {
    dry_run='' yes='' profile='' start='' ollama=ask ct2_wheel='' ct2_sha256='' ct2='' offline='' prepare=''
    uninstall='' purge='' changes=0 warnings=() index=()
    while [ $# -gt 0 ]; do
        # an option and its value in one word
        case $1 in --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;; esac
        case $1 in
            --profile | --ct2-wheel | --ct2-sha256 | --offline | --prepare-offline)
                [ -n "${2:-}" ] || wrong "$1 needs a value"
                ;;&
            --dry-run) dry_run=1 ;;
            --yes) yes=1 ;;
            --start) start=1 ;;
            --ollama) ollama=install ;;
            --no-ollama) ollama=none ;;
            --ct2-build) ct2=build ;;
            --no-cuda) ct2=none ;;
            --uninstall) uninstall=1 ;;
            --purge) purge=1 ;;
            --profile) profile=$2; shift ;;
            --ct2-wheel) ct2=wheel ct2_wheel=$2; shift ;;
            --ct2-sha256) ct2_sha256=${2,,}; shift ;;
            --offline) offline=$(realpath -m "$2"); shift ;;
            --prepare-offline) prepare=$(realpath -m "$2"); shift ;;
            -h | --help) usage; exit 0 ;;
            *) wrong "there is no option '$1'" ;;
        esac
        shift
    done
    case $profile in '' | starter | orin-nano | orin) ;; *) wrong "there is no profile '$profile': starter, orin-nano, orin" ;; esac
    [ -z "$purge" ] || [ "$uninstall" ] || wrong "--purge goes with --uninstall"
    if [ -n "$ct2_wheel$ct2_sha256" ]; then
        [[ $ct2_wheel && $ct2_sha256 =~ ^[0-9a-f]{64}$ ]] || wrong "--ct2-wheel needs --ct2-sha256 with 64 hexadecimal digits"
    fi
}

wrong() {
    say "$*: ./install.sh --help names every option" >&2
    exit 2
}

as_root_or_dry() {
    [ -z "$dry_run" ] || return 0
    [ "$(id -u)" -eq 0 ] || die "the appliance is installed by root: sudo ./install.sh"
    [ -d /run/systemd/system ] || die "systemd does not run here, so no service can: ./install.sh try needs none"
    # Not below $prefix: an uninstall removes that while it holds the lock.
    exec 9>/run/jetson-voice-install.lock
    flock -n 9 || die "another install.sh is at work on this machine: wait for it, then run this again"
}

# change WHAT COMMAND…: says what is done, and does it unless this is a dry run.
change() {
    changes=$((changes + 1))
    if [ "$dry_run" ]; then
        say "would $1"
    else
        say "$1"
        "${@:2}" || die "could not $1: what it says above is the reason; run this again when that is mended"
    fi
}

# agreed QUESTION: --yes, or a yes at the terminal. A dry run shows what a yes would do.
agreed() {
    local answer=
    [ -z "$dry_run$yes" ] || return 0
    [ -t 0 ] || return 1
    read -r -p "install.sh: $1 [y/N] " answer
    [[ ${answer,,} == y* ]]
}

# warned WORDS: said now, and again in the end.
warned() {
    warnings+=("$*")
    say "WARNING: $*" >&2
}

# The first thing made, so that whatever follows is known to belong to this.
claim_prefix() {
    [ ! -e "$manifest" ] || return 0
    if [ -d "$prefix" ] && [ -n "$(ls -A "$prefix")" ]; then
        die "$prefix is not empty and has no install-manifest, so it is not of this installer: move it away"
    fi
    change "make $prefix" start_manifest
}

start_manifest() {
    mkdir -p "$prefix"
    echo "# What install.sh made outside $prefix; install.sh --uninstall reads it." >"$manifest"
}

# record KIND NAME: before it is made, so that an interrupted run has left nothing unknown.
record() {
    [ "$dry_run" ] || recorded "$@" || echo "$1 $2" >>"$manifest"
}

recorded() {
    grep -qxF "$1 $2" "$manifest" 2>/dev/null
}

# The service must be restarted for what comes now; remembered over an interrupted run.
needs_restart() {
    [ "$dry_run" ] || touch "$prefix/restart-needed"
}

sum_up() {
    local warning
    for warning in "${warnings[@]}"; do say "WARNING: $warning" >&2; done
    if [ "$dry_run" ]; then
        say "a dry run: $changes changes, none made"
    elif [ "$changes" -eq 0 ]; then
        say "all is installed as it should be: nothing was changed"
    elif service_runs; then
        say "done; it runs: journalctl -fu jetson-voice"
    else
        say "done; now: systemctl start jetson-voice, then journalctl -fu jetson-voice"
    fi
}
