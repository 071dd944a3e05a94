/** nc -u beside the real one: what it says, how it ends, and what arrives. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "../../../src/machine/machine.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, type NetNamespace } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../on-machine.ts";
import { type Chain, emulatedChain, realChain, removeChain } from "./chain-lab.ts";

judges("dig");

/** Ports 53 and 5001 listen on the last host of the chain. */
const LINES = [
  "nc -nzvu -w 1 10.1.0.2 5001",
  "nc -zvu -w 0 10.1.0.2 5001",
  "nc -zvu 10.1.0.2 5001",
  "nc -zvu -w 1 10.1.0.2 53",
  "nc -nzvu -w 1 10.1.0.2 53",
  "nc -zvu -w 1 10.1.0.2 domain",
  "nc -nzvu -w 1 10.1.0.2 5009",
  "nc -nzvu -w 1 10.1.0.2 5002-5000",
  "nc -nzvu -w 1 10.1.0.2 5000-5001",
  "nc -nzu 10.1.0.2 5009",
  "nc -nzu 10.1.0.2 5001",
  "nc -nzvu -w 1 -s 10.0.0.1 -p 4444 10.1.0.2 5001",
  "echo hi | nc -u -w 1 10.1.0.2 5001",
  "echo hi | nc -u -q 0 10.1.0.2 5001",
  "echo hi | nc -nuv -w 1 10.1.0.2 5001",
  "echo hi | nc -u -w 1 10.1.0.2 5009",
  "echo hi | nc -nuv -w 1 10.1.0.2 5009",
  "nc -nzvu 127.0.0.1 5001",
  "nc -nzu 127.0.0.1 5001",
  "nc -nzvu -w x 10.1.0.2 5001",
  "nc -nzvu -w -1 10.1.0.2 5001",
  "nc -nzvu -w 99999999 10.1.0.2 5001",
  "nc -nu -q x 10.1.0.2 5001",
  "nc -nzu -l 5001",
  "nc -nu -k 10.1.0.2 5001",
  "nc -nu -s 1.2.3.4 10.1.0.2 5001",
  "nc -nzu 10.1.0.2 99999",
  "nc -nzu 10.1.0.2 0",
  "nc -nzu 10.1.0.2 x",
  "nc -nzu 10.1.0.2",
];

const LISTENERS = [53, 5001];

describe.runIf(requireTool("nc") && canMakeNamespaces())("beside the real nc", { retry: 2 }, () => {
  let real: Chain<NetNamespace>;
  let ours: Chain<Machine>;
  beforeAll(() => {
    real = realChain();
    ours = emulatedChain();
    for (const port of LISTENERS) {
      real.there.prepare(`(sleep 100 | timeout 100 nc -nkul ${port}) > /dev/null 2>&1 &`);
      ours.there.spawn(["nc", "-nkul", String(port)]);
    }
    real.there.prepare("sleep 0.5");
  });
  afterAll(() => removeChain(real));

  test.each(LINES)("%s", (line) => {
    const { out, err, code } = typed(ours.here, `${line.startsWith("nc") ? "echo | " : ""}${line}`);
    const theirs = real.here.run(`${line.startsWith("nc") ? "echo | " : ""}${line}`);
    expect({ out, err, code }).toEqual({ out: theirs.out, err: theirs.err, code: theirs.code });
  });
});

describe("nc", () => {
  test("a port is tried with X, twice and then each second", () => {
    const { here, there } = emulatedChain();
    const listener = there.spawn(["nc", "-nkul", "5001"]);
    expect(typed(here, "nc -zvun 10.1.0.2 5001").took / 1e9).toBeCloseTo(3, 1);
    expect(listener.console!.text("stdout")).toBe("XXXXX");
    typed(here, "nc -zun 10.1.0.2 5001");
    expect(listener.console!.text("stdout")).toBe("XXXXX");
  });

  test("a listener hears who spoke first, with -k everybody", () => {
    const { here, router, there } = emulatedChain();
    const one = there.spawn(["nc", "-nvul", "5001"]);
    const all = there.spawn(["nc", "-nvkul", "5002"]);
    for (const [port, machine, word] of [
      [5001, here, "first"],
      [5001, router, "second"],
      [5002, here, "first"],
      [5002, router, "second"],
    ] as const) {
      typed(machine, `echo ${word} | nc -nu -p 4444 -w 1 10.1.0.2 ${port}`);
    }
    expect(one.console!.text("stdout")).toBe("first\n");
    expect(one.console!.text("stderr")).toBe("Bound on 0.0.0.0 5001\nConnection received on 10.0.0.1 4444\n");
    expect(all.console!.text("stdout")).toBe("first\nsecond\n");
    expect(all.console!.text("stderr")).toBe("Bound on 0.0.0.0 5002\n");
  });
});
