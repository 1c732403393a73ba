#!/bin/bash
# Checks what up.sh brought up, from the outside: what a user, an operator and libvirt see.
#
#   check.sh            servers, shop, dedicated path, self-healing; leaves the bundle as it was
#   check.sh --again    also: a second up changes nothing
#   check.sh --destroy  this alone: the bundle goes without a trace
#
# PROBES sets how many probes of each kind verify the dedicated path (10000).
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/place.sh"
source "$here/report.sh"
source "$here/process.sh"
source "$here/hypervisor.sh"
source "$here/verbs.sh"

probes=${PROBES:-10000}
checking=''

# check TEXT COMMAND... runs a check; a command that fails in it ends the script.
check() {
  local began
  checking=$1
  began=$(now)
  shift
  "$@"
  printf 'ok  %-58s %7s s\n' "$checking" "$(since "$began")"
  checking=''
}

tell_failure() {
  [[ -z $checking ]] || printf '%sFAILED: %s%s\nhint: logs are in %s\n' "$red" "$checking" "$plain" "$log_dir" >&2
}
trap tell_failure EXIT

# wrong SENTENCE says what was seen instead.
wrong() {
  printf '    %s\n' "$*" >&2
  return 1
}

server_ids() { servers_json | jq -r '.[] | select(.status.power == "running") | .id' | sort; }

same_machines() {
  local ours theirs
  ours=$(server_ids)
  theirs=$(domains | sort)
  [[ -n $ours && $ours == "$theirs" ]] || wrong "plaza: $ours; virsh: $theirs"
}

shop() { curl -fsS --max-time 20 "$gateway$1"; }

# order repeats what is answered with 503, with the key it had: so it counts once.
order() { curl -fsS --retry 5 --retry-delay 1 --max-time 30 -H 'Content-Type: application/json' -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" --data "$2" "$gateway$1"; }

products() {
  local count
  count=$(shop '/v1/products?published=true&limit=100' | jq '.items | length')
  ((count > 0)) || wrong "the gateway lists no product"
}

stock_of() { shop "/v1/inventory/atp?sku=$1" | jq '.items[0].atp'; }

sold() { (($(stock_of "$1") < $2)); }

# sell places and pays an order as a customer would, and waits until the stock is lower.
sell() {
  local sku stock quote id
  sku=$(shop '/v1/products?published=true&limit=1' | jq -re '.items[0].sku')
  stock=$(stock_of "$sku")
  quote=$(order /v1/quotes "{\"channel\":\"app\",\"lines\":[{\"sku\":\"$sku\",\"qty\":1}]}" | jq -re .token)
  id=$(order /v1/orders "{\"quote\":\"$quote\"}" | jq -re .id)
  order /v1/payments "{\"orderId\":\"$id\",\"tender\":\"simulator\"}" >/dev/null
  await 30 "the stock of $sku to fall below $stock" sold "$sku" "$stock" || wrong "the stock of $sku is still $(stock_of "$sku")"
}

# paths_hold sends common and labelled probes to the nodes in the guests; none may go astray.
paths_hold() {
  local report
  report=$(verify_paths --common "$probes" --labelled "$probes") || true
  jq -c '{violations, common, labelled, failed, durationSeconds}' <<<"$report"
  jq -e --argjson n "$probes" '.violations == 0 and .common >= $n and .labelled >= $n' <<<"$report" >/dev/null
}

# control_bites switches guard and caller filter off, for signed probes only: a verifier that finds nothing then is blind.
control_bites() {
  local report
  report=$(verify_paths --common 500 --labelled 500 --without guard,filter) || true
  jq -c '{violations, byKind, control}' <<<"$report"
  jq -e '.violations > 0' <<<"$report" >/dev/null
}

app_server() { servers_json | jq -re '[.[] | select(.status.power == "running" and (.name | test("app")))][0].id'; }

# noticed ID SINCE tells whether the server is shown other than running since that moment.
noticed() {
  servers_json | jq -e --arg id "$1" --arg since "$2" \
    '.[] | select(.id == $id) | .phase != "Ready" or .status.power != "running" or .status.since != $since' >/dev/null
}

healed() {
  [[ $(on_libvirt domstate "$1") == running* && $(server_ids) == *"$1"* ]] &&
    bundle_json | jq -e '.phase == "Ready" and .status.health.ok' >/dev/null &&
    shop /v1/health 2>/dev/null | jq -e '.status == "ok"' >/dev/null
}

# heals destroys a guest behind Plaza's back: it is noticed within 5 s, shown with its cause, and put right.
heals() {
  local id since began seconds
  id=$(app_server)
  since=$(servers_json | jq -r --arg id "$id" '.[] | select(.id == $id) | .status.since')
  began=$(now)
  on_libvirt destroy "$id" >/dev/null
  await 15 "the loss to be noticed" noticed "$id" "$since" || wrong "the loss of $id was not noticed"
  seconds=$(since "$began")
  note "noticed after $seconds s"
  awk -v s="$seconds" 'BEGIN {exit s > 5}' || wrong "it took $seconds s to notice"
  "$plaza" server history "$id" --project "$project" -o json | jq -re '[.[] | select(.verb | test("^(server|drift|power)"))][0] | "   \(.verb): \(.note)"' ||
    wrong "the history of $id does not tell the cause"
  await 180 "the server and the bundle to be well again" healed "$id" || wrong "$id did not come back"
}

second_up() {
  local told
  told=$("$here/up.sh" 2>&1) || wrong "$told"
  grep -q 'nothing changed' <<<"$told" || wrong "$told"
}

# leaves_nothing destroys the bundle and looks everywhere for what it may have left.
leaves_nothing() {
  local left cards networks
  cards=$(taps)
  networks=$(find "$run_dir" -mindepth 1 -maxdepth 1 -name 'plz*' -printf '%f\n' | sed 's/^plz//' | paste -sd '|')
  destroy_bundle >/dev/null
  left=$(
    domains --all
    find "$dir/agent/pool" -type f \( -name '*.qcow2' -o -name '*.iso' \) -not -path '*/images/*' -printf '%p\n'
    find "$run_dir" -mindepth 1 -maxdepth 1 -name 'plz*' -printf '%p\n'
    # What others run on this machine is not ours to judge.
    nft list tables | grep -wF "$cards" || true
    ip -o link show | grep -oE "plz($networks)" || true
    for noun in bundle server network volume nodegroup securitygroup; do
      "$plaza" "$noun" list --all -o json | jq -r --arg noun "$noun" '.[] | "\($noun) \(.name)"'
    done
    "$plaza" quota list --project "$project" -o json | jq -r '.[] | select(.reserved + .committed > 0) | "quota \(.metric) \(.reserved)+\(.committed)"'
  )
  [[ -z $left ]] || wrong "left behind: $left"
}

bundle_well() { bundle_json | jq -e '.phase == "Ready" and .status.health.ok' >/dev/null; }

# serves checks what the bundle does; with an argument also that a second up changes nothing.
serves() {
  check "the bundle is ready and says it is healthy" bundle_well
  gateway=$(entry)
  check "plaza and virsh see the same machines" same_machines
  check "the gateway lists products" products
  check "a paid order lowers the stock" sell
  check "no call goes astray on $probes + $probes probes" paths_hold
  check "with guard and filter off the verifier finds violations" control_bites
  if [[ -n $1 ]]; then check "a second up changes nothing" second_up; fi
  check "a guest destroyed by hand is noticed and put right" heals
  check "the shop sells after that" sell
}

main() {
  local again='' destroy='' began
  began=$(now)
  while (($#)); do
    case $1 in
      --again) again=yes ;;
      --destroy) destroy=yes ;;
      *) die "unknown argument $1" "see the head of $0" ;;
    esac
    shift
  done
  if ! runs plazad || ! ready; then die "plazad does not run" "make up"; fi
  if [[ -n $destroy ]]; then check "the bundle goes without a trace" leaves_nothing; else serves "$again"; fi
  say
  say "All checks passed in $(since "$began") s."
}

main "$@"
