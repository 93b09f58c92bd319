#!/usr/bin/env bash
# Sets up jetson-voice from this checkout. Everything is in functions and `main` comes last, so that
# a copy that was cut short on its way here does nothing at all.
set -euo pipefail

usage() {
    cat <<'EOF'
usage: sudo ./install.sh [OPTION…]     install or upgrade the appliance: the service jetson-voice
       ./install.sh COMMAND

  try             set up all that is needed here, then hold one real conversation turn
  test [ARG…]     set up all that is needed here, then run the test suite (ARGs go to pytest)
  appliance [OPTION…]   the same as `sudo ./install.sh [OPTION…]`
  --help          this text

For try and test everything goes into this directory (.venv and models/), except missing Debian packages:
these are installed with apt-get, as root or through sudo. Nothing else is changed.

Options of the appliance:
  --dry-run       print every change, make none
  --profile P     the models and the first configuration: starter (small, English, any machine), orin-nano
                  or orin (default: by the machine). A configuration that is there is never changed.
  --start         start the service in the end; otherwise it is only enabled. One that runs is
                  restarted where something changed.
  --yes           say yes to every question but one: whether to run Ollama's own installer
  --ollama        run Ollama's own installer from ollama.com where there is no Ollama
  --no-ollama     leave Ollama alone: no installer, no settings, no pull
  --ct2-wheel W   a CTranslate2 with CUDA, as file or https URL; needs --ct2-sha256
  --ct2-sha256 H  the SHA-256 of that wheel, in hex
  --ct2-build     build CTranslate2 with CUDA from source here (default on a Jetson: half an
                  hour and more; not yet run on one)
  --no-cuda       on a Jetson: speech to text on the processor, with the CTranslate2 of the lock file
  --offline DIR   take Python packages and models from DIR, and nothing from the network
  --prepare-offline DIR   fill DIR for that, on a machine of the same kind with a network; no root
                  needed where the Debian packages are there
  --uninstall     remove what was installed; configuration, models, state and the user stay
  --purge         with --uninstall: these too

The appliance's files: /opt/jetson-voice, /etc/jetson-voice, /var/lib/jetson-voice (models),
/etc/systemd/system/jetson-voice.service, /usr/lib/systemd/catalog/jetson-voice*.catalog,
/usr/local/bin/jetson-voice, the user and group jetson-voice. Of CTranslate2 the choice is remembered.

A second run changes nothing, and an interrupted one is repaired by the next. pip's own settings
(index, proxy, certificates: PIP_*) and HF_ENDPOINT are respected. Exit status: 0 done, 1 failed, 2 wrong usage.
EOF
}

main() {
    load_parts
    local command=${1:-}
    case $command in
        try) try "${@:2}" ;;
        test) run_tests "${@:2}" ;;
        appliance) appliance "${@:2}" ;;
        -h | --help | help) usage ;;
        --*) appliance "$@" ;;
        '')
            if [ "$(id -u)" -eq 0 ]; then
                appliance
            else
                usage >&2
                say "the appliance is installed by root: sudo ./install.sh" >&2
                exit 2
            fi
            ;;
        *)
            say "there is no command '$command'" >&2
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
# pyaudio and systemd-python come as source and are built here; libspeexdsp takes the echo out.
run_packages=(gcc pkg-config portaudio19-dev libsystemd-dev libspeexdsp1)
# The virtual sound card and the service tests; the appliance is installed with the system's own Python.
test_packages=(pulseaudio pulseaudio-utils libasound2-plugins systemd dbus util-linux procps python3-venv python3-dev)

load_parts() {
    local part
    for part in common checkout appliance machine venv cuda system ollama offline uninstall; do
        [ -f "$checkout/install/$part.sh" ] || {
            echo "install.sh: $checkout is no jetson-voice checkout: there is no install/$part.sh in it" >&2
            exit 1
        }
        # shellcheck source=/dev/null  # each is checked by itself
        . "$checkout/install/$part.sh"
    done
}

main "$@"
