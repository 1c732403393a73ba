#!/bin/bash
# Builds Plaza's guest images from Debian packages, reproducibly, and caches every step by the content of its inputs.
#
#   images/build.sh NAME... [--out DIR] [--cache DIR] [--binary FILE]... | --all
#
# NAME is plaza-appliance, debian-12 or plaza-deploy. Writes DIR/NAME.qcow2, DIR/NAME.vmlinuz, DIR/NAME.initrd and
# DIR/NAME.json; plaza-deploy has no disk.
# --binary puts a static program into the appliance's /opt/plaza/bin; default: bin/retaild and bin/dpathd where present.
# Needs root, for ownership and chroot.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
export LC_ALL=C TZ=UTC PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(dirname "$here")
out=$repo/build/images
cache=$repo/build/cache
# One moment for every file and file system: the release of Debian 12.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1686355200}
export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
binaries=()
names=()

say() { printf '%s: %s\n' "${image:-images}" "$*"; }
die() { say "$*" >&2; exit 1; }

# step TEXT COMMAND... runs a step and says how long it took.
step() {
  local text=$1 began=$EPOCHREALTIME
  shift
  "$@"
  say "$text ($(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN{printf "%.1f", b-a}') s)"
}

need() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || die "$tool is missing; install it and run this again"; done
}

# listed FILE prints the entries of a list without its comments.
listed() { grep -v '^#' "$1"; }

digest() { sha256sum | cut -c1-16; }

# candidate PACKAGE prints the version apt would install.
candidate() { apt-cache policy "$1" | awk '/Candidate:/{print $2; exit}'; }

# pinned PACKAGE... prints name=version lines.
pinned() {
  apt-cache policy "$@" | awk '/^[a-z0-9]/{sub(/:$/,"",$1); name=$1} /Candidate:/{print name "=" $2}' | sort
}

kernel_package() { apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/{print $2; exit}'; }

# fetch NAME=VERSION... downloads what the cache does not have.
fetch() {
  local pin missing=()
  mkdir -p "$cache/debs"
  for pin in "$@"; do [[ -e $(deb_of "$pin") ]] || missing+=("$pin"); done
  ((${#missing[@]} == 0)) && return
  # As root apt wants to read the directory as its own user; it need not.
  (cd "$cache/debs" && apt-get -qq -o APT::Sandbox::User=root download "${missing[@]}")
}

# deb_of NAME=VERSION prints the path of the downloaded package, whose name writes ":" as %3a.
deb_of() {
  local name=${1%%=*} version=${1#*=} arch
  version=${version//:/%3a}
  for arch in amd64 all; do
    [[ -e $cache/debs/${name}_${version}_$arch.deb ]] && break
  done
  printf '%s' "$cache/debs/${name}_${version}_$arch.deb"
}

unpack() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"; }

# finish DIR gives every file the same time, so that only content counts.
finish() { find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; }

# json_list turns lines into a JSON array.
json_list() { awk 'BEGIN{printf "["} {printf "%s\"%s\"", (NR>1?",":""), $0} END{print "]"}'; }

sum_of() { sha256sum "$1" | cut -d' ' -f1; }

# current VERSION is true when the manifest is of this version and its files are whole.
current() {
  local manifest=$out/$image.json file
  [[ -e $manifest ]] && grep -q "\"version\": \"$1\"" "$manifest" || return 1
  for file in disk kernel initrd; do
    local name sum
    name=$(sed -n "s/^  \"$file\": \"\(.*\)\",\$/\1/p" "$manifest")
    sum=$(sed -n "s/^    \"$file\": \"\([0-9a-f]*\)\",\{0,1\}\$/\1/p" "$manifest")
    [[ -n $name ]] || continue
    [[ -e $out/$name && $(sum_of "$out/$name") == "$sum" ]] || return 1
  done
}

# manifest VERSION CMDLINE DISK_GIB RAM_MIB PINS is written last: it says that the image is complete.
manifest() {
  local disk='' sum=''
  if [[ -e $out/$image.qcow2 ]]; then
    disk=$(printf '\n  "format": "qcow2",\n  "disk": "%s",' "$image.qcow2")
    sum=$(printf '\n    "disk": "%s",' "$(sum_of "$out/$image.qcow2")")
  fi
  cat >"$out/$image.json.part" <<JSON
{
  "name": "$image",
  "version": "$1",
  "arch": "x86_64",$disk
  "kernel": "$image.vmlinuz",
  "initrd": "$image.initrd",
  "cmdline": "$2",
  "minDiskGiB": $3,
  "minRamMiB": $4,
  "sha256": {$sum
    "kernel": "$(sum_of "$out/$image.vmlinuz")",
    "initrd": "$(sum_of "$out/$image.initrd")"
  },
  "packages": $(json_list <<<"$5")
}
JSON
  mv "$out/$image.json.part" "$out/$image.json"
}

# shellcheck source=appliance.sh
source "$here/appliance.sh"
# shellcheck source=debian.sh
source "$here/debian.sh"
# shellcheck source=deploy.sh
source "$here/deploy.sh"

while (($#)); do
  case $1 in
    --out) out=$2; shift ;;
    --cache) cache=$2; shift ;;
    --binary) binaries+=("$2"); shift ;;
    --all) names=(plaza-appliance debian-12 plaza-deploy) ;;
    plaza-appliance | debian-12 | plaza-deploy) names+=("$1") ;;
    *) die "unknown argument $1; see the head of $0" ;;
  esac
  shift
done
((${#names[@]})) || die "name an image: plaza-appliance, debian-12 or plaza-deploy, or --all"
((EUID == 0)) || die "run this as root"
need apt-get dpkg-deb qemu-img mke2fs debugfs cpio go
mkdir -p "$out" "$cache"
out=$(cd "$out" && pwd)
cache=$(cd "$cache" && pwd)
if ((${#binaries[@]} == 0)); then
  for file in "$repo/bin/retaild" "$repo/bin/dpathd"; do [[ -e $file ]] && binaries+=("$file"); done
fi
for image in "${names[@]}"; do
  exec 9>"$cache/$image.lock"
  flock 9 # two builds of one image would write the same cache
  "build_${image//-/_}"
done
