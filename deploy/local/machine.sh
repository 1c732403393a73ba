# shellcheck shell=bash disable=SC2154
# What the machine must be and have.

check_machine() {
  ((EUID == 0)) || die "this needs root: it makes networks and virtual machines" "sudo make up"
  check_debian
  check_go
  check_node
  check_room
  check_ports
}

check_debian() {
  local ID='' VERSION_ID=''
  # shellcheck source=/dev/null
  source /etc/os-release
  [[ $ID == debian && $VERSION_ID == 12 ]] ||
    die "this is ${ID:-an unknown system} ${VERSION_ID}, not Debian 12" "packages and guest images are Debian 12's; run it in a virtual machine of that"
  [[ $(uname -m) == x86_64 ]] || die "this machine is $(uname -m); the guest images are x86_64"
}

check_go() {
  local have
  command -v go >/dev/null || die "Go is missing" "unpack Go 1.26 or newer into /usr/local/go, see https://go.dev/dl"
  have=$(go env GOVERSION)
  printf '%s\n' go1.26 "$have" | sort -V -C || die "$have is too old" "unpack Go 1.26 or newer into /usr/local/go, see https://go.dev/dl"
}

check_node() {
  local have
  [[ -e $repo/portal/package.json ]] || return 0
  command -v node >/dev/null || die "Node is missing; the portal is built with it" "install Node 20 or newer, see https://nodejs.org"
  have=$(node --version)
  printf '%s\n' v20 "$have" | sort -V -C || die "Node $have is too old" "install Node 20 or newer, see https://nodejs.org"
}

# check_room asks for what builds, images and the guests of size XS take, unless they are there.
check_room() {
  local free
  mkdir -p "$dir"
  [[ -e $images/plaza-appliance.json ]] && return 0
  for place in "$dir" "$repo"; do
    free=$(df --output=avail --block-size=1M "$place" | tail -1)
    ((free >= 6144)) || die "$place has $free MiB left; 6 GiB are needed" "free some, or choose another place with PLAZA_DIR"
  done
}

check_ports() {
  local number
  runs plazad && return 0
  for number in "$port" "$bus_port" "$shop_port"; do
    if [[ -n $(ss -Hltn "sport = :$number") ]]; then
      die "port $number is taken by $(ss -Hltnp "sport = :$number" | sed -n 's/.*users:((\(.*\)))/\1/p')" "choose others with PLAZA_PORT, PLAZA_BUS_PORT and PLAZA_SHOP_PORT"
    fi
  done
}

wanted_packages() { grep -v -e '^#' -e '^$' "$here/packages.txt"; }

missing_packages() {
  local package
  wanted_packages | while read -r package; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
  done
}

# install_packages brings what is missing; no daemon of theirs is started by it on a machine without systemd.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    note "everything is installed"
    return
  fi
  note "installing ${missing[*]}"
  known "${missing[@]}" || apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "${missing[@]}" >"$log_dir/apt.log" 2>&1 ||
    die "apt-get install failed: $(tail -n 3 "$log_dir/apt.log")" "see $log_dir/apt.log"
  changed "installed ${#missing[@]} packages"
}

known() {
  local package
  for package in "$@"; do
    [[ -n $(apt-cache policy "$package" 2>/dev/null | awk '/Candidate:/ && $2 != "(none)"') ]] || return 1
  done
}

# ready_for_images makes sure that apt's lists are there: images are built from what they offer.
ready_for_images() { known linux-image-cloud-amd64 postgresql-15 || apt-get -qq update; }

# fingerprint prints what changes when one of the files does; the compiler writes equal ones anew.
fingerprint() { sha256sum "$@" 2>/dev/null || true; }

# build_image builds one guest image, unless that is done.
build_image() {
  local before
  before=$(fingerprint "$images/$1.json")
  ready_for_images
  "$repo/images/build.sh" "$1" | sed 's/^/   /'
  [[ $before == "$(fingerprint "$images/$1.json")" ]] || changed "built the image $1"
}
