// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * What of `kill` may stand in a script: a number that the emulator gave to a process is somebody else's here, for namespaces
 * of the network share the pids of this machine. Such a line is left out by name; any other `kill` of a machine reaches only
 * what runs on that machine.
 */

/** Why a line is not played; null: it may be. */
export const leftOut = (line: string): string | null =>
  line.split(/[;&|(){}`\n]/).some(killsNumber)
    ? "that number is of an emulated process, and here of somebody else"
    : null;

/** The signal comes first, and may be a number too: `kill -9 458`, `kill -s 9 %1`, `kill -- -458`. */
function killsNumber(command: string): boolean {
  const words = command
    .replaceAll(/['"\\]/g, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  const at = words.findIndex((word) => /^(.*\/)?kill$/.test(word));
  if (at === -1) return false;
  const operands = words.slice(at + 1);
  if (/^-[sn]$/.test(operands[0] ?? "")) operands.splice(0, 2);
  else if (operands[0]?.startsWith("-") === true) operands.shift();
  return operands.some((word) => /^-?\d+$/.test(word));
}

/** For whoever runs on a machine: bash's own `kill`, but for a process that is not in this namespace. */
export const GUARDED_KILL = String.raw`
kill() {
  local each words=("$@")
  case \${1-} in
    -l | -L) builtin kill "$@"; return ;;
    -s | -n) shift 2 || shift ;;
    --) ;;
    -*) shift ;;
  esac
  if [[ \${1-} == -- ]]; then shift; fi
  for each; do
    [[ $each == %* ]] && continue
    [[ $each =~ ^[0-9]+$ && $(readlink "/proc/$each/ns/net") == "$(readlink /proc/self/ns/net)" ]] && continue
    echo "kill: ($each) - no process of this machine" >&2
    return 1
  done
  builtin kill "\${words[@]}"
}
export -f kill
`
  .replaceAll("\\$", "$")
  .trim();

/** In the script itself: ends what a pid file of a machine names, if it runs on that machine. */
export const STOP = `
# stop MACHINE PIDFILE: ends the process of that machine whose number stands in a file of its own.
stop() {
  local pid
  pid=$(cat -- "$state/machines/$1$2" 2> /dev/null) || pid=none
  if ip netns pids "$prefix-$1" | grep -qx -- "$pid"; then
    kill "$pid"
  else
    say "nothing to stop on $1: $2 names none of its processes"
  fi
}
`;
