#!/bin/bash
# Makes every password that the roles need: secrets.sh FILE adds to FILE (YAML) those that are missing from it and leaves
# the others. Keep the file in ansible-vault, or where root alone reads it.
set -euo pipefail
umask 077

file=${1:?usage: secrets.sh FILE}
touch "$file"

missing() { ! grep -q "^$1:" "$file"; }
add() { if missing "$1"; then echo "$1: $2" >>"$file"; fi; }
word() { openssl rand -hex 20; }

for name in rabbitmq_openstack_password rabbitmq_plaza_password rabbitmq_erlang_cookie keystone_admin_password \
  plaza_keystone_password metadata_secret haproxy_password; do
  add "$name" "$(word)"
done
for service in keystone glance placement nova neutron cinder ironic; do
  add "${service}_db_password" "$(word)"
  add "${service}_password" "$(word)"
done
add keepalived_password "$(openssl rand -hex 4)"
add cinder_libvirt_secret "$(cat /proc/sys/kernel/random/uuid)"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for name in nova_ssh ironic_deploy; do
  missing "${name}_private_key" || continue
  ssh-keygen -q -t ed25519 -N '' -C "${name%%_*}" -f "$folder/$name"
  {
    echo "${name}_private_key: |"
    sed 's/^/  /' "$folder/$name"
    echo "${name}_public_key: $(<"$folder/$name.pub")"
  } >>"$file"
done
