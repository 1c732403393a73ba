# shellcheck shell=bash disable=SC2154
# How the scripts of the lab speak: a line for each step, with the seconds since the start.

begun=$SECONDS
say() { printf '%4d s  %s\n' $((SECONDS - begun)) "$*"; }

# told reads what ansible-playbook writes, keeps all of it in the log, and tells of each play and of what goes wrong.
told() {
  local line
  while IFS= read -r line; do
    printf '%(%T)T %s\n' -1 "$line" >>"$log"
    case $line in
      'PLAY ['*)
        line=${line#PLAY [}
        say "${line%%]*}"
        ;;
      fatal:* | ERROR*) printf '        %s\n' "$line" ;;
      lab-*ok=*) printf '        %s\n' "$line" ;;
    esac
  done
}
