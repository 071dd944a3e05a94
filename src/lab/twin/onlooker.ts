// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * What is added to an exported script so that its run can be compared: a tcpdump on every interface from the moment it is
 * up, and the looks at every machine. Everything goes into the folder $XENLAB_TWIN.
 */
import type { Nanos } from "../../engine/time.ts";
import { netnsScript, type Onlooker } from "../export/netns/netns.ts";
import { AFTERWARDS, LOOKS, REACHABLE_TIME } from "./looks.ts";
import type { Staging } from "./staging.ts";

const FUNCTIONS = String.raw`
### The onlooker
need tcpdump:tcpdump flock:util-linux bridge:iproute2 iptables-save:iptables
watch=$XENLAB_TWIN
machines=()

# watch_machine MACHINE: a tcpdump on every interface that is up and has none yet, or none any more since it was renamed.
watch_machine() {
  exec 9> "$watch/lock"
  flock 9
  while read -r index name; do
    name=\${name%%[@:]*}
    local mine=$watch/$1.$index
    [[ $name == lo ]] && continue
    if [[ -e $mine.pid ]] && kill -0 "$(< "$mine.pid")" 2> /dev/null; then continue; fi
    local file
    file=$mine.$(date +%s%N)
    ip netns exec "$prefix-$1" tcpdump -U --immediate-mode -p -n -Z root --time-stamp-precision=nano \
      -i "$name" -w "$file.pcap" < /dev/null > /dev/null 2> "$file.log" 9>&- &
    echo $! > "$mine.pid"
    until grep -q 'listening on' "$file.log"; do
      kill -0 "$(< "$mine.pid")" 2> /dev/null || break
      sleep 0.01
    done
    if grep -q "Couldn't change to" "$file.log"; then
      echo "$0: tcpdump gives up its privileges, which a user namespace with one user does not let it; run this as root" >&2
      exit 3
    fi
    # The device was renamed or has gone meanwhile: the next look finds what is there then.
    if grep -q 'listening on' "$file.log"; then echo "$1:$name" > "$file.point"; else rm -f "$mine.pid"; fi
  done < <(ip netns exec "$prefix-$1" bash -c '
    for each in /proc/sys/net/ipv4/neigh/*/base_reachable_time_ms; do echo REACHABLE > "$each"; done
    for each in /proc/sys/net/ipv4/neigh/*/proxy_delay; do echo 0 > "$each"; done
    for each in /sys/class/net/*/bridge/multicast_snooping; do if [[ -e $each ]]; then echo 0 > "$each"; fi; done
    ip -o link show up' | sed 's/^\([0-9]*\): /\1 /')
  exec 9>&-
}

eval "$(declare -f on | sed '1s/^on/plain_on/')"
on() {
  local status=0
  plain_on "$@" || status=$?
  if [[ $busy == no || $BASHPID == $$ ]]; then watch_machine "$1"; fi
  return "$status"
}
eval "$(declare -f machine | sed '1s/^machine/plain_machine/')"
machine() {
  plain_machine "$1"
  case $1 in switch-*) ;; *) machines+=("$1") ;; esac
}
eval "$(declare -f pair | sed '1s/^pair/plain_pair/')"
pair() {
  youngest=$(date +%s%3N)
  plain_pair "$@"
}
busy=no

# look WHEN: what every machine says of itself.
look() {
  local machine
  for machine in "\${machines[@]}"; do
    mkdir -p -- "$watch/$1/$machine"
    ip netns exec "$prefix-$machine" bash -c 'cd "$1"; LOOKS' look "$watch/$1/$machine"
  done
}
`.replaceAll("\\$", "$");

/** When each line and each check began, by the lab's clock: the emulator is given the same times. */
const NOTES = `
eval "$(declare -f at | sed '1s/^at/plain_at/')"
at() {
  until_then "$1"
  echo "$(($(now) - began))" >> "$watch/lines"
  plain_at "$@"
}
eval "$(declare -f judge | sed '1s/^judge/plain_judge/')"
judge() {
  echo "$(($(now) - began))" >> "$watch/checks"
  plain_judge "$@"
}
unjudged() { echo - >> "$watch/checks"; }
: > "$watch/lines"
: > "$watch/checks"
`;

const LOOK_LINES = LOOKS.map(({ run }, i) => `${run} > ${i} 2> /dev/null || true`).join("; ");

const onlooker = (rest: Nanos): Onlooker => ({
  functions: FUNCTIONS.replace("REACHABLE", String(REACHABLE_TIME)).replace("LOOKS", LOOK_LINES),
  rest,
  setUpDone: [
    "",
    'for name in "${machines[@]}"; do watch_machine "$name"; done',
    ...(rest > 0 ? pass(rest / 1e9) : []),
    "look 0",
    'echo "$(($(date +%s%3N) - youngest))" > "$watch/age"',
    'date +%s%N > "$watch/done"',
    "busy=yes",
  ].join("\n"),
  clock: NOTES,
  end: [
    "",
    ...pass(AFTERWARDS),
    "look 1",
    'cat "$watch"/*.pid | xargs kill -INT 2> /dev/null || true',
    "sleep 0.5",
  ].join("\n"),
});

/** A signal ends such a wait at once. */
const pass = (time: number): string[] => [`sleep ${time} &`, "wait $!"];

export const twinScript = ({ plan, rest }: Staging): string => netnsScript(plan, onlooker(rest));
