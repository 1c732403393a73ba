# shellcheck shell=bash disable=SC2154
# libvirtd: the machine's own if it answers, else a private one, whose socket is also put where virsh looks by default.

default_socket=/run/libvirt/libvirt-sock
private_socket() { printf '%s/libvirt/run/libvirt-sock' "$dir"; }
private_uri() { printf 'qemu+unix:///system?socket=%s' "$(private_socket)"; }

answers() { timeout 10 virsh --quiet --connect "$1" list >/dev/null 2>&1; }

start_libvirt() {
  if runs libvirtd && answers "$(private_uri)"; then
    note "the private libvirtd runs"
    link_socket
    return
  fi
  if [[ ! -L $default_socket ]] && answers qemu:///system; then
    printf 'qemu:///system\n' >"$dir/libvirt-uri"
    note "the machine's own libvirtd answers"
    return
  fi
  halt libvirtd
  launch libvirtd "$agent" libvirtd --dir "$dir/libvirt"
  await 180 "libvirtd, which probes QEMU at its first start" answers "$(private_uri)" || lament libvirtd
  private_uri >"$dir/libvirt-uri"
  link_socket
}

# link_socket lets a plain `virsh list` find the private libvirtd, on a machine where it finds no other.
link_socket() {
  [[ -e $default_socket ]] && return
  mkdir -p "$(dirname "$default_socket")"
  ln -sfn "$(private_socket)" "$default_socket"
}

unlink_socket() {
  if [[ -L $default_socket && $(readlink "$default_socket") == "$(private_socket)" ]]; then rm -f "$default_socket"; fi
}

# domains [--all] prints the UUIDs of the domains whose disks are ours.
domains() {
  local id xml
  for id in $(on_libvirt list --uuid "$@" 2>/dev/null); do
    xml=$(on_libvirt dumpxml "$id" 2>/dev/null) || continue # it has gone meanwhile
    if [[ $xml == *"'$dir/agent/"* ]]; then printf '%s\n' "$id"; fi
  done
}

# taps prints the names of the network cards of our domains; the rules of a card have its name.
taps() {
  local id
  for id in $(domains --all); do on_libvirt dumpxml "$id" --inactive | grep -o "plt[0-9a-f]\{10\}" || true; done | sort -u
}

# stop_domains presses the power button of every guest and waits; a guest that does not obey is cut off.
stop_domains() {
  local id running
  mapfile -t running < <(domains)
  ((${#running[@]})) || return 0
  for id in "${running[@]}"; do on_libvirt shutdown "$id" >/dev/null || true; done
  await 60 "${#running[@]} guests to shut down" no_domains || note "some guests did not obey the power button and are cut off"
  for id in $(domains); do on_libvirt destroy "$id" >/dev/null || true; done
  changed "stopped ${#running[@]} guests"
}

no_domains() { [[ -z $(domains) ]]; }

forget_domains() {
  local id
  for id in $(domains --all); do
    on_libvirt destroy "$id" >/dev/null 2>&1 || true
    on_libvirt undefine "$id" --snapshots-metadata --managed-save --nvram >/dev/null && changed "removed domain $id"
  done
}

# stop_networks TAP... takes down what the agent leaves for the guests: it makes all of it again when it starts.
stop_networks() {
  local folder bridge pid tap
  for tap in "$@"; do
    nft delete table bridge "$tap" 2>/dev/null || true
    nft delete table ip "$tap" 2>/dev/null || true
  done
  for folder in "$run_dir"/plz????????; do
    [[ -d $folder ]] || continue
    bridge=$(basename "$folder")
    pid=$(cat "$folder/pid" 2>/dev/null || true)
    if [[ -n $pid ]] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$folder/"; then kill "$pid"; fi
    if [[ -e /run/netns/plz-${bridge#plz} ]]; then ip netns delete "plz-${bridge#plz}"; fi
    if [[ -e /sys/class/net/$bridge ]]; then ip link delete "$bridge"; fi
    nft delete table inet "$bridge" 2>/dev/null || true
    rm -rf "$folder"
    changed "stopped network $bridge"
  done
}
