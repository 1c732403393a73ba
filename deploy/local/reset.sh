#!/bin/bash
# Stops everything and forgets it: domains, disks, networks, database, passwords. What was built stays.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$here/report.sh"
source "$here/process.sh"
source "$here/hypervisor.sh"

((EUID == 0)) || die "this needs root" "sudo make reset"
if [[ ! -d $dir ]]; then
  say "There is nothing in $dir to forget."
  exit
fi
# What is deleted below was made by up.sh and by nobody else.
[[ -d $dir/log && ( -e $dir/libvirt-uri || ! -d $dir/plazad ) ]] || die "$dir was not made by make up; it is left alone"
step "agent" halt agent 30
step "plazad" halt plazad 30
mapfile -t cards < <(taps)
step "guests" forget_domains
step "networks" stop_networks "${cards[@]}"
step "libvirtd" halt libvirtd 30
unlink_socket
rm -rf "${dir:?}"
say "Forgotten. Binaries and images are still built; make clean removes those."
