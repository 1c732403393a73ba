#!/bin/bash
# Raises the lab: nodes on this machine, and a whole cloud on them. Running it again changes nothing and is quick.
# LAB_PROFILE (small, ha) says which nodes; place.sh has the other settings.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
umask 022
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$lab_tools/report.sh"

log=$LAB_DIR/raise.log
nodes=$lab_tools/nodes

# Only what is missing is asked for, so a machine without a network can raise a lab whose packages are kept.
host_packages() {
  local missing
  missing=$(grep -hv -e '^#' -e '^$' "$lab_tools/packages.txt" | while read -r package; do
    [[ $(dpkg-query -Wf '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || echo "$package"
  done)
  [[ -n $missing ]] || return 0
  say "packages for this machine: ${missing//$'\n'/ }"
  apt-get -qq update
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $missing >>"$log" 2>&1
}

# Nodes with equal packages share a layer; different ones install side by side.
layers() {
  local name list sum made='' pids=() pid
  while read -r name _; do
    list=$LAB_DIR/layers/$name.list
    "$lab_tools/packages-of" "$profile" "$name" >"$list"
    sum=$(sha256sum <"$list")
    if [[ $made != *$sum* ]]; then
      "$nodes" layer "$list" >/dev/null &
      pids+=($!)
    fi
    made+=$sum
  done < <("$lab_tools/packages-of" "$profile")
  for pid in "${pids[@]}"; do wait "$pid"; done
  "$nodes" prune "$LAB_DIR"/layers/*.list
}

all_up() {
  local name number pids=() pid
  while read -r name number _; do
    "$nodes" up "$name" "$LAB_SUBNET.$number" "$LAB_DIR/layers/$name.list" &
    pids+=($!)
  done < <("$lab_tools/packages-of" "$profile")
  for pid in "${pids[@]}"; do wait "$pid"; done
}

tell() {
  cat <<TXT

  Nodes       $nodes list, $nodes ssh lab-ctl
  OpenStack   export OS_CLIENT_CONFIG_FILE=$LAB_DIR/clouds.yaml OS_CLOUD=lab
  Addresses   $LAB_DIR/lab.env, versions in $LAB_DIR/versions.txt
  Passwords   $LAB_DIR/secrets.yml
  Log         $log

Floating IPs ($LAB_EXTERNAL_SUBNET.0/24) answer from this machine. Next: make lab-status; make lab-down ends it all.
TXT
}

[[ $EUID -eq 0 ]] || die "root is needed: nodes are containers with networks of their own"
[[ -e $profile ]] || die "there is no profile $LAB_PROFILE in $(realpath "$lab_tools/../inventories/lab")"
mkdir -p "$LAB_DIR/layers"
chmod 0711 "$LAB_DIR"
: >"$log"
host_packages
say "base and packages of the nodes"
"$nodes" build >>"$log" 2>&1
layers
"$repo/images/build.sh" plaza-deploy >"$LAB_DIR/image.log" 2>&1 &
image=$!
say "nodes"
all_up
say "the system that bare-metal machines boot"
wait "$image" || die "it was not built: $(tail -n 3 "$LAB_DIR/image.log")"
"$lab_tools/../secrets.sh" "$LAB_DIR/secrets.yml"
"$lab_tools/play" "$lab_tools/lab.yml" "$@" 2>&1 | told
say "the lab is up"
tell
