/**
 * A host with sockets of every kind that there is, twice: emulated and as a network namespace of the real kernel. It is
 * the first of three in a row, so that whoever is asked answers, and nothing waits in a send buffer.
 */
import { spawnSync } from "node:child_process";
import { seconds } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { NetNamespace, RealOutcome } from "../../kit/netns.ts";
import { runFor, typed } from "../on-machine.ts";
import { type Chain, emulatedChain, realChain, removeChain } from "./chain-lab.ts";

/** Seconds: longer than any comparison takes. */
const LIFE = 300;

const PROGRAMS = [
  "nc -nkul 5001",
  "nc -nul -s 127.0.0.1 -p 514",
  "nc -nu -p 5003 127.0.0.1 5001",
  "nc -nu -p 40000 -s 10.0.0.1 10.0.0.2 5009",
  "ping -4 -i 60 127.0.0.1",
  "ping -4 -i 60 -I 10.0.0.1 10.1.0.2",
  "arping -I a0 10.0.0.2",
  "tcpdump -ni a0 -w /dev/null",
  "dnsmasq -C /dev/null -k -p 53 --interface=a0 --bind-interfaces --except-interface=lo --dhcp-range=10.0.0.10,10.0.0.20 -u root -g root -l /dev/null --pid-file=",
];
/** Whoever enters a namespace with ip has mounts of his own: only the files know names, and control groups are in sight. */
const SWITCH = "/tmp/xenlab-nsswitch";
const FILES_ONLY = [
  `printf 'hosts: files\\nnetworks: files\\nservices: files\\nprotocols: files\\npasswd: files\\n' > ${SWITCH}`,
  `mount --bind ${SWITCH} /etc/nsswitch.conf`,
  "mount -t cgroup2 cgroup2 /sys/fs/cgroup 2> /dev/null; ",
].join("; ");

export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

export class SocketLab {
  private readonly ours: Chain<Machine> = emulatedChain();
  private readonly theirs: Chain<NetNamespace> = realChain();

  /** `more`: what else is done to both. */
  constructor(more: readonly string[] = []) {
    for (const line of more) typed(this.ours.here, line);
    this.theirs.here.prepare(...more);
    for (const program of PROGRAMS) {
      this.ours.here.spawn(program.split(" "));
      this.theirs.here.prepare(`(sleep ${LIFE} | timeout ${LIFE} ${program}) > /dev/null 2>&1 &`);
    }
    runFor(this.ours.here, seconds(1));
    this.theirs.here.prepare("sleep 1");
  }

  here(line: string): Outcome {
    const { out, err, code } = typed(this.ours.here, line);
    return { out, err, code };
  }

  there(line: string): RealOutcome {
    return this.theirs.here.run(FILES_ONLY + line);
  }

  close(): void {
    const { stdout } = spawnSync("ip", ["netns", "pids", this.theirs.here.name], { encoding: "utf8" });
    // Some end while others are asked to.
    spawnSync(
      "kill",
      stdout.split("\n").filter((each) => each !== ""),
    );
    removeChain(this.theirs);
  }
}

/**
 * What chance gives is left out: numbers of processes and inodes, cookies, and in which order the buckets of a table come.
 * What stands under a socket stays with it.
 */
export function settled(text: string): readonly string[] {
  const plain = text
    .replace(/\b(pid|tid)=\d+/g, "$1=N")
    .replace(/ino:\d+/g, "ino:N")
    .replace(/sk:[0-9a-f]+/g, "sk:N")
    .replace(/\b\d{2,}\/([a-z]+) +$/gm, "PID/$1")
    .replace(/[^\S\n]+$/gm, "");
  return plain.replace(/\n\t/g, "\\").split("\n").sort();
}
