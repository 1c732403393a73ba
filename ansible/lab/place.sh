# shellcheck shell=bash disable=SC2034
# Where the lab is and what it is called. Every name here can be given from outside, so two labs never meet.

lab_tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(dirname "$(dirname "$lab_tools")")

# sudo often drops the sbin folders, and a Python of one's own would shadow Debian's, which Ansible and apt need.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:$PATH
export PATH LC_ALL=C.UTF-8

LAB_DIR=${LAB_DIR:-/var/lib/plaza-lab}
LAB_PROFILE=${LAB_PROFILE:-small}
# The management network: a /24 whose .1 is this machine.
LAB_BRIDGE=${LAB_BRIDGE:-plz0}
LAB_SUBNET=${LAB_SUBNET:-10.77.0}
# The network outside of the cloud, where floating IPs live: this machine is its router, .1 of a /24.
LAB_EXTERNAL_BRIDGE=${LAB_EXTERNAL_BRIDGE:-plz1}
LAB_EXTERNAL_SUBNET=${LAB_EXTERNAL_SUBNET:-172.24.4}
LAB_PROXY_PORT=${LAB_PROXY_PORT:-3148}
export LAB_DIR LAB_PROFILE LAB_BRIDGE LAB_SUBNET LAB_EXTERNAL_BRIDGE LAB_EXTERNAL_SUBNET LAB_PROXY_PORT

proxy=http://$LAB_SUBNET.1:$LAB_PROXY_PORT
base=$LAB_DIR/base
key=$LAB_DIR/id_lab
profile=$lab_tools/../inventories/lab/$LAB_PROFILE.yml

# A cgroup2 tree of our own; where the machine is hybrid, its unified half.
cgroups=/sys/fs/cgroup/$LAB_BRIDGE
[[ ! -d /sys/fs/cgroup/unified ]] || cgroups=/sys/fs/cgroup/unified/$LAB_BRIDGE

die() { echo "lab: $*" >&2; exit 1; }
answers() { { : <>"/dev/tcp/$1/$2"; } 2>/dev/null; }

# wait_for TENTHS COMMAND... tries the command until it succeeds, at most so many tenths of a second.
wait_for() {
  local i n=$1
  shift
  for ((i = 0; i < n; i++)); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  return 1
}
