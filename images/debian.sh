# shellcheck shell=bash disable=SC2154,SC2016
# debian-12: a whole Debian for tenants, with cloud-init (NoCloud, OpenStack), ssh and a serial console. Boots directly by
# kernel, and by BIOS from its own disk. Sourced by build.sh.

debian_uuid=0c6f3b8e-55d0-4d4e-8d2f-64656269616e
debian_mib=2048
debian_options="console=tty0 console=ttyS0,115200 net.ifnames=0 quiet"

build_debian_12() {
  local packages pins version tar
  need mmdebstrap
  mapfile -t packages < <(listed "$here/debian.packages")
  pins=$(debian_closure "${packages[@]}")
  version=$({ printf '%s\n' "$pins" "$SOURCE_DATE_EPOCH"; cat "$here/debian.sh" "$here/build.sh" "$here/debian.packages"; } | digest)
  if current "$version"; then say "up to date, version $version"; return; fi
  # New files, not new content: a host may use the old ones still.
  rm -f "$out/$image".{json,qcow2,vmlinuz,initrd}
  debian_installed "$pins" "${packages[@]}"
  step "disk made" debian_disk "$tar"
  manifest "$version" "root=LABEL=root ro $debian_options" 3 512 "$(cat "$tar.packages")"
  say "version $version, disk $(du -m "$out/$image.qcow2" | cut -f1) MiB"
}

# debian_installed PINS PACKAGE... sets tar to the archive of a tree with the packages, which is made when it is not there.
debian_installed() {
  local pins=$1
  shift
  tar=$cache/debian-$({ printf '%s\n' "$pins"; declare -f debian_tar debian_settings; } | digest).tar
  exec 8>"$cache/debian.lock"
  flock 8 # two images are made from it
  if [[ -e $tar ]]; then exec 8>&-; return; fi
  say "installing Debian into a tree, which takes one to five minutes"
  step "packages installed" debian_tar "$tar" "$@"
  exec 8>&-
}

# debian_closure prints the versions of everything the packages could pull in, so that any update is seen.
debian_closure() {
  local closure
  mapfile -t closure < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "$@" | grep '^[a-z0-9]' | sort -u)
  pinned "${closure[@]}" | grep -v '=(none)$'
}

# debian_sources prints the Debian archives that this host's apt uses.
debian_sources() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk '$2 ~ /^bookworm/ && $3 == "main" && $1 ~ /debian/ && !seen[$0]++ {print "deb", $1, $2, $3}'
}

debian_tar() {
  local tar=$1 include
  shift
  include=$(IFS=,; printf '%s' "$*")
  debian_settings
  debian_sources | TMPDIR=$cache nice mmdebstrap --quiet --variant=minbase --components=main --include="$include" --format=tar \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="copy-in $cache/debian-etc/. /" \
    --customize-hook='chroot "$1" systemctl --quiet enable systemd-networkd systemd-resolved serial-getty@ttyS0' \
    --customize-hook='chroot "$1" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_reap.service e2scrub_all.timer fstrim.timer' \
    --customize-hook='chroot "$1" update-initramfs -u 2>/dev/null' \
    --customize-hook='rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id "$1"/etc/resolv.conf; : >"$1/etc/machine-id"; ln -s ../run/systemd/resolve/stub-resolv.conf "$1/etc/resolv.conf"' \
    --customize-hook="chroot \"\$1\" dpkg-query -W -f '\${Package}=\${Version}\n' >$tar.packages" \
    bookworm "$tar.part" - 2>"$cache/mmdebstrap.log" || die "mmdebstrap failed: $(tail -5 "$cache/mmdebstrap.log")"
  mv "$tar.part" "$tar"
}

# debian_settings writes what the tree's /etc gets.
debian_settings() {
  local etc=$cache/debian-etc/etc
  rm -rf "$cache/debian-etc"
  mkdir -p "$etc"/{cloud/cloud.cfg.d,initramfs-tools/conf.d,systemd/network,systemd/journald.conf.d}
  printf 'LABEL=root / ext4 rw,discard,errors=remount-ro 0 1\n' >"$etc/fstab"
  echo debian >"$etc/hostname"
  # Few modules and lz4, as an emulated guest unpacks this slowly. Those of CD-ROMs are among them: cloud-init looks for
  # labelled volumes before udev has loaded anything.
  printf 'MODULES=list\nCOMPRESS=lz4\n' >"$etc/initramfs-tools/conf.d/plaza"
  printf 'virtio_pci\nvirtio_blk\nvirtio_net\nvirtio_scsi\nsd_mod\nata_piix\nsr_mod\next4\nisofs\n' >"$etc/initramfs-tools/modules"
  printf '[Journal]\nSystemMaxUse=64M\n' >"$etc/systemd/journald.conf.d/plaza.conf"
  cat >"$etc/cloud/cloud.cfg.d/90_plaza.cfg" <<'YAML'
# The seed is a disk labelled cidata, or OpenStack's config drive or metadata service. Only what a guest of ours can be told
# is run: each module costs a second under emulation.
datasource_list: [NoCloud, ConfigDrive, OpenStack, None]
disable_root: false
ssh_pwauth: false
ssh_genkeytypes: [ed25519]
system_info:
  network:
    renderers: [networkd]
cloud_init_modules: [bootcmd, write-files, growpart, resizefs, set_hostname, update_hostname, update_etc_hosts, users-groups, ssh]
cloud_config_modules: [set-passwords, timezone, runcmd]
cloud_final_modules: [package-update-upgrade-install, write-files-deferred, scripts-per-boot, scripts-per-instance, scripts-user, final-message, power-state-change]
YAML
}

# debian_disk makes an MBR disk with one ext4 partition. No loop device is used: containers often have none.
debian_disk() {
  local tree=$cache/debian-tree raw=$cache/debian.raw kernel grub
  rm -rf "$tree" "$raw"
  mkdir -p "$tree"
  tar -xf "$1" -C "$tree" --numeric-owner --exclude='./dev/*'
  kernel=$(basename "$tree"/boot/vmlinuz-*)
  cp "$tree/boot/$kernel" "$out/$image.vmlinuz"
  cp "$tree"/boot/initrd.img-* "$out/$image.initrd"
  chmod 0644 "$out/$image.vmlinuz" "$out/$image.initrd"
  rm -rf "${tree:?}"/var/lib/apt/lists/* "${tree:?}"/var/cache/apt/*.bin "${tree:?}"/var/log/*.log
  mkdir -p "$tree/boot/grub"
  cat >"$tree/boot/grub/grub.cfg" <<CFG
linux /boot/$kernel root=LABEL=root ro $debian_options
initrd /boot/initrd.img-${kernel#vmlinuz-}
boot
CFG
  grub=$tree/usr/lib/grub/i386-pc
  chroot "$tree" grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o /boot/grub/core.img \
    biosdisk part_msdos ext2 normal linux serial terminal echo configfile boot
  truncate -s "${debian_mib}M" "$tree/disk" # the tree's own sfdisk partitions it; a host may have none
  printf 'label: dos\nlabel-id: 0x506c617a\n2048,,83,*\n' | chroot "$tree" sfdisk -q /disk
  mv "$tree/disk" "$raw"
  finish "$tree"
  mke2fs -q -t ext4 -L root -U "$debian_uuid" -m 1 -O ^metadata_csum_seed,^orphan_file -J size=32 \
    -E "offset=1048576,hash_seed=$debian_uuid,lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,nodiscard" \
    -d "$tree" "$raw" $(((debian_mib - 1) * 1024))k
  dd if="$grub/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
  dd if="$tree/boot/grub/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none
  qemu-img convert -m 1 -f raw -O qcow2 "$raw" "$out/$image.qcow2"
  rm -rf "$tree" "$raw"
}
