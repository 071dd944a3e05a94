// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * The part of an exported script that is the same for every lab, in bash 5: options, the sweep that leaves nothing behind,
 * and the few verbs that the rest is written in.
 */
import { GUARDED_KILL, STOP } from "./kill.ts";
import { STUBS } from "./tools.ts";

/** Options and the sweep. A killed script is swept up after by a guard of its own, in a session of its own. */
export const BEGIN = String.raw`
prefix=\${XENLAB_PREFIX:-xl$$}
state=/var/tmp/$prefix.lab
keep=no check=no play=no down=no shaped=no guard='' failed=0

usage() {
  cat << END
Usage: bash $0 [--check] [--play] [--shape] [--keep]
       XENLAB_PREFIX=NAME bash $0 --down

Builds the lab in network namespaces of this kernel and takes it down again. Needs root, or: unshare -Urnm bash $0

  --play   when all is up, run the topology's scenario at its times
  --check  the same, then the topology's checks; the exit code is 1 when one fails
  --shape  impose rates, delays and losses of cables and vifs, by tc (netem, tbf), where this kernel has them
  --keep   leave everything standing
  --down   take down what --keep has left
  --help   this text

XENLAB_PREFIX is what the names of all namespaces begin with; unless set it is xl and the number of the process.
END
}

for option; do
  case $option in
    --keep) keep=yes ;;
    --check) check=yes play=yes ;;
    --play) play=yes ;;
    --shape) shaped=yes ;;
    --down) down=yes ;;
    -h | --help) usage && exit 0 ;;
    *) echo "$0: unknown option $option" >&2 && usage >&2 && exit 2 ;;
  esac
done

say() { echo "$prefix: $*" >&2; }

# Namespaces of this run, by their names.
spaces() { ip netns list 2> /dev/null | awk -v start="$prefix-" 'index($1, start) == 1 { print $1 }'; }

# Takes away all that was made: what runs in the namespaces, the namespaces with every device in them, the files. A step of
# this may be killed too: whatever is still there is taken away once more.
sweep() {
  local space pids
  for _ in 1 2 3 4 5; do
    for space in $(spaces); do
      pids=$(ip netns pids "$space" 2> /dev/null) || true
      [[ -z $pids ]] || xargs kill -KILL <<< "$pids" 2> /dev/null || true
      ip netns del "$space" 2> /dev/null || true
    done
    rm -rf -- "$state" || true
    [[ -n $(spaces) || -e $state ]] || break
  done
}

# Waits for a script that dies without a word, by kill -9, and sweeps up after it.
watch_over() {
  trap '' INT HUP
  while kill -0 "$1" 2> /dev/null; do sleep 0.5; done
  sweep
}

finish() {
  local status=$?
  trap '' INT TERM HUP
  trap - EXIT
  [[ -z $guard ]] || kill -KILL -- "-$guard" 2> /dev/null || true
  if [[ $keep == yes && $status == 0 ]]; then hint; else sweep; fi
  exit "$status"
}

hint() {
  cat << END
The lab is up. A shell on one of its machines:  ip netns exec $prefix-MACHINE bash
Its machines: $(spaces | sed "s/^$prefix-//" | sort | tr '\n' ' ')
To take it down:  XENLAB_PREFIX=$prefix bash $0 --down
END
}

# need TOOL:PACKAGE...: says which are missing, all at once.
need() {
  local each missing=()
  for each; do
    command -v "\${each%%:*}" > /dev/null || missing+=("\${each%%:*} (of the package \${each#*:})")
  done
  if ((\${#missing[@]} > 0)); then
    for each in "\${missing[@]}"; do echo "$0: needs $each" >&2; done
    exit 3
  fi
}
`.replaceAll("\\$", "$");

/** After the tools are known to be there. */
export const START = String.raw`
((BASH_VERSINFO[0] >= 5)) || { echo "$0: needs bash 5" >&2 && exit 3; }
((EUID == 0)) || { echo "$0: needs root, or: unshare -Urnm bash $0 $*" >&2 && exit 3; }

# In a user namespace /run belongs to somebody else: a /run of our own, that goes with the mount namespace.
if [[ $(awk '{ print $3 }' /proc/self/uid_map) != 4294967295 ]]; then mount -t tmpfs tmpfs /run; fi

if [[ $down == yes ]]; then
  [[ -n $(spaces) || -d $state ]] || { echo "$0: there is no lab with the prefix $prefix" >&2 && exit 1; }
  sweep
  exit 0
fi

[[ -z $(spaces) ]] || { echo "$0: there are namespaces that begin with $prefix-: choose another XENLAB_PREFIX" >&2 && exit 3; }
mkdir -m 755 -- "$state" || exit 3

trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'tell_failure "$LINENO" "\${BASH_LINENO[@]}"' ERR

# tell_failure LINE...: which line of this script ends it, whatever function the command that failed is in.
tell_failure() {
  local each line=0
  [[ $BASHPID == "$$" ]] || return 0
  for each; do if ((each > 0)); then line=$each; fi; done
  say "line $line of $0 failed: $(sed -n "s/^ *//; \${line}p" "$0")"
}

setsid bash -c "$(declare -f spaces sweep watch_over); prefix=$(printf %q "$prefix") state=$(printf %q "$state"); watch_over $$" \
  < /dev/null > /dev/null 2>&1 &
guard=$!
disown "$guard"

mkdir -- "$state/bin"
# A command runs among the files that are its machine's own; they lie over the real ones for as long as it runs.
cat > "$state/enter" << 'END'
#!/usr/bin/env bash
root=$1
shift
lay() { if [[ -e $1 && -e $2 ]]; then mount --bind "$1" "$2"; fi; }
lay "$root/etc/hosts" /etc/hosts
lay "$root/etc/resolv.conf" "$(readlink -f /etc/resolv.conf)"
lay "$root/run" /run
lay "$root/var/lib" /var/lib
lay "$root/tmp" /tmp
# The lab has no IPv6: nobody asks for such addresses (glibc 2.36).
export RES_OPTIONS=no-aaaa PATH=\${root%/machines/*}/bin:$PATH
# Other machines' processes, and those of nobody's, have numbers here too.
${GUARDED_KILL}
exec "$@"
END
printf '#!/usr/bin/env bash\nkill "$@"\n' > "$state/bin/kill"
chmod +x "$state/enter" "$state/bin/kill"

# machine NAME: a namespace with what a freshly booted kernel has, and without what it says unasked.
machine() {
  ip netns add "$prefix-$1"
  mkdir -p -- "$state/machines/$1"/{etc,run,tmp,var/lib/misc}
  : > "$state/machines/$1/etc/resolv.conf"
  # IPv6 speaks unasked, and the lab has none; rp_filter may have been set for new namespaces by the distribution.
  ip netns exec "$prefix-$1" sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  # Where br_netfilter is loaded on this kernel, iptables sees bridged packets in every namespace: not yet in this one.
  if [[ -e /proc/sys/net/bridge ]]; then bridged_packets "$1" 0; fi
}

# bridged_packets NAME 0|1: whether iptables, ip6tables and arptables of that machine see what its bridges pass on.
bridged_packets() {
  if [[ ! -e /proc/sys/net/bridge ]]; then
    say "this kernel has no br_netfilter loaded (modprobe br_netfilter): rules with -m physdev meet no packets"
    return 0
  fi
  ip netns exec "$prefix-$1" sysctl -q -w net.bridge.bridge-nf-call-iptables="$2" \
    net.bridge.bridge-nf-call-ip6tables="$2" net.bridge.bridge-nf-call-arptables="$2" \
    || say "br_netfilter's sysctls cannot be set in a namespace of this kernel (Linux before 5.3)"
}

# on MACHINE COMMAND...: runs it there.
on() {
  local machine=$1
  shift
  ip netns exec "$prefix-$machine" "$state/enter" "$state/machines/$machine" "$@"
}

${STOP.trim()}

# fails COMMAND...: it failed in the emulator too, and whoever called it there did not mind.
fails() { if "$@" 2> /dev/null; then say "did not fail as expected: $*"; fi; }

# pair MACHINE DEVICE MAC MACHINE DEVICE MAC: the two ends of a veth; "-" is a MAC address of the kernel's choice.
pair() {
  local near=() far=()
  [[ $3 == - ]] || near=(address "$3")
  [[ $6 == - ]] || far=(address "$6")
  ip -n "$prefix-$1" link add name "$2" "\${near[@]}" type veth peer name "$5" "\${far[@]}" netns "$prefix-$4"
}

# switch NAME AGEING: a switch of the outside, in a namespace of its own; one that forgets at once is a hub.
switch() {
  machine "$1"
  ip -n "$prefix-$1" link add name switch type bridge stp_state 0 forward_delay 0 mcast_snooping 0 ageing_time "$2"
  ip -n "$prefix-$1" link set switch up
}

# plug SWITCH PORT MACHINE NIC MAC: a cable from the NIC to a port.
plug() {
  pair "$3" "$4" "$5" "$1" "$2" -
  ip -n "$prefix-$1" link set "$2" master switch up
}

# shape MACHINE DEVICE QDISC...: what a cable, or netback's credit, does to what leaves by that device.
shape() {
  [[ $shaped == yes ]] || return 0
  local machine=$1 device=$2
  shift 2
  tc -n "$prefix-$machine" qdisc add dev "$device" root "$@" 2> /dev/null \
    || say "this kernel does not do it ($machine goes unshaped): tc qdisc add dev $device root $*"
}

# apart MACHINE VIF MAC GUEST DEVICE MAC: a vif and its guest's device with a hub between them, because one of the two is
# down while the other is up: netback and netfront keep their carrier, and the other end of a plain veth would lose it.
apart() {
  switch "switch-$4-$5" 0
  plug "switch-$4-$5" vif "$1" "$2" "$3"
  plug "switch-$4-$5" guest "$4" "$5" "$6"
}
`.replaceAll("\\$", "$");

/** A stub says what it stands for and does nothing. */
export const STUB_FILES = [
  "# Stubs: commands of a toolstack that has no twin here. They say so and do nothing.",
  `for stub in ${STUBS.join(" ")} libvirt_leaseshelper; do`,
  "  cat > \"$state/bin/$stub\" << 'END'",
  "#!/bin/sh",
  '[ "${XENLAB_STUBS:-quiet}" = quiet ] || echo "stub: ${0##*/} $*" >&2',
  "END",
  '  chmod +x "$state/bin/$stub"',
  "done",
].join("\n");
