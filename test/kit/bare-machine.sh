#!/usr/bin/env bash
# A machine without xenlab, for an exported script: own mounts, processes and network, no node in PATH, and nothing on its
# disk but the script, which comes as standard input. Says afterwards what is left there that was not there before.
#
#   unshare -mnpf --mount-proc bash bare-machine.sh REPOSITORY WHAT OPTION...
#
# WHAT is "run"; or a signal and the moment in tenths of a second at which it comes: "TERM 12"; or "scenario TERM", which is when
# the first ping has begun. CHILD instead of a signal kills what the script has started and waits for.
set -u
repository=$1 what=$2
shift 2

for place in /tmp /var/tmp /run /mnt "$repository"; do mount -t tmpfs tmpfs "$place"; done
mkdir /mnt/bin /mnt/own
for folder in /usr/sbin /usr/bin /sbin /bin; do ln -sf -t /mnt/bin "$folder"/*; done
rm -f /mnt/bin/{node,nodejs,npm,npx,corepack,xenlab}
cat > /mnt/own/lab.sh
cd /mnt/own || exit 9

# /run/netns is what iproute2 makes for its first namespace, and keeps.
seen() {
  find /tmp /var/tmp /run /mnt/own /etc/netns "$repository" 2> /dev/null | grep -vx /run/netns
  ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/link \1/'
}
running() {
  for each in /proc/[0-9]*; do
    [[ ${each#/proc/} == "$$" || ${each#/proc/} == "$BASHPID" ]] || { tr '\0' ' ' < "$each/cmdline"; } 2> /dev/null
  done
}

before=$(seen | sort)
# Job control: without it what runs in the background is deaf to SIGINT.
set -m
env -i PATH=/mnt/bin LC_ALL=C bash lab.sh "$@" < /dev/null > /mnt/said 2>&1 &
script=$!
set +m
case $what in
  run) ;;
  *)
    if [[ $what == scenario* ]]; then
      until grep -q 'on .* ping ' /mnt/said || ! kill -0 "$script" 2> /dev/null; do sleep 0.1; done
      signal=${what#scenario }
    else
      read -r signal moment <<< "$what"
      sleep "$((moment / 10)).$((moment % 10))"
    fi
    if [[ $signal == CHILD ]]; then
      # A step is short: until one is caught that dies of it.
      while kill -0 "$script" 2> /dev/null; do
        steps=$(ps -o pid=,comm= --ppid "$script" | awk '$2 !~ /^bash/ { print $1 }')
        # shellcheck disable=SC2086 # a word each
        if [[ -n $steps ]] && kill -KILL $steps 2> /dev/null; then sleep 0.5; else sleep 0.02; fi
      done
    else
      kill "-$signal" "$script"
    fi
    ;;
esac
wait "$script" 2> /dev/null
status=$?
# The guard of a script that was killed looks twice a second.
for ((i = 0; i < 100; i++)); do
  left=$(diff <(echo "$before") <(seen | sort) | sed -n 's/^> /left: /p')
  left+=$(running)
  [[ -n $left ]] || break
  sleep 0.1
done
cat /mnt/said
echo "node: $(PATH=/mnt/bin command -v node || echo none)"
echo "$left"
echo "status: $status"
