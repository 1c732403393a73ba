# shellcheck shell=bash disable=SC2154,SC2034
# The life of one node: a systemd-nspawn container with a real systemd, in a network namespace of its own.

folder_of() { echo "$LAB_DIR/nodes/$1"; }
netns() { echo "$LAB_BRIDGE-$1"; }
# The machine's end of the node's cable number N; 15 letters are all that a name may have.
cable() { echo "$LAB_BRIDGE.${1#lab-}.$2"; }
known() { [[ -e $(folder_of "${1:-}")/address ]] || die "there is no node ${1:-}; \`nodes list\` tells them"; }
address_of() { cat "$(folder_of "$1")/address"; }
names() {
  local file
  for file in "$LAB_DIR"/nodes/*/address; do [[ ! -e $file ]] || basename "${file%/address}"; done
}

# leader NAME prints the pid of the node's init as this machine sees it; nothing when it is off.
leader() {
  local supervisor nspawn
  supervisor=$(cat "$(folder_of "$1")/pid" 2>/dev/null) || return 0
  nspawn=$(pgrep -P "$supervisor" -x systemd-nspawn) || return 0
  pgrep -P "$nspawn" -x systemd || true
}

net_up() {
  local name=$1 space
  space=$(netns "$name")
  ip netns add "$space"
  ip -n "$space" link set lo up
  plug "$name" 0 "$LAB_BRIDGE" "$space"
  plug "$name" 1 "$LAB_EXTERNAL_BRIDGE" "$space"
  ip -n "$space" addr add "$(address_of "$name")/24" dev eth0
  ip -n "$space" route add default via "$LAB_SUBNET.1"
}

plug() { # NAME NUMBER BRIDGE NAMESPACE
  local end
  end=$(cable "$1" "$2")
  ip link add "$end" type veth peer name "eth$2" netns "$4"
  ip link set "$end" master "$3" up
  ip -n "$4" link set "eth$2" up
}

# A namespace that outlived its node would go on answering on its addresses, which a machine without power does not.
net_down() {
  local number
  for number in 0 1; do ip link del "$(cable "$1" $number)" 2>/dev/null || true; done
  ip netns del "$(netns "$1")" 2>/dev/null || true
}

cables() { # NAME up|down
  local number
  for number in 0 1; do ip link set "$(cable "$1" $number)" "$2"; done
}

# Made by the node's own systemd-tmpfiles: a bind mount would share the inode, and a chmod in the node change this machine.
# /dev/kvm is left out: where it opens but runs no stock kernel, everything that found it would choose it.
write_devices() {
  local device
  for device in /dev/net/tun /dev/fuse; do
    [[ ! -e $device ]] || echo "c+ $device 0666 root root - $((16#$(stat -c %t "$device"))):$((16#$(stat -c %T "$device")))"
  done >"$1/etc/tmpfiles.d/lab-devices.conf"
}

node_up() {
  local name=${1:-} address=${2:-} packages=${3:-} folder lower=$base
  [[ $name =~ ^lab-[a-z0-9]{1,6}$ ]] || die "a node is called lab- and one to six letters or digits, not '$name'"
  folder=$(folder_of "$name")
  if [[ -n $(leader "$name") ]]; then return; fi
  [[ -e $base/.built ]] || die "there is no base yet: nodes build"
  host_up
  mkdir -p "$folder"/{upper,work,root}
  [[ -z $address ]] || echo "$address" >"$folder/address"
  [[ -e $folder/address ]] || die "$name is new: give its address, too"
  # A node keeps the layer it was made with: its disk is written on top of that one.
  [[ -e $folder/layer ]] || { [[ -z $packages ]] || layer "$packages"; } >"$folder/layer"
  [[ ! -s $folder/layer ]] || lower=$(<"$folder/layer"):$base
  mountpoint -q "$folder/root" ||
    mount -t overlay "$name" -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
  echo "$name" >"$folder/root/etc/hostname"
  [[ -e $folder/upper/etc/hosts ]] || printf '127.0.0.1 localhost\n%s %s\n' "$(address_of "$name")" "$name" >"$folder/root/etc/hosts"
  write_devices "$folder/root"
  net_down "$name"
  net_up "$name"
  setsid "$lab_tools/nodes" supervise "$name" </dev/null >>"$folder/console.log" 2>&1 &
  echo $! >"$folder/pid"
  disown
  wait_for 600 answers "$(address_of "$name")" 22 || die "$name does not answer on port 22; see $folder/console.log"
}

# supervise runs as the node's parent: nspawn in a cgroup of the node's own, and again after a reboot from inside.
supervise() {
  local name=$1 rc
  mkdir -p "$cgroups/$name"
  echo $BASHPID >"$cgroups/$name/cgroup.procs"
  # UNIFIED_HIERARCHY: pure cgroup2 inside, though the machine may be hybrid. SECCOMP: QEMU and OSDs want all calls.
  # API_VFS_WRITABLE=network: /proc/sys/net is the node's own; every other setting is the machine's and stays as it is.
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
  while :; do
    rc=0
    # No CAP_SYS_TIME: there is one clock, and `date -s` in a node would set the machine's.
    systemd-nspawn --quiet -D "$(folder_of "$name")/root" -M "$name" --boot --register=no --keep-unit \
      --capability=all --drop-capability=CAP_SYS_TIME,CAP_SYS_MODULE \
      --network-namespace-path="/run/netns/$(netns "$name")" \
      --resolv-conf=off --timezone=off --link-journal=no --console=pipe || rc=$?
    net_down "$name"
    [[ $rc -eq 133 ]] || exit "$rc" # 133: it asked for a reboot
    net_up "$name"
  done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

node_off() { # NAME orderly|cut
  local name=$1 init supervisor
  init=$(leader "$name")
  if [[ -n $init ]]; then
    supervisor=$(<"$(folder_of "$name")/pid")
    if [[ $2 == orderly ]]; then
      kill -s RTMIN+4 "$init" # systemd's poweroff.target
      wait_for 900 gone "$supervisor" || kill -KILL "$init"
    else
      cables "$name" down # off the wire first, then every process of its pid namespace at once
      kill -KILL "$init"
    fi
    wait_for 200 gone "$supervisor" || die "$name does not go away"
  fi
  rm -f "$(folder_of "$name")/pid"
  net_down "$name"
  [[ ! -d $cgroups/$name ]] || find "$cgroups/$name" -depth -type d -exec rmdir {} + 2>/dev/null || true
}

forget() {
  local root
  root=$(folder_of "$1")/root
  node_off "$1" cut
  while mountpoint -q "$root"; do umount "$root"; done
  rm -rf --one-file-system "${LAB_DIR:?}/nodes/$1"
  rmdir "/run/systemd/nspawn/propagate/$1" 2>/dev/null || true
}

ssh_options=(-i "$key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5)

list() {
  local name init
  for name in $(names); do
    init=$(leader "$name")
    printf '%-12s %-15s %-4s init=%-7s cable=%s\n' "$name" "$(address_of "$name")" \
      "$([[ -n $init ]] && echo up || echo off)" "${init:--}" \
      "$(cat "/sys/class/net/$(cable "$name" 0)/operstate" 2>/dev/null || echo none)"
  done
}
