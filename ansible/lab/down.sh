#!/bin/bash
# Ends the lab and forgets its disks and passwords. Base, installed packages and .debs stay, so the next one is quick to
# raise; `ansible/lab/nodes destroy --all` forgets these, too.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"

for machine in "$LAB_DIR"/metal/*/; do [[ ! -d $machine ]] || "$lab_tools/metal" rm "$(basename "$machine")"; done
"$lab_tools/nodes" destroy
rm -f "$LAB_DIR"/{secrets.yml,clouds.yaml,openrc,lab.env,versions.txt,ceph.conf,ceph.client.admin.keyring}
