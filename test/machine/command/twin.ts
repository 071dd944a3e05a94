/**
 * One box twice: an emulated machine and a real network namespace, for running the same command lines in both.
 * A real box is thrown away by `close`; IPv6 is off in it, because the emulated one has none.
 */
import { spawnSync } from "node:child_process";
import { Loopback } from "../../../src/device/loopback.ts";
import { type Nanos, seconds } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { newMachine, runFor, started } from "../on-machine.ts";

export interface Said {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

export interface Box {
  /** Words between blanks; no shell. */
  run(line: string): Said;
  close(): void;
}

export class EmulatedBox implements Box {
  readonly machine: Machine;

  constructor(machine: Machine = withLoopback()) {
    this.machine = machine;
  }

  run(line: string): Said {
    const { out, err, code } = started(this.machine, ...line.split(" "));
    return { out, err, code };
  }

  wait(time: Nanos = seconds(1)): void {
    runFor(this.machine, time);
  }

  close(): void {}
}

export function withLoopback(cpus = 1): Machine {
  const machine = newMachine(cpus);
  machine.table.register(new Loopback(machine.table));
  return machine;
}

let made = 0;

export class RealBox implements Box {
  private readonly name = `xenlab-${process.pid}-${made++}`;

  constructor() {
    host("netns", "add", this.name);
    this.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
    // Proxy entries without a device outlive their namespace in the kernel, and turn up in the next one that lies where it lay.
    this.run("ip neigh flush proxy");
  }

  run(line: string): Said {
    const { stdout, stderr, status } = spawnSync("ip", ["netns", "exec", this.name, ...line.split(" ")], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C", COLORFGBG: "" },
      timeout: 20_000,
    });
    return { out: stdout, err: stderr, code: status };
  }

  close(): void {
    host("netns", "del", this.name);
  }
}

function host(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}

/** Real namespaces need root. */
export const mayMakeNamespaces = (): boolean => process.getuid?.() === 0;

/** Newer kernels than 6.1 give some refusals a sentence. */
const LATER_SENTENCES: readonly (readonly [later: string, then: string])[] = [
  ["Error: ipv4: Address already assigned.", "RTNETLINK answers: File exists"],
  ["Error: ipv4: Address not found.", "RTNETLINK answers: Cannot assign requested address"],
  ["Error: ipv4: Invalid scope value.", "RTNETLINK answers: Invalid argument"],
];

/** What both worlds may differ in: addresses by chance, and what the test's own kernel has that 6.1 had not. */
export function comparable(text: string): string {
  const macs = text.replace(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, (mac) => (isKnown(mac) ? mac : "MAC"));
  const ids = macs.replace(/8000\.([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}|8000\.MAC/g, "8000.MAC");
  return LATER_SENTENCES.reduce((each, [later, then]) => each.replaceAll(later, then), ids);
}

/** Those that a test itself gave. */
const isKnown = (mac: string): boolean => /^(00:16:3e|ff:ff:ff|00:00:00|fe:ff:ff|02:00:00)/.test(mac);
