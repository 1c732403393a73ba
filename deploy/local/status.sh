#!/bin/bash
# Tells what of it runs. Exit code 0: all of it; 1: not all.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$here/report.sh"
source "$here/process.sh"
source "$here/hypervisor.sh"
source "$here/verbs.sh"

whole=0

line() { printf '%-10s %s\n' "$1" "$2"; }

process() {
  local pid
  if pid=$(pid_of "$1"); then line "$1" "runs, pid $pid"; else line "$1" "does not run"; whole=1; fi
}

if [[ $(libvirt_uri) == qemu:///system ]]; then
  if answers qemu:///system; then line libvirtd "the machine's own answers"; else line libvirtd "does not answer"; whole=1; fi
else
  process libvirtd
fi
process plazad
process agent
if runs plazad && ready; then
  line portal "$server"
  if entry_url=$(entry 2>/dev/null); then line shop "$entry_url"; else line shop "bundle $bundle_name is not deployed"; whole=1; fi
  "$plaza" server list --all || whole=1
fi
exit "$whole"
