# shellcheck shell=bash disable=SC2154
# plaza-appliance: PostgreSQL, HAProxy, busybox and Plaza's own static programs under plaza-init, booted directly by kernel.
# Sourced by build.sh.

appliance_uuid=6d5f2a54-7c1e-4b0e-9a3e-706c617a6131
appliance_mib=512
# noreplace-smp, no_timer_check and tsc=reliable spare an emulated CPU its calibrations and patching; the guests run
# nobody else's code, so nothing is gained by speculation barriers.
appliance_cmdline="console=ttyS0 root=/dev/vda quiet panic=10 mitigations=off tsc=reliable no_timer_check cryptomgr.notests rcupdate.rcu_expedited=1 nokaslr noreplace-smp i8042.noaux i8042.nokbd net.ifnames=0"

build_plaza_appliance() {
  local kernel packages pins version base init=$cache/plaza-init
  kernel=$(kernel_package)
  mapfile -t packages < <(listed "$here/appliance.packages")
  pins=$(pinned "$kernel" "${packages[@]}")
  (($(wc -l <<<"$pins") == ${#packages[@]} + 1)) || die "apt does not know every package; run apt-get update"
  step "plaza-init compiled" compile_init "$init"
  base=$({ printf '%s\n' "$pins" "$SOURCE_DATE_EPOCH"; cat "$here/appliance.sh" "$here/build.sh" "$here/appliance.packages" "$init"; } | digest)
  version=$({ printf '%s\n' "$base" "${binaries[@]##*/}"; cat "$here/appliance.modules" "${binaries[@]}" /dev/null; } | digest)
  if current "$version"; then say "up to date, version $version"; return; fi
  # New files, not new content: a host may use the old ones still.
  rm -f "$out/$image".{json,qcow2,vmlinuz,initrd}
  mapfile -t packages <<<"$pins"
  step "${#packages[@]} packages at hand" fetch "${packages[@]}"
  local tree=$cache/appliance-$base
  [[ -e $tree.done ]] || step "root tree made" appliance_tree "$tree" "$(grep -v "^$kernel=" <<<"$pins")"
  step "kernel and initrd made" appliance_kernel "$(grep "^$kernel=" <<<"$pins")" "$init"
  step "disk made" appliance_disk "$tree"
  manifest "$version" "$appliance_cmdline" 1 256 "$pins"
  say "version $version, root $(du -sm "$tree" | cut -f1) MiB, disk $(du -m "$out/$image.qcow2" | cut -f1) MiB"
}

compile_init() {
  (cd "$repo" && CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o "$1" ./cmd/plaza-init)
}

# appliance_tree DIR PINS makes the root without Plaza's programs, which change far more often.
appliance_tree() {
  local tree=$1 pins=$2 pin
  find "$cache" -maxdepth 1 -name 'appliance-*' -not -path "$tree" -exec rm -rf {} +
  rm -rf "$tree"
  mkdir -p "$tree"/usr/{bin,sbin,lib,lib64}
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$tree"
  for pin in $pins; do unpack "$(deb_of "$pin")" "$tree"; done
  slim "$tree"
  furnish "$tree"
  check_libraries "$tree"
  make_cluster "$tree"
  : >"$tree.done"
}

# slim drops what a server without users does not read: documentation, the JIT with its bitcode, maintainer tools.
slim() {
  local pg=${1:?}/usr/lib/postgresql/15 tool
  rm -rf "$1"/usr/share/{doc,man,info,locale,lintian,bug,doc-base,initramfs-tools,libc-bin} "$1"/usr/share/postgresql/15/man \
    "$1"/usr/share/zoneinfo/{posix,right} "$1"/usr/lib/{systemd,valgrind,tmpfiles.d} "$1"/usr/lib/x86_64-linux-gnu/{gconv,audit} \
    "${1:?}"/etc "${1:?}"/var "$pg"/lib/{bitcode,llvmjit.so,llvmjit_types.bc,pgxs}
  for tool in pgbench pg_recvlogical pg_test_fsync pg_test_timing pg_upgrade oid2name vacuumlo ecpg; do rm -f "$pg/bin/$tool"; done
}

# furnish adds directories, accounts and the init.
furnish() {
  local tree=$1 applet
  mkdir -p "$tree"/{etc,var/log,var/lib/plaza,dev,proc,sys,run,tmp,root,opt/plaza/bin,usr/lib/plaza,etc/ssl}
  chmod 0700 "$tree/root" "$tree/var/lib/plaza"
  ln -s /run "$tree/var/run"
  while read -r applet; do
    [[ -e $tree/usr/bin/$applet || $applet == busybox ]] || ln -s busybox "$tree/usr/bin/$applet"
  done < <("$tree/usr/bin/busybox" --list)
  install -m 0755 "$cache/plaza-init" "$tree/usr/sbin/init"
  ln -s ../../sbin/init "$tree/usr/lib/plaza/plaza-lease"
  cat >"$tree/etc/passwd" <<'TXT'
root:x:0:0:root:/root:/bin/sh
postgres:x:70:70:PostgreSQL:/var/lib/postgresql:/bin/sh
plaza:x:990:990:Plaza services:/var/lib/plaza:/bin/false
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
TXT
  printf 'root:x:0:\ntty:x:5:\npostgres:x:70:\nplaza:x:990:\nnogroup:x:65534:\n' >"$tree/etc/group"
  printf 'root:*:19000::::::\npostgres:*:19000::::::\nplaza:*:19000::::::\nnobody:*:19000::::::\n' >"$tree/etc/shadow"
  chmod 0600 "$tree/etc/shadow"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$tree/etc/nsswitch.conf"
  printf 'PRETTY_NAME="Plaza appliance (Debian 12)"\nID=plaza\nID_LIKE=debian\nVERSION_ID=12\n' >"$tree/etc/os-release"
  : >"$tree/etc/resolv.conf"
}

# check_libraries asks the tree's own loader, in the tree, for everything PostgreSQL and HAProxy need.
check_libraries() {
  local missing
  missing=$(cd "$1" && find usr/sbin/haproxy usr/lib/postgresql -type f \( -path '*bin/*' -o -name '*.so' \) | while read -r file; do
    chroot "$1" /lib64/ld-linux-x86-64.so.2 --list "/$file" 2>&1 | sed -n "s|.*\(not found.*\|cannot open.*\)|$file: &|p"
  done)
  [[ -z $missing ]] || die "the package list is not complete:"$'\n'"$missing"
}

# make_cluster runs initdb at build time, as it takes half a minute in an emulated guest.
make_cluster() {
  local tree=$1 data=/var/lib/postgresql/15/main
  mkdir -p "$tree$data"
  chroot "$tree" chown -R 70:70 /var/lib/postgresql
  chmod 0700 "$tree$data"
  # A mount namespace of its own keeps /dev out of the tree whatever happens.
  # shellcheck disable=SC2016
  unshare --mount bash -c '
    set -e
    mount -t tmpfs tmpfs "$1/dev"
    for node in null zero random urandom; do : >"$1/dev/$node"; mount --bind "/dev/$node" "$1/dev/$node"; done
    mkdir -m 1777 "$1/dev/shm"
    mount -t tmpfs tmpfs "$1/tmp"; chmod 1777 "$1/tmp"
    exec chroot --userspec=70:70 "$1" /usr/lib/postgresql/15/bin/initdb -D "$2" -U postgres --no-sync --locale=C \
      --encoding=UTF8 --auth-local=peer --auth-host=scram-sha-256 >"$3" 2>&1' - "$tree" "$data" "$cache/initdb.log" ||
    die "initdb failed: $(tail -5 "$cache/initdb.log")"
  "$cache/plaza-init" seal-cluster "$tree$data" "$SOURCE_DATE_EPOCH"
  chown 70:70 "$tree$data/plaza-template"
}

# appliance_kernel PIN INIT writes the kernel as Debian ships it and an initrd that holds plaza-init and modules.
# The initrd is not compressed: the guest would unpack it by emulated instructions.
appliance_kernel() {
  local deb work=$cache/appliance-kernel module file
  deb=$(deb_of "$1")
  rm -rf "$work"
  mkdir -p "$work"/{kernel,initrd/modules,initrd/dev}
  unpack "$deb" "$work/kernel"
  cp "$work"/kernel/boot/vmlinuz-* "$out/$image.vmlinuz"
  chmod 0644 "$out/$image.vmlinuz"
  cp "$2" "$work/initrd/init"
  mknod -m 600 "$work/initrd/dev/console" c 5 1
  listed "$here/appliance.modules" >"$work/initrd/modules/order"
  while read -r module; do
    [[ $module == -- ]] && continue
    file=$(find "$work/kernel/lib/modules" -name "$module.ko" -print -quit)
    [[ -n $file ]] || die "this kernel has no module $module"
    cp "$file" "$work/initrd/modules/"
  done <"$work/initrd/modules/order"
  finish "$work/initrd"
  (cd "$work/initrd" && find . -mindepth 1 | sort | cpio --quiet --reproducible -o -H newc --owner=0:0) >"$out/$image.initrd"
  rm -rf "$work"
}

# appliance_disk TREE packs the tree and the programs into an ext4 file system on the whole disk, without partitions.
appliance_disk() {
  local tree=$1 raw=$cache/appliance.raw binary
  rm -f "$tree"/opt/plaza/bin/* "$raw"
  for binary in "${binaries[@]}"; do install -m 0755 "$binary" "$tree/opt/plaza/bin/"; done
  finish "$tree"
  truncate -s "${appliance_mib}M" "$raw"
  export -f pack
  # shellcheck disable=SC2016
  unshare --mount bash -c 'set -euo pipefail; mount -t tmpfs tmpfs /mnt; pack "$@"' - "$tree" /mnt "$raw" "$appliance_uuid"
  qemu-img convert -m 1 -f raw -O qcow2 "$raw" "$out/$image.qcow2"
  rm -f "$raw"
}

# pack TREE MOUNT RAW UUID makes the file system. mke2fs takes names in the order the host lists them and times from the
# host's inodes, so names are listed by a fresh tmpfs and the times that touch(1) cannot set are set afterwards.
pack() {
  tar -C "$1" --sort=name -c . | tar -C "$2" -x --numeric-owner
  # resize= leaves room in the group table to grow a mounted disk to 1 TiB.
  mke2fs -q -t ext4 -L plaza -U "$4" -m 1 -b 4096 -N 32768 -O ^metadata_csum_seed,^orphan_file \
    -E "hash_seed=$4,lazy_itable_init=0,lazy_journal_init=0,resize=268435456,root_owner=0:0,nodiscard" \
    -J size=16 -d "$2" "$3"
  find "$2" -printf '/%P\n' | sort |
    awk -v t="@$SOURCE_DATE_EPOCH" '{for (i = 1; i <= split("atime ctime mtime", f, " "); i++) printf "sif \"%s\" %s %s\n", $0, f[i], t}' |
    debugfs -w -f - "$3" >/dev/null 2>&1
}
