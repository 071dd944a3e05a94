/**
 * The exported script of every shipped topology on a machine without xenlab (test/kit/bare-machine.sh): it builds its lab, and
 * nothing is left of it, neither then nor when it, or a step of it, is killed half-way.
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { EXPORTS } from "../../../src/lab/index.ts";
import { planOfFile, shipped } from "../../kit/lab.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";

const TOOLS = [
  "ip",
  "brctl",
  "socat",
  "ping",
  "setsid",
  "setpriv",
  "unshare",
  "dnsmasq",
  "udhcpc",
  "iptables",
  "ethtool",
];
const canRun = TOOLS.every(requireTool) && canMakeNamespaces();
const REPOSITORY = resolve(import.meta.dirname, "../../..");
const MACHINE = resolve(import.meta.dirname, "../../kit/bare-machine.sh");

const netns = EXPORTS.find(({ name }) => name === "netns")!;
const topologies = readdirSync(shipped("")).filter((file) => file.endsWith(".yaml"));

interface Outcome {
  readonly said: string;
  readonly node: string;
  /** Files, devices, mounts and processes. */
  readonly left: string;
  readonly status: number;
}

function onBareMachine(topology: string, what: string, ...options: string[]): Promise<Outcome> {
  const child = spawn("unshare", ["-mnpf", "--mount-proc", "bash", MACHINE, REPOSITORY, what, ...options]);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stdin.end(netns.print(planOfFile(topology)));
  return new Promise((settle, refuse) => {
    child.on("error", refuse);
    child.on("close", () => {
      const [, said, node, left, status] = /^([\s\S]*)^node: (.*)\n([\s\S]*)^status: (\d+)$/m.exec(text) ?? [];
      if (status === undefined) refuse(new Error(text));
      else settle({ said: said!, node: node!, left: left!.trim(), status: Number(status) });
    });
  });
}

/** How it is ended, with the exit code that its caller sees. A killed step ends the script as any step that fails. */
const ENDS = [
  ["TERM", 143],
  ["INT", 130],
  ["KILL", 137],
  ["CHILD", 137],
] as const;

/**
 * Tenths of a second, so that the topologies are met at different steps. A killed step ends a set-up, and not a scenario: there it
 * is met early.
 */
const momentOf = (index: number, signal: string): number => 4 + ((index * 11) % (signal === "CHILD" ? 5 : 37));

describe.skipIf(!canRun).concurrent("on a machine without xenlab", { timeout: 400_000 }, () => {
  it.each(topologies)("%s builds its lab, and leaves nothing behind", async (topology) => {
    const { said, node, left, status } = await onBareMachine(topology, "run");
    expect(node).toBe("none");
    expect(status, said).toBe(0);
    expect(left).toBe("");
  });

  const ends = topologies.map((topology, i) => [topology, ...ENDS[i % ENDS.length]!] as const);

  it.each(ends.map(([topology, signal, code], i) => [topology, momentOf(i, signal), signal, code] as const))(
    "%s leaves nothing behind when after %i tenths of a second comes %s",
    async (topology, moment, signal, code) => {
      const { said, left, status } = await onBareMachine(topology, `${signal} ${moment}`, "--check");
      expect(status, said).toBe(code);
      expect(left).toBe("");
    },
  );

  // It waits for a minute after its first line.
  it.each(ENDS)("bridge-busy.yaml leaves nothing behind when %s comes in its scenario", async (signal, code) => {
    const { said, left, status } = await onBareMachine("bridge-busy.yaml", `scenario ${signal}`, "--check");
    expect(said).toContain("ping -q -f -c 2000");
    expect(status, said).toBe(code);
    expect(left).toBe("");
  });
});
