#!/bin/bash
# Stops what up.sh started: agent and plazad first, so that nobody starts the guests again, then the guests.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$here/report.sh"
source "$here/process.sh"
source "$here/hypervisor.sh"

((EUID == 0)) || die "this needs root" "sudo make down"
if [[ ! -d $dir ]]; then
  say "Nothing was brought up in $dir."
  exit
fi
step "agent" halt agent 30
step "plazad" halt plazad 30
mapfile -t cards < <(taps)
step "guests" stop_domains
step "networks" stop_networks "${cards[@]}"
step "libvirtd" halt libvirtd 30
unlink_socket
if ((${#changes[@]})); then
  say "Stopped; the data are in $dir. make up brings it back, make reset forgets it."
else
  say "Nothing ran."
fi
