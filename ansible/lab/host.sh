# shellcheck shell=bash disable=SC2154
# What the machine itself gives its nodes: two bridges, a cache of Debian packages, a key.

# mirror debian|debian-security tells the Debian mirror that this machine itself uses.
mirror() {
  local found
  found=$(grep -rhoE "https?://[^ ]+/$1/?( |\$)" /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
    grep -v snapshot | head -1 | tr -d ' ' | sed 's,/$,,') || true
  echo "${found:-http://deb.debian.org/$1}"
}

bridge_up() { # BRIDGE ADDRESS
  [[ -e /sys/class/net/$1 ]] || ip link add "$1" type bridge
  ip link set "$1" up
  ip addr replace "$2" dev "$1"
}

# Servers reach the management network by their floating IPs (object storage, Plaza), and nothing reaches beyond the two.
route() {
  local bridge
  for bridge in "$LAB_BRIDGE" "$LAB_EXTERNAL_BRIDGE"; do echo 1 >"/proc/sys/net/ipv4/conf/$bridge/forwarding"; done
  nft -f - <<RULES
table inet $LAB_BRIDGE
delete table inet $LAB_BRIDGE
table inet $LAB_BRIDGE {
  chain forward {
    type filter hook forward priority -10; policy accept;
    iifname { "$LAB_BRIDGE", "$LAB_EXTERNAL_BRIDGE" } oifname != { "$LAB_BRIDGE", "$LAB_EXTERNAL_BRIDGE" } drop
    oifname { "$LAB_BRIDGE", "$LAB_EXTERNAL_BRIDGE" } iifname != { "$LAB_BRIDGE", "$LAB_EXTERNAL_BRIDGE" } drop
  }
}
RULES
}

# The nodes have no way out and need none: packages come through this proxy, which resolves names for them.
proxy_up() {
  if answers "$LAB_SUBNET.1" "$LAB_PROXY_PORT"; then return; fi
  local folder=$LAB_DIR/packages debian security
  debian=$(mirror debian) security=$(mirror debian-security)
  mkdir -p "$folder/cache" "$folder/log"
  cat >"$folder/acng.conf" <<CONF
CacheDir: $folder/cache
LogDir: $folder/log
Port: $LAB_PROXY_PORT
BindAddress: $LAB_SUBNET.1
SupportDir: /usr/lib/apt-cacher-ng
Remap-debrep: ${debian#*://} ; $debian
Remap-secdeb: ${security#*://} ; $security
ExThreshold: 4
ForeGround: 1
CONF
  setsid /usr/sbin/apt-cacher-ng -c "$folder" </dev/null >/dev/null 2>&1 9>&- &
  echo $! >"$folder/pid"
  disown
  wait_for 100 answers "$LAB_SUBNET.1" "$LAB_PROXY_PORT" || die "no apt-cacher-ng on $LAB_SUBNET.1:$LAB_PROXY_PORT; see $folder/log"
}

# Several nodes may go up side by side; one of them does this, the others wait.
host_up() {
  mkdir -p "$LAB_DIR/nodes"
  exec 9>"$LAB_DIR/.lock"
  flock 9
  bridge_up "$LAB_BRIDGE" "$LAB_SUBNET.1/24"
  bridge_up "$LAB_EXTERNAL_BRIDGE" "$LAB_EXTERNAL_SUBNET.1/24"
  route
  proxy_up
  [[ -e $key ]] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$key"
  # The nodes may not load modules; what they need of them is there before they start.
  modprobe -qab br_netfilter vxlan ip_set xt_physdev ebtables overlay fuse tun 2>/dev/null || true
  exec 9>&-
}

host_down() {
  local bridge
  if [[ -e $LAB_DIR/packages/pid ]]; then
    kill "$(<"$LAB_DIR/packages/pid")" 2>/dev/null || true
    rm -f "$LAB_DIR/packages/pid"
  fi
  for bridge in "$LAB_BRIDGE" "$LAB_EXTERNAL_BRIDGE"; do ip link del "$bridge" 2>/dev/null || true; done
  nft delete table inet "$LAB_BRIDGE" 2>/dev/null || true
  rmdir "$cgroups" 2>/dev/null || true
}
