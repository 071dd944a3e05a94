/** traceroute beside the real one, and what only virtual time can show. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyGraph } from "../../../src/engine/copy.ts";
import { seconds } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, type NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { runFor, typed } from "../on-machine.ts";
import { type Chain, emulatedChain, realChain, removeChain } from "./chain-lab.ts";

judges("traceroute");

const LINES = [
  "traceroute -V",
  "traceroute -h",
  "traceroute --bogus 10.1.0.2",
  "traceroute --queries=1 -n 10.1.0.2",
  "traceroute --que=1 -n 10.1.0.2",
  "traceroute --first= 10.1.0.2",
  "traceroute --max-hops 3 -n 10.1.0.2",
  "traceroute -m x 10.1.0.2",
  "traceroute -mx 10.1.0.2",
  "traceroute -nq1 10.1.0.2",
  "traceroute -nI 10.1.0.2",
  "traceroute -q1 10.1.0.2 -n",
  "traceroute -q=1 -n 10.1.0.2",
  "traceroute -n=3 10.1.0.2",
  "traceroute -q -n 10.1.0.2",
  "traceroute -z",
  "traceroute -n",
  "traceroute -n -- 10.1.0.2",
  "traceroute 10.1.0.2 x",
  "traceroute 10.1.0.2 60 9",
  "traceroute -n 10.1.0.2 70000",
  "traceroute -q 11 10.1.0.2",
  "traceroute -q 0 10.1.0.2",
  "traceroute -q -1 10.1.0.2",
  "traceroute -m 300 10.1.0.2",
  "traceroute -m 0 10.1.0.2",
  "traceroute -f 0 10.1.0.2",
  "traceroute -f 31 10.1.0.2",
  "traceroute -w -1 10.1.0.2",
  "traceroute -w x 10.1.0.2",
  "traceroute -z -1 10.1.0.2",
  "traceroute 10.1.0.2",
  "traceroute -n 10.1.0.2",
  "traceroute -I -n 10.1.0.2",
  "traceroute -U -n -p 9 10.1.0.2",
  "traceroute -n 10.1.0.2 100",
  "traceroute -n 10.1.0.2 20",
  "traceroute -I -n 10.1.0.2 20",
  "traceroute -n -N 1 10.1.0.2",
  "traceroute -n -N 600 10.1.0.2",
  "traceroute -n -q 10 10.1.0.2",
  "traceroute -n -m 1 10.1.0.2",
  "traceroute -n -f 0x2 10.1.0.2",
  "traceroute -n -w 1,2,3 10.1.0.2",
  "traceroute -n -z 0.05 10.1.0.2",
  "traceroute -n -z 20 10.1.0.2",
  "traceroute -n -t 16 10.1.0.2",
  "traceroute -n -i a0 10.1.0.2",
  "traceroute -n -i nosuch 10.1.0.2",
  "traceroute -n -s 10.0.0.1 10.1.0.2",
  "traceroute -n -s 1.2.3.4 10.1.0.2",
  "traceroute -n -I -s 1.2.3.4 10.1.0.2",
  "traceroute -n -w 0.3 -q 2 -m 3 10.1.0.9",
  "traceroute -n 10.0.0.9",
  "traceroute -n -F 10.1.0.2 2000",
  "traceroute -n -I -F 10.1.0.2 2000",
  "traceroute -n -F 10.1.0.2 1500",
  "traceroute -n 10.1.0.2 2000",
  "traceroute 127.0.0.1",
  "traceroute -n 10.0.0.1",
  "traceroute -n -I 10.0.0.1",
  "traceroute -n 0",
  "traceroute -n 10.0.0.255",
  "traceroute -n -I 10.0.0.255",
];

/**
 * Through a router that refuses the route. What it tells a host is bounded by a credit that grows with time (ip_error), and
 * every line before would spend of it: each has a place of its own.
 */
const REFUSED = ["10.8.0.1", "-I 10.8.0.1", "10.7.0.1", "-q 10 10.8.0.1"].map((rest) => `traceroute -n -N 1 ${rest}`);

/** What depends on the moment. */
const comparable = (text: string): string => text.replaceAll(/ [\d.]+ ms/g, " T ms");

const HELP = "Usage:";

/** What a line answered, for comparing; of help only that it is help. */
const answer = ({ out, err, code }: { out: string; err: string; code: number | null }): unknown => ({
  out: comparable(out),
  err: err.includes(HELP) ? HELP : err,
  code,
});

describe.runIf(requireTool("traceroute") && canMakeNamespaces())("beside the real traceroute", { retry: 2 }, () => {
  let real: Chain<NetNamespace>;
  let ours: Chain<Machine>;
  beforeAll(() => {
    real = realChain();
    ours = emulatedChain();
  });
  afterAll(() => removeChain(real));

  test.each(LINES)("%s", (line) => {
    expect(answer(typed(ours.here, line))).toEqual(answer(real.here.run(line)));
  });
});

describe.runIf(requireTool("traceroute") && canMakeNamespaces())("refused routes", { retry: 2 }, () => {
  test.each(REFUSED)("%s", (line) => {
    const real = realChain();
    try {
      const ours = emulatedChain();
      const limit = "sysctl -qw net.ipv4.icmp_ratelimit=1000";
      real.router.prepare(limit);
      typed(ours.router, limit);
      expect(answer(typed(ours.here, line))).toEqual(answer(real.here.run(line)));
    } finally {
      removeChain(real);
    }
  });

  test.each([
    ["every error also spends of icmp_ratelimit's share", "net.ipv4.icmp_ratelimit=1000", 2],
    ["unreachable is not under icmp_ratelimit", "net.ipv4.icmp_ratemask=0", 5],
  ])("%s", (_name, setting, count) => {
    const real = realChain();
    try {
      const ours = emulatedChain();
      const line = `sysctl -qw ${setting}`;
      real.router.prepare(line);
      typed(ours.router, line);
      const ping = "ping -n -c 8 -i 0.01 -W 1 10.8.0.1";
      const complaints = (text: string) =>
        text.split("\n").filter((each) => each.endsWith("Destination Host Unreachable"));
      const theirs = complaints(real.here.run(ping).out);
      expect(theirs).toHaveLength(count);
      expect(complaints(typed(ours.here, ping).out)).toEqual(theirs);
    } finally {
      removeChain(real);
    }
  });
});

describe("traceroute", () => {
  test("a router with an empty rate limit is a star, and the trace goes on", () => {
    const { here, router } = emulatedChain();
    typed(router, "sysctl -qw net.ipv4.icmp_ratelimit=1000");
    const { out, code } = typed(here, "traceroute -n -q 10 -w 1 10.1.0.2");
    expect(code).toBe(0);
    const [, first = "", second = ""] = out.split("\n");
    expect(first).toMatch(/^ 1 {2}10\.0\.0\.2( {2}[\d.]+ ms){6}( \*){4}$/);
    expect(second).toMatch(/^ 2 {2}10\.1\.0\.2( {2}[\d.]+ ms){10}$/);
  });

  test("nobody answers: every hop waits its time, sixteen probes at once", () => {
    const { here, there } = emulatedChain();
    typed(there, "ip link set c0 down");
    const before = here.world.scheduler.now;
    const { out } = typed(here, "traceroute -n -m 16 -q 1 -w 2 -f 2 10.1.0.77");
    expect(out.split("\n").slice(1, -1)).toEqual(
      Array.from({ length: 15 }, (_, i) => `${String(i + 2).padStart(2)}  *`),
    );
    expect((here.world.scheduler.now - before) / 1e9).toBeCloseTo(2, 1);
  });

  test("what is not modelled is said", () => {
    const { here } = emulatedChain();
    for (const word of ["-T", "-6", "-r", "-A", "-e", "--mtu", "--back", "-D"]) {
      const { out, err, code } = typed(here, `traceroute ${word} 10.1.0.2`);
      expect({ out, code }, word).toEqual({ out: "", code: 2 });
      expect(err, word).toMatch(/^traceroute: .*(not modelled|no whois)/);
    }
  });

  test("a lab that is copied in the middle of a trace runs on the same", () => {
    const chain = emulatedChain();
    const child = chain.here.spawn(["traceroute", "-n", "-w", "1", "-q", "2", "-m", "4", "10.1.0.9"]);
    runFor(chain.here, seconds(0.5));
    const copy = copyGraph({ chain, child });
    for (const each of [{ chain, child }, copy]) runFor(each.chain.here, seconds(10));
    expect(copy.child.console!.text("stdout")).toBe(child.console!.text("stdout"));
    expect(child.exitCode).toBe(0);
  });
});
