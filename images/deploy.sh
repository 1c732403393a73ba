# shellcheck shell=bash disable=SC2154
# plaza-deploy: what a bare-metal machine boots from the network while Ironic cleans or writes its disks. No disk of its own:
# the initrd is debian-12's tree, with the drivers that ordinary machines need. Sourced by build.sh.

deploy_drivers=(net/ethernet net/phy net/mdio net/virtio_net.ko net/net_failover.ko net/core/failover.ko ata scsi nvme block/virtio_blk.ko
  message/fusion md virtio ptp pps dca i2c/algos hwmon lib crypto arch/x86/crypto)

build_plaza_deploy() {
  local kernel packages pins version tar
  kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends:/{print $2; exit}')
  mapfile -t packages < <(listed "$here/debian.packages")
  pins=$(debian_closure "${packages[@]}")
  kernel=$(pinned "$kernel")
  version=$({ printf '%s\n' "$pins" "$kernel" "$SOURCE_DATE_EPOCH"; cat "$here"/{deploy,debian,build}.sh "$here/debian.packages" "$here"/deploy/*; } | digest)
  if current "$version"; then say "up to date, version $version"; return; fi
  rm -f "$out/$image".{json,vmlinuz,initrd}
  debian_installed "$pins" "${packages[@]}"
  step "kernel at hand" fetch "$kernel"
  step "initrd made" deploy_initrd "$tar" "$(deb_of "$kernel")"
  manifest "$version" "" 0 1024 "$(cat "$tar.packages")"$'\n'"$kernel"
  say "version $version, initrd $(du -m "$out/$image.initrd" | cut -f1) MiB"
}

# deploy_initrd TAR DEB: systemd is its init, and all that it starts are network, ssh and the heartbeat.
deploy_initrd() {
  local tree=$cache/deploy-tree kernel=$cache/deploy-kernel modules release driver
  rm -rf "$tree" "$kernel"
  mkdir -p "$tree" "$kernel"
  tar -xf "$1" -C "$tree" --numeric-owner --exclude='./dev/*' --exclude='./boot/*' --exclude='./usr/lib/modules/*' --exclude='./usr/share/locale/*' \
    --exclude='./var/lib/apt/*' --exclude='./var/cache/*' --exclude='./var/lib/dpkg/*' --exclude='./usr/lib/grub/*' --exclude='./usr/share/i18n/*'
  (cd "$tree" && rm -rf usr/share/{perl,perl5,zoneinfo,grub,vim,info,lintian,bash-completion} usr/lib/x86_64-linux-gnu/{perl,perl-base,gconv} usr/bin/perl* \
    usr/lib/x86_64-linux-gnu/libperl* usr/lib/udev/hwdb* usr/lib/python3/dist-packages/{cloudinit,cryptography,oauthlib,jsonschema,jinja2})
  unpack "$2" "$kernel"
  cp "$kernel"/boot/vmlinuz-* "$out/$image.vmlinuz"
  chmod 0644 "$out/$image.vmlinuz"
  release=$(basename "$kernel"/lib/modules/*)
  modules=$tree/usr/lib/modules/$release
  mkdir -p "$modules"
  cp "$kernel/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$modules"
  (cd "$kernel/lib/modules/$release/kernel" && for driver in "${deploy_drivers[@]}"; do
    for path in drivers/$driver $driver; do [[ ! -e $path ]] || printf '%s\0' "$path"; done
  done | xargs -0 cp -r --parents -t "$modules")
  chroot "$tree" depmod "$release"
  mknod -m 600 "$tree/dev/console" c 5 1
  deploy_furnish "$tree"
  finish "$tree"
  (cd "$tree" && find . -mindepth 1 | sort | cpio --quiet --reproducible -o -H newc | chroot "$tree" lz4 -q -l -9 - -) >"$out/$image.initrd"
  rm -rf "$tree" "$kernel"
}

deploy_furnish() {
  local tree=$1 unit
  ln -s usr/lib/systemd/systemd "$tree/init"
  install -m 0755 "$here/deploy/heartbeat" "$tree/usr/sbin/plaza-heartbeat"
  install -m 0644 "$here/deploy/plaza-heartbeat.service" "$tree/etc/systemd/system/plaza-heartbeat.service"
  printf '[Match]\nType=ether\n[Network]\nDHCP=ipv4\n' >"$tree/etc/systemd/network/all.network"
  : >"$tree/etc/fstab"
  echo plaza-deploy >"$tree/etc/hostname"
  printf '127.0.0.1 localhost plaza-deploy\n' >"$tree/etc/hosts"
  chroot "$tree" systemctl --quiet enable plaza-heartbeat
  rm -f "$tree"/etc/systemd/system/multi-user.target.wants/ssh.service # it is started when it has a key
  for unit in cloud-init-local cloud-init cloud-config cloud-final qemu-guest-agent systemd-resolved getty@tty1 serial-getty@ttyS0; do
    ln -sf /dev/null "$tree/etc/systemd/system/$unit.service"
  done
}
