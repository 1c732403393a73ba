# shellcheck shell=bash disable=SC2154
# Processes in the background, known by pid and start time, so that a number used again is never taken for ours.

pid_file() { printf '%s/%s.pid' "$dir" "$1"; }

# birth PID prints when a process was started, in ticks since boot.
birth() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# pid_of NAME prints the pid when that process runs.
pid_of() {
  local pid born
  read -r pid born _ 2>/dev/null <"$(pid_file "$1")" || return 1
  [[ -n $born && $(birth "$pid") == "$born" ]] && printf '%s' "$pid"
}

runs() { pid_of "$1" >/dev/null; }

# current NAME PROGRAM tells whether the process runs the program as it is now.
current() {
  local sum
  read -r _ _ sum 2>/dev/null <"$(pid_file "$1")" || return 1
  runs "$1" && [[ $sum == "$(sum_of "$2")" ]]
}

sum_of() { sha256sum "$1" | cut -c1-16; }

# launch NAME PROGRAM ARGUMENT... starts a program that outlives this shell, with a bare environment.
launch() {
  local name=$1 program=$2 pid
  shift 2
  env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 setsid "$program" "$@" >>"$log_dir/$name.log" 2>&1 </dev/null &
  pid=$!
  disown "$pid"
  printf '%s %s %s\n' "$pid" "$(birth "$pid")" "$(sum_of "$program")" >"$(pid_file "$name")"
  changed "started $name"
}

# halt NAME [SECONDS] asks a process to end, and kills it when it does not.
halt() {
  local name=$1 limit=${2:-20} pid
  if pid=$(pid_of "$name"); then
    kill -TERM "$pid"
    if ! await "$limit" "$name to end" ended "$name"; then
      note "$name did not end in $limit s and is killed"
      kill -KILL "$pid" 2>/dev/null || true
    fi
    changed "stopped $name"
  fi
  rm -f "$(pid_file "$name")"
}

ended() { ! runs "$1"; }

# lament NAME shows the end of a log and gives up.
lament() {
  tail -n 15 "$log_dir/$1.log" >&2 || true
  die "$1 did not come up; the end of $log_dir/$1.log is above" "${2:-}"
}
