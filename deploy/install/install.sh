#!/bin/sh
# Makes this machine one device of a testbed: see usage below, and deploy/README.md.
set -eu

usage() {
    cat <<'END'
install.sh - make this machine one device of an Edge-PRUNE testbed, as a service of systemd

  sudo ./install.sh --program FILE --testbed FOLDER [--library FILE] [--no-start]
  sudo ./install.sh --program FILE            another version of the program, later
  sudo ./install.sh --uninstall

  --program FILE    the program for this machine, such as bin/edgeprune-linux-arm64
  --testbed FOLDER  this device's folder of `edgeprune testbed init`, such as device-jetson1
  --library FILE    libonnxruntime.so.* (1.24.1 or later); libonnxruntime_providers_*.so beside it come along
  --no-start        neither enable nor start the service
  --root DIR        install below DIR, as into a mounted image: makes no user and starts nothing
  --uninstall       stop the service and remove what this script has put here; keys, settings, what the
                    agent has stored and the user stay, and are named
  --help            show this

It writes these, and overwrites none that it has not written itself, or that was changed since:
  /usr/local/bin/edgeprune                      the program
  /usr/local/lib/edgeprune/                     the library; installed.sha256 lists what is installed
  /etc/systemd/system/edgeprune-agent.service   the service; own changes: systemctl edit edgeprune-agent
  /etc/edgeprune/testbed/                       the device's key, for the user edgeprune alone
  /etc/edgeprune/agent.env                      settings; written once, then yours
The service runs as the user edgeprune, who is in the groups video and render where there are any.
It may be run again: what is there already stays as it is. Exit code 2 says that what was given must
be corrected, 1 that something failed.
END
}

die() { # exit code, message
    code=$1
    shift
    printf 'install.sh: %s\n' "$*" >&2
    exit "$code"
}

say() { printf '%s\n' "$*"; }

program='' testbed='' library='' root='' start=yes uninstall=no
while [ $# -gt 0 ]; do
    case $1 in
    --program | --testbed | --library | --root)
        if [ $# -lt 2 ] || [ -z "$2" ]; then
            die 2 "$1 needs a value; see --help"
        fi
        case $1 in
        --program) program=$2 ;;
        --testbed) testbed=${2%/} ;;
        --library) library=$2 ;;
        --root) root=${2%/} ;;
        esac
        shift
        ;;
    --no-start) start=no ;;
    --uninstall) uninstall=yes ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) die 2 "unknown argument $1; see --help" ;;
    esac
    shift
done

here=$(cd "$(dirname "$0")" && pwd)
name=edgeprune
service=edgeprune-agent.service
lib=/usr/local/lib/edgeprune
list=$lib/installed.sha256
bin=/usr/local/bin/edgeprune
unit=/etc/systemd/system/$service
etc=/etc/edgeprune

if [ -n "$root" ]; then
    [ -d "$root" ] || die 2 "--root $root: there is no such folder"
elif [ "$(id -u)" -ne 0 ]; then
    die 2 "must be run as root, or with --root"
fi

digest() { sha256sum <"$1" | cut -d' ' -f1; }

# ours says whether a file is as this script has put it there.
ours() {
    [ -f "$root$list" ] && grep -qxF "$(digest "$root$1")  $1" "$root$list"
}

managed() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

remove() {
    if [ ! -f "$root$list" ]; then
        say "nothing that this script has put here is left"
        return
    fi
    if managed; then
        systemctl disable --now "$service" || say "the service could not be disabled; going on"
    fi
    while read -r sum path; do
        if [ ! -e "$root$path" ]; then
            continue
        elif [ "$(digest "$root$path")" = "$sum" ]; then
            rm -f "$root$path"
            say "removed $root$path"
        else
            say "left    $root$path: it was changed since"
        fi
    done <"$root$list"
    rm -f "$root$list"
    rmdir "$root$lib" 2>/dev/null || true
    if managed; then
        systemctl daemon-reload
    fi
    for path in $etc /var/lib/edgeprune /var/cache/edgeprune; do
        if [ -e "$root$path" ]; then
            say "left    $root$path: remove it with rm -r, if nothing in it is needed"
        fi
    done
    if [ -z "$root" ] && getent passwd $name >/dev/null; then
        say "left    the user $name: remove it with userdel $name"
    fi
}

# room refuses a file that is there and is not this script's.
room() { # source, path
    if [ -e "$root$2" ] && ! cmp -s "$1" "$root$2" && ! ours "$2"; then
        die 1 "$root$2 is there and was not put there by this script, or was changed since; move it away first"
    fi
}

changed=no
# put copies a file, all of it or nothing, and lists it.
put() { # source, path, mode
    if [ -e "$root$2" ] && cmp -s "$1" "$root$2"; then
        say "as is   $root$2"
        return
    fi
    mkdir -p "$root$(dirname "$2")"
    cp "$1" "$root$2.new"
    chmod "$3" "$root$2.new"
    mv -f "$root$2.new" "$root$2"
    touch "$root$list"
    {
        awk -v path="$2" '{ p = $0; sub(/^[^ ]*  /, "", p) } p != path' "$root$list"
        printf '%s  %s\n' "$(digest "$root$2")" "$2"
    } >"$root$list.new"
    mv -f "$root$list.new" "$root$list"
    changed=yes
    say "wrote   $root$2"
}

# each calls a function with every file that is installed: source, path, mode.
each() {
    "$1" "$program" $bin 755
    "$1" "$here/$service" $unit 644
    if [ -z "$library" ]; then
        return
    fi
    "$1" "$library" $lib/libonnxruntime.so.1 644
    for file in "$(dirname "$library")"/libonnxruntime_providers_*.so; do
        if [ -e "$file" ]; then
            "$1" "$file" "$lib/${file##*/}" 644
        fi
    done
}

user() {
    if ! getent passwd $name >/dev/null; then
        useradd --system --user-group --home-dir /var/lib/edgeprune --no-create-home --shell /usr/sbin/nologin $name
        say "made    the user $name"
    fi
    for group in video render; do
        if getent group $group >/dev/null && ! id -nG $name | tr ' ' '\n' | grep -qx $group; then
            usermod --append --groups $group $name
            say "made    the user $name one of the group $group"
        fi
    done
}

keys() {
    if [ -e "$root$etc/testbed" ]; then
        say "as is   $root$etc/testbed"
        return
    fi
    temp=$root$etc/testbed.new
    rm -rf "$temp"
    mkdir -p "$root$etc"
    (umask 077 && cp -r "$testbed" "$temp")
    chmod -R go= "$temp"
    if [ -z "$root" ]; then
        chown -R $name:$name "$temp"
    fi
    mv "$temp" "$root$etc/testbed"
    changed=yes
    say "wrote   $root$etc/testbed"
}

settings() {
    path=$root$etc/agent.env
    if [ -e "$path" ]; then
        say "as is   $path"
        if [ -n "$library" ] && ! grep -q "^EDGEPRUNE_ORT_LIB=$lib/libonnxruntime.so.1\$" "$path"; then
            say "note    $path doesn't name the library: EDGEPRUNE_ORT_LIB=$lib/libonnxruntime.so.1"
        fi
        return
    fi
    mkdir -p "$root$etc"
    {
        say "# Settings of edgeprune-agent.service; after a change: systemctl restart edgeprune-agent"
        say "# Arguments of the agent, see: edgeprune agent --help"
        say "#EDGEPRUNE_AGENT_ARGS=--power --log-level debug"
        say "# The library of ONNX Runtime."
        if [ -n "$library" ]; then
            say "EDGEPRUNE_ORT_LIB=$lib/libonnxruntime.so.1"
        else
            say "#EDGEPRUNE_ORT_LIB=$lib/libonnxruntime.so.1"
        fi
    } >"$path"
    changed=yes
    say "wrote   $path"
}

if [ $uninstall = yes ]; then
    [ -z "$program$testbed$library" ] || die 2 "--uninstall takes none of --program, --testbed and --library"
    remove
    exit 0
fi

[ -n "$program" ] || die 2 "--program is missing; see --help"
[ -f "$program" ] || die 2 "--program $program: there is no such file"
case $program in
*/*) ;;
*) program=./$program ;; # the file, rather than a program that PATH leads to
esac
[ -f "$here/$service" ] || die 2 "$service must lie beside this script"
if [ -n "$testbed" ]; then
    [ -f "$testbed/testbed.yaml" ] || die 2 "--testbed $testbed: there is no testbed.yaml in it; see edgeprune testbed init"
    if [ -e "$root$etc/testbed" ] && ! diff -r "$testbed" "$root$etc/testbed" >/dev/null; then
        die 1 "$root$etc/testbed is there and differs from $testbed; move it away first"
    fi
elif [ ! -e "$root$etc/testbed/testbed.yaml" ]; then
    die 2 "--testbed is missing; see --help"
fi
[ -z "$library" ] || [ -f "$library" ] || die 2 "--library $library: there is no such file"
if [ -z "$root" ] && ! out=$("$program" version 2>&1); then
    die 2 "--program $program doesn't run on this machine: $out; see deploy/README.md for how to build it here"
fi

each room
if [ -z "$root" ]; then
    user
fi
mkdir -p "$root$lib"
each put
if [ -n "$testbed" ]; then
    keys
fi
settings

if ! managed || [ $start = no ]; then
    say "to start it: systemctl daemon-reload && systemctl enable --now edgeprune-agent"
    exit 0
fi
systemctl daemon-reload
systemctl enable "$service"
if [ $changed = yes ] || ! systemctl is-active --quiet "$service"; then
    systemctl restart "$service"
fi
say "runs; what it does: journalctl -fu edgeprune-agent"
