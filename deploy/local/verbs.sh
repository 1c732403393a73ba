# shellcheck shell=bash disable=SC2154
# Every call to Plaza itself, in one place, by the command line that people use.

ready() { curl -fsS --max-time 5 "$server/readyz" >/dev/null 2>&1; }

start_plazad() {
  if current plazad "$plazad" && ready; then
    note "plazad runs"
    return
  fi
  halt plazad
  launch plazad "$plazad" run --dir "$dir/plazad" --listen "127.0.0.1:$port" --bus-listen "127.0.0.1:$bus_port" --node local
  await 60 "plazad" ready_or_dead || lament plazad
  ready || lament plazad
}

ready_or_dead() { ready || ! runs plazad; }

# log_in leaves a session of the administrator where the command line finds it, unless the last one still holds.
log_in() {
  mkdir -p "$(dirname "$PLAZA_CONFIG")"
  "$plaza" whoami >/dev/null 2>&1 && return
  [[ -e $password_file ]] || die "$password_file is missing" "log in yourself: PLAZA_CONFIG=$PLAZA_CONFIG bin/plaza login --server $server --user admin"
  "$plaza" login --server "$server" --user admin --password-file "$password_file" >/dev/null
  changed "logged in"
}

enrol() {
  [[ -e $dir/agent/identity.json ]] && return
  "$plaza" host enrol-token --site local -o json | jq -re .token |
    "$agent" enrol --server "$server" --token-file - --dir "$dir/agent" --name "$(hostname)"
  changed "enrolled this machine"
}

start_agent() {
  enrol
  if current agent "$agent"; then
    note "the agent runs"
  else
    halt agent
    launch agent "$agent" run --dir "$dir/agent" --run-dir "$run_dir" --libvirt "$(libvirt_uri)"
  fi
  await 60 "the host to report" host_alive || lament agent
}

host_alive() { runs agent && "$plaza" host list -o json | jq -e 'any(.[]; .status.alive and .status.libvirtUp)' >/dev/null; }

# apply KIND NAME SPEC makes an object or leaves it as it is; it counts when it was made.
apply() {
  local kind=$1 name=$2 spec=$3
  "$plaza" "$kind" get "$name" >/dev/null 2>&1 && return
  "$plaza" "$kind" create "$name" --spec "$spec" --wait >/dev/null
  changed "made $kind $name"
}

# seed keeps what it says of the accounts it makes: their passwords are told this once.
seed() {
  local told
  told=$("$plazad" seed --dir "$dir/plazad" -o json)
  if jq -e .changed <<<"$told" >/dev/null; then
    (umask 077 && jq .accounts <<<"$told" >"$dir/plazad/seeded-accounts.json")
    changed "seeded the group freshfoods"
  fi
  apply flavor r1.small '{"vcpus":1,"memoryMiB":512,"diskGiB":2}'
  apply flavor r1.medium '{"vcpus":2,"memoryMiB":1024,"diskGiB":10}'
  apply flavor r1.large '{"vcpus":4,"memoryMiB":4096,"diskGiB":40}'
  seed_image plaza-appliance
  if [[ -e $images/debian-12.json ]]; then seed_image debian-12; fi
}

# seed_image registers an image by the manifest that its build wrote. An image never changes under its servers: a new
# build is a new image, whose name ends with its version.
seed_image() {
  apply image "$(image_name "$1")" "$(jq -c --arg dir "file://$images/" '
    def file(n; s): {url: ($dir + n), sha256: s, bytes: 0};
    {format, arch, cmdline, minDiskGiB, minMemoryMiB: .minRamMiB,
     disk: file(.disk; .sha256.disk), kernel: file(.kernel; .sha256.kernel), initrd: file(.initrd; .sha256.initrd)}' "$images/$1.json")"
}

image_name() { printf '%s-%s' "$1" "$(jq -r .version "$images/$1.json")"; }

# deploy applies the bundle, which changes nothing when everything is as the blueprint says.
deploy() {
  local before after
  before=$(generation)
  "$plaza" bundle apply "$bundle_name" --size "$bundle_size" --project "$project" \
    --param image="$(image_name plaza-appliance)" --param entryListen="127.0.0.1:$shop_port" --yes --timeout 15m
  after=$(generation)
  [[ $before == "$after" ]] || changed "applied bundle $bundle_name"
}

generation() { "$plaza" bundle get "$bundle_name" --project "$project" -o json 2>/dev/null | jq -r .generation || true; }

bundle_json() { "$plaza" bundle get "$bundle_name" --project "$project" -o json; }
entry() { bundle_json | jq -re .status.outputs.entry; }
servers_json() { "$plaza" server list --all -o json; }
destroy_bundle() { "$plaza" bundle destroy "$bundle_name" --project "$project" --wait --yes; }
verify_paths() { "$plaza" dpath verify --bundle "$bundle_name" --project "$project" --timeout 30m -o json "$@"; }
