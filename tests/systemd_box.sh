#!/usr/bin/env bash
# systemd_box.sh [-b PATH[:DEST]]… [-r PATH[:DEST]]… [--] COMMAND [ARGUMENT…]
# Boots a real systemd with journald and D-Bus as PID 1 of its own namespaces, over this machine's root file
# system, and runs COMMAND beside it; when COMMAND ends everything is torn down, and the exit status is COMMAND's.
#   * COMMAND runs outside, with SYSTEMD_BOX_PID in its environment: the PID 1 of the box, for nsenter
#   * / is an overlay on this machine's root: what is written there is kept in memory and lost
#   * -b binds a path of this machine, writable; -r read-only. Other mounts than / are not in the box without it
#   * a unit with PrivateTmp= or ProtectHome= does not see /tmp or /root: give those paths a DEST elsewhere
#   * the network is this machine's own: servers on localhost are reached both ways
#   * generators, udev, tmpfiles, sysctl and timers are not started
# Needs root and Debian's systemd, dbus, util-linux, procps.
set -euo pipefail

main() {
    [ "${1:-}" != --inside ] || { shift; inside "$@"; }
    local binds=()
    while [ $# -gt 0 ]; do
        case $1 in
            -b | -r) binds+=("$1" "$(bind_of "$2")"); shift 2 ;;
            --) shift; break ;;
            *) break ;;
        esac
    done
    [ $# -gt 0 ] || { sed -n 2,11p "$0"; exit 2; }
    [ "$(id -u)" = 0 ] || { echo "systemd_box: root only" >&2; exit 2; }

    box=$(mktemp -d "${TMPDIR:-/tmp}/systemd-box.XXXXXX")
    init='' outer='' cgroups=()
    trap tear_down EXIT
    trap 'exit 130' INT TERM HUP
    find_cgroups
    mkdir "${cgroups[@]}"
    boot "${binds[@]}" >"$box/log" 2>&1 </dev/null &
    outer=$!
    wait_for_systemd
    # In the background, so that a signal ends the wait and runs the traps at once.
    SYSTEMD_BOX_PID=$init "$@" <&0 &
    wait $!
}

bind_of() {
    local from to
    from=$(realpath -e -- "${1%%:*}")
    to=$from
    [[ $1 != *:* ]] || to=${1#*:}
    echo "$from:$to"
}

# A cgroup of its own in every hierarchy: a systemd that is started in the root cgroup moves all processes of the
# machine into its init.scope, and one that lacks a hierarchy mounts it and writes to the machine's root cgroup.
find_cgroups() {
    local controllers path at
    while IFS=: read -r _ controllers path; do
        at=$(awk -v c=",$controllers," '$3 == (c == ",," ? "cgroup2" : "cgroup") &&
             (c == ",," || index("," $4 ",", c)) {print $2; exit}' /proc/mounts)
        [ -z "$at" ] || cgroups+=("$at${path%/}/${box##*/}")
    done </proc/self/cgroup
}

boot() {
    local cgroup file
    for cgroup in "${cgroups[@]}"; do
        if [ -e "$cgroup/cpuset.cpus" ]; then  # v1: it is empty, and then no process fits
            for file in cpus mems; do cat "$cgroup/../cpuset.$file" >"$cgroup/cpuset.$file"; done
        fi
        echo "$BASHPID" >"$cgroup/cgroup.procs"
    done
    exec setpriv --pdeathsig=KILL \
        unshare --mount --propagation private --cgroup --pid --fork --kill-child --ipc --uts \
        bash "$0" --inside "$box" "$@"
}

wait_for_systemd() {
    local enter state
    for _ in $(seq 500); do
        init=$(ps -o pid= --ppid "$outer" | tr -d ' ') && [ -n "$init" ] &&
            [ -e "/proc/$init/root/run/systemd/private" ] && break
        kill -0 "$outer" 2>/dev/null || { cat "$box/log" >&2; exit 1; }
        sleep 0.02
    done
    enter=(nsenter -t "$init" --mount --pid --cgroup --ipc --uts --)
    state=$("${enter[@]}" systemctl is-system-running --wait 2>&1) || true
    case $state in
        running | degraded) ;;
        *) echo "systemd_box: systemd is $state" >&2; cat "$box/log" >&2; exit 1 ;;
    esac
}

tear_down() {
    if [ -n "$init" ]; then
        kill -KILL "$init" 2>/dev/null || true  # its whole PID namespace goes with it
    elif [ -n "$outer" ]; then
        kill -KILL "$outer" 2>/dev/null || true
    fi
    wait 2>/dev/null || true
    for _ in $(seq 100); do
        find "${cgroups[@]}" -depth -type d -exec rmdir {} + 2>/dev/null || true
        [ -n "$(find "${cgroups[@]}" -maxdepth 0 2>/dev/null)" ] || break
        sleep 0.02
    done
    rm -rf "$box"
}

# In the new namespaces, as PID 1.
inside() {
    local box=$1 root=$1/root
    shift
    mount -t tmpfs -o mode=755 tmpfs "$box"  # seen in this mount namespace only
    mkdir "$box/upper" "$box/work" "$root"
    mount -t overlay -o "lowerdir=/,upperdir=$box/upper,workdir=$box/work" overlay "$root"
    mount_kernel_files
    mount_devices
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mkdir -p "$root/run/lock" "$root/run/dbus"
    bind_all "$@"
    choose_units
    cd "$root"
    mkdir -p old
    pivot_root . old
    umount -l /old
# As systemd does itself outside a container: LoadCredential= mounts in a child, and it must be seen here.
mount --make-rshared /
    # No capability with which a box could change the machine's clock, modules or audit, or reboot it.
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LANG=C.UTF-8 container=systemd-box \
        setpriv --bounding-set=-sys_module,-sys_time,-sys_boot,-syslog,-audit_control,-mac_admin \
        /lib/systemd/systemd --system --unit=basic.target --show-status=no --log-target=journal
}

mount_kernel_files() {
    local cgroot=$root/sys/fs/cgroup controllers
    mount -t proc proc "$root/proc"
    mount --bind "$root/proc/sys" "$root/proc/sys"
    mount -o remount,bind,ro "$root/proc/sys"  # systemd would raise the machine's limits
    mount -t sysfs -o ro sysfs "$root/sys"
    if ! grep -q '^[^:]*:[^:]\+:' /proc/self/cgroup; then
        mount -t cgroup2 cgroup2 "$cgroot"
        return
    fi
    mount -t tmpfs -o mode=755 tmpfs "$cgroot"  # v1 or hybrid: the same layout inside
    while IFS=: read -r _ controllers _; do
        case $controllers in
            '') mkdir "$cgroot/unified"; mount -t cgroup2 cgroup2 "$cgroot/unified" ;;
            name=systemd) mkdir "$cgroot/systemd"
                          mount -t cgroup -o none,name=systemd cgroup "$cgroot/systemd" ;;
            name=*) ;;
            *) mkdir "$cgroot/$controllers"; mount -t cgroup -o "$controllers" cgroup "$cgroot/$controllers" ;;
        esac
    done </proc/self/cgroup
}

mount_devices() {
    local device
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/shm" "$root/dev/pts" "$root/dev/mqueue"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
    mount -t mqueue mqueue "$root/dev/mqueue"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s null "$root/dev/console"
    ln -s /proc/self/fd "$root/dev/fd"
    for device in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${device%:*}" "$root/dev/${device#*:}"; done
}

bind_all() {
    local from to
    while [ $# -gt 0 ]; do
        from=${2%%:*} to=$root${2#*:}
        # Where the destination lies in another bind, this makes it on the machine itself.
        if [ -d "$from" ]; then mkdir -p "$to"; else mkdir -p "${to%/*}"; touch "$to"; fi
        mount --rbind "$from" "$to"
        [ "$1" = -b ] || mount -o remount,bind,ro "$to"
        shift 2
    done
}

# Only journald and D-Bus. systemd-tmpfiles-setup has `D /tmp`: it would empty a /tmp bound into the box; journald's
# audit socket would be the machine's.
choose_units() {
    local unit
    mount -t tmpfs -o mode=755 tmpfs "$root/etc/systemd/system"
    mount -t tmpfs -o mode=755 tmpfs "$root/usr/lib/systemd/system-generators"
    for unit in "$root"/usr/lib/systemd/system/{sysinit,sockets,timers}.target.wants/*; do
        case ${unit##*/} in
            systemd-journald.service | systemd-journald.socket | systemd-journald-dev-log.socket) ;;
            dbus.socket | *.target) ;;
            *) ln -s /dev/null "$root/etc/systemd/system/${unit##*/}" ;;
        esac
    done
    mkdir -p "$root/etc/systemd/journald.conf.d"
    printf '%s\n' '[Journal]' Storage=volatile ReadKMsg=no Audit= RateLimitIntervalSec=0 \
        >"$root/etc/systemd/journald.conf.d/zz-systemd-box.conf"
}

main "$@"
