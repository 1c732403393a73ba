#!/bin/bash
# Walks the portal of what up.sh brought up, in Chromium, as far as that needs guests. What the walks make they remove.
#
#   portal.sh            all walks
#   portal.sh PATTERN    those whose names match
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$here/report.sh"
source "$here/process.sh"
source "$here/machine.sh"
source "$here/hypervisor.sh"
source "$here/verbs.sh"

# A console is walked to a login prompt, which the appliance has not.
with_login() {
  build_image debian-12
  seed_image debian-12
}

main() {
  if ! runs plazad || ! ready; then die "plazad does not run" "make up"; fi
  [[ -e $password_file ]] || die "$password_file is missing, and the walks sign in by it" "make reset, then make up"
  [[ -d $repo/portal/node_modules/playwright-core ]] || die "the portal's packages are missing" "make portal"
  step "image with a login prompt" with_login
  cd "$repo/portal"
  PLAZA_URL=$server PLAZA_PASSWORD=$(<"$password_file") PLAZA_PROJECT=$project PLAZA_BUNDLE=$bundle_name \
    PLAZA_LIBVIRT=$(libvirt_uri) PLAZA_DPATHD=$repo/bin/dpathd npm run --silent e2e:guests -- "$@"
}

main "$@"
