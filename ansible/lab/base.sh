# shellcheck shell=bash disable=SC2154
# The root file systems that nodes are stacked on: one base, and on it a layer for each set of packages.

base_packages=systemd,systemd-sysv,libpam-systemd,dbus,udev,kmod,openssh-server,python3,python3-apt,sudo,iproute2,\
iputils-ping,netbase,nftables,procps,curl,ca-certificates,less,cron,rsyslog,logrotate

build_base() {
  if [[ -e $base/.built ]]; then return; fi
  host_up
  local debian security
  debian=$(mirror debian) security=$(mirror debian-security)
  rm -rf --one-file-system "$base"
  # mmdebstrap leaves the line about the proxy in the root: the nodes use it, too.
  mmdebstrap --quiet --variant=minbase --format=directory --include="$base_packages" \
    --aptopt="Acquire::http::Proxy \"$proxy\"" --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt=force-unsafe-io bookworm "$base" \
    "deb $debian bookworm main" "deb $debian bookworm-updates main" "deb $security bookworm-security main"
  prepare_ssh
  quieten
  name_modules
  date +%s >"$base/.built"
}

prepare_ssh() {
  rm -f "$base"/etc/ssh/ssh_host_* "$base"/etc/{hostname,resolv.conf}
  : >"$base/etc/machine-id"
  install -d -m 700 "$base/root/.ssh"
  install -m 600 "$key.pub" "$base/root/.ssh/authorized_keys"
  # Each node makes host keys of its own at its first start.
  install -d "$base/etc/systemd/system/ssh.service.d"
  printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' \
    >"$base/etc/systemd/system/ssh.service.d/hostkeys.conf"
}

# The kernel is shared: no node may answer the machine's device events.
quieten() {
  local unit
  for unit in systemd-udevd.service systemd-udevd-{kernel,control}.socket systemd-udev-trigger.service \
    systemd-modules-load.service console-getty.service getty@.service; do
    ln -sf /dev/null "$base/etc/systemd/system/$unit"
  done
}

kernel_config() { zcat /proc/config.gz 2>/dev/null || cat "/boot/config-$(uname -r)" 2>/dev/null || true; }

# Names what the kernel has as built in, so that `modprobe X` in a node succeeds exactly where the feature is there.
name_modules() {
  local folder module config
  folder=$base/lib/modules/$(uname -r)
  config=$(kernel_config)
  mkdir -p "$folder"
  for module in br_netfilter:BRIDGE_NETFILTER bridge:BRIDGE veth:VETH tun:TUN vxlan:VXLAN macvlan:MACVLAN \
    8021q:VLAN_8021Q dummy:DUMMY geneve:GENEVE openvswitch:OPENVSWITCH ip_vs:IP_VS nf_conntrack:NF_CONNTRACK \
    nf_nat:NF_NAT nf_tables:NF_TABLES ip_tables:IP_NF_IPTABLES ip6_tables:IP6_NF_IPTABLES \
    ebtables:BRIDGE_NF_EBTABLES ip_set:IP_SET overlay:OVERLAY_FS fuse:FUSE_FS xfs:XFS_FS btrfs:BTRFS_FS \
    loop:BLK_DEV_LOOP nbd:BLK_DEV_NBD rbd:BLK_DEV_RBD ceph:CEPH_FS dm_mod:BLK_DEV_DM iscsi_tcp:ISCSI_TCP \
    vhost_net:VHOST_NET; do
    ! grep -q "^CONFIG_${module#*:}=[ym]" <<<"$config" || echo "kernel/${module%:*}.ko"
  done >"$folder/modules.builtin"
  : >"$folder/modules.order"
  chroot "$base" depmod "$(uname -r)"
}

# layer_of FILE prints where the layer with the packages that FILE lists is kept: by what is in it, so the same list on the
# same base is never installed twice.
layer_of() {
  echo "$LAB_DIR/layers/$( (cat "$base/.built"; grep -v '^ *$' "$1" | sort -u) | sha256sum | cut -c1-16)"
}

# layer FILE prints the layer's folder of files, and builds it first where it is missing.
layer() {
  local folder
  folder=$(layer_of "$1")
  if [[ ! -e $folder/.built ]]; then
    while mountpoint -q "$folder/root"; do umount "$folder/root"; done # one that was interrupted
    rm -rf --one-file-system "$folder"
    mkdir -p "$folder"/{upper,work,root}
    install_layer "$folder" "$(sort -u "$1" | grep -v '^ *$')" >"$folder/log" 2>&1 || die "packages did not install; see $folder/log"
    touch "$folder/.built"
  fi
  echo "$folder/upper"
}

# prune FILE... forgets all layers but those of the FILEs and those that nodes stand on.
prune() {
  local file folder keep
  keep=$(cat "$LAB_DIR"/nodes/*/layer 2>/dev/null || true)
  for file; do keep+=" $(layer_of "$file")/upper"; done
  for folder in "$LAB_DIR"/layers/*/; do
    [[ $keep == *"${folder}upper"* ]] || rm -rf --one-file-system "$folder"
  done
}

install_layer() {
  local folder=$1 list=$2 rc=0
  mount -t overlay "$LAB_BRIDGE-layer" -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
  SYSTEMD_SECCOMP=0 systemd-nspawn --quiet -D "$folder/root" -M "layer-${folder##*/}" --register=no --keep-unit --pipe \
    --resolv-conf=off --timezone=off --link-journal=no --as-pid2 \
    /bin/sh -eu -c 'export DEBIAN_FRONTEND=noninteractive
      printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
      chmod 755 /usr/sbin/policy-rc.d
      apt-get -q update
      xargs apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install
      apt-get clean
      rm /usr/sbin/policy-rc.d' <<<"$list" || rc=$?
  umount "$folder/root"
  [[ $rc -eq 0 ]] || return "$rc"
  # Nothing starts before its role has configured it: roles start and enable what they install. Targets and sockets stay,
  # as roles take for granted that a package enables them.
  find "$folder/upper/etc/systemd/system" -path '*.wants/*.service' -type l -delete 2>/dev/null || true
  local link
  for link in "$folder"/upper/etc/rc[2-5].d/S*; do
    [[ ! -L $link ]] || mv "$link" "${link%/*}/K01${link##*/S[0-9][0-9]}" # what update-rc.d calls disabled
  done
}
