# shellcheck shell=bash
# How the scripts speak: every long step says what it does and how long it took, and every change is counted.

bold='' dim='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' plain=$'\e[0m'; fi

# Names of what this run changed.
changes=()

say() { printf '%s\n' "$*"; }
note() { printf '   %s%s%s\n' "$dim" "$*" "$plain"; }

# die SENTENCE [HINT]
die() {
  printf '%s%s%s\n' "$red" "$1" "$plain" >&2
  [[ -z ${2:-} ]] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

changed() { changes+=("$1"); }

now() { printf '%s' "$EPOCHREALTIME"; }

# since MOMENT prints the seconds that have passed.
since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}'; }

# step TEXT COMMAND... runs a step in this shell and says how long it took.
step() {
  local text=$1 began
  began=$(now)
  shift
  printf '%s==>%s %s\n' "$bold" "$plain" "$text"
  "$@"
  note "$text: $(since "$began") s"
}

# await SECONDS TEXT COMMAND... repeats a command until it succeeds, and tells what is waited for now and then.
await() {
  local limit=$1 text=$2 began=$SECONDS told=$SECONDS
  shift 2
  until "$@"; do
    ((SECONDS - began < limit)) || return 1
    if ((SECONDS - told >= 15)); then
      note "still waiting for $text ($((SECONDS - began)) s)"
      told=$SECONDS
    fi
    sleep 0.2
  done
}
