#!/bin/bash
# Tells how the lab is: its nodes, units that failed, the health of Ceph, and what OpenStack says of its services.
# Fails when something is amiss.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"

[[ -e $LAB_DIR/lab.env ]] || die "it is not up: make lab"
# shellcheck source=/dev/null
source "$LAB_DIR/lab.env"
nodes=$lab_tools/nodes
amiss=0

"$nodes" list
while read -r name _; do
  failed=$("$nodes" ssh "$name" systemctl --failed --plain --no-legend </dev/null | cut -d' ' -f1) || failed="no answer"
  if [[ -n $failed ]]; then
    echo "$name: failed: $failed"
    amiss=1
  fi
done < <("$nodes" list)

"$nodes" ssh "$LAB_CONTROL" ceph health || amiss=1
"$nodes" ssh "$LAB_CONTROL" bash -s <<REMOTE || amiss=1
$(cat "$LAB_DIR/openrc")
openstack compute service list -c Binary -c Host -c State -f value
openstack volume service list -c Binary -c Host -c State -f value
openstack network agent list -c Binary -c Host -c Alive -f value
REMOTE
exit $amiss
