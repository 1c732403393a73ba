# shellcheck shell=bash disable=SC2034
# Where everything is. PLAZA_DIR, PLAZA_PORT, PLAZA_BUS_PORT and PLAZA_SHOP_PORT choose another place and other ports.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(dirname "$(dirname "$here")")

# sudo often drops the folder where Go's own installer puts it; some users lack the sbin folders.
PATH=$PATH:/usr/local/go/bin:/usr/local/sbin:/usr/sbin:/sbin
export PATH GOTOOLCHAIN=${GOTOOLCHAIN:-local}

dir=${PLAZA_DIR:-/var/lib/plaza-local}
port=${PLAZA_PORT:-7710}
bus_port=${PLAZA_BUS_PORT:-7711}
shop_port=${PLAZA_SHOP_PORT:-7780}
server=http://127.0.0.1:$port
bundle_name=retail
bundle_size=${PLAZA_SIZE:-XS}
project=freshfoods/north/dailymart/shop

# The command line reads settings from PLAZA_…, too: it gets the ones we say and no others.
unset PLAZA_SERVER PLAZA_TOKEN PLAZA_CONTEXT PLAZA_PROJECT PLAZA_CA

run_dir=$dir/run
log_dir=$dir/log
images=$repo/build/images
plazad=$repo/bin/plazad
agent=$repo/bin/plaza-agent
plaza=$repo/bin/plaza
password_file=$dir/plazad/initial-admin-password
export PLAZA_CONFIG=$dir/cli/config.yaml

libvirt_uri() { cat "$dir/libvirt-uri" 2>/dev/null || printf 'qemu:///system'; }
on_libvirt() { virsh --quiet --connect "$(libvirt_uri)" "$@"; }
