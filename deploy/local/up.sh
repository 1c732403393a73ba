#!/bin/bash
# Brings all of Plaza up on this machine, and the bundle retail on it. Running it again changes nothing.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
umask 022
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$here/report.sh"
source "$here/process.sh"
source "$here/machine.sh"
source "$here/hypervisor.sh"
source "$here/verbs.sh"

make_folders() {
  mkdir -p "$log_dir" "$run_dir"
  # A QEMU that runs as its own user must reach the disks below; what is secret has a mode of its own.
  chmod 0711 "$dir"
}

build() {
  local before
  before=$(fingerprint "$repo"/bin/*)
  make --no-print-directory -s -C "$repo" build
  [[ $before == "$(fingerprint "$repo"/bin/*)" ]] || changed "built the binaries"
}

tell() {
  local gateway virsh=virsh
  gateway=$(entry)
  answers qemu:///system || virsh="virsh -c '$(libvirt_uri)'"
  say
  if ((${#changes[@]} == 0)); then
    say "${bold}Everything was there already; nothing changed.${plain}"
  else
    say "${bold}Plaza is up.${plain} $(printf '%s; ' "${changes[@]}" | sed 's/; $/./')"
  fi
  cat <<TXT

  Portal     $server
  Login      admin, password in $password_file
  Shop       $gateway

Try next:
  export PLAZA_CONFIG=$PLAZA_CONFIG PATH=\$PATH:$repo/bin
  plaza server list --all                          # the machines; $virsh list shows the same
  plaza bundle status $bundle_name --project $project
  curl -s '$gateway/v1/products?limit=3' | jq              # what the shop sells
  plaza dpath verify --bundle $bundle_name --project $project -o json
  make verify                                      # the checks of everything above; make down stops it all
TXT
}

main() {
  local began
  began=$(now)
  check_machine
  make_folders
  step "packages" install_packages
  step "binaries" build
  step "guest image" build_image plaza-appliance
  step "libvirtd" start_libvirt
  step "plazad" start_plazad
  step "login" log_in
  step "agent of this machine" start_agent
  step "group, flavors and images" seed
  step "bundle $bundle_name, size $bundle_size" deploy
  tell
  note "in $(since "$began") s"
}

main "$@"
