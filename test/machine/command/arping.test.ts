/** arping beside the real one of iputils. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/bytes.ts";
import { copyGraph } from "../../../src/engine/copy.ts";
import { seconds } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces, type NetNamespace } from "../../kit/netns.ts";
import { output, requireTool } from "../../kit/tools.ts";
import { runFor, typed } from "../on-machine.ts";
import { emulatedPair, type Pair, realPair, removePair } from "./pair-lab.ts";

judges("ping");

/** The real tool runs in real time: on a busy machine one of its time-outs may strike early. */
const IN_REAL_TIME = { retry: 2 };

/** No probe is due in the moment of the timeout: there the real one may or may not send it. */
const LINES = [
  "arping",
  "arping -h",
  "arping -V",
  "arping -x 10.0.0.2",
  "arping -c",
  "arping 10.0.0.2 10.0.0.3",
  "arping -c 0 10.0.0.2",
  "arping -c x 10.0.0.2",
  "arping -w -1 10.0.0.2",
  "arping -c1 -I a0 10.0.0.2",
  "arping -c1 10.0.0.2",
  "arping -c2 -I a0 10.0.0.2",
  "arping -c2 -b -I a0 10.0.0.2",
  "arping -f -I a0 10.0.0.2",
  "arping -c1 -q -I a0 10.0.0.2",
  "arping -c1 -w2 -I a0 10.0.0.2",
  "arping -c5 -i2 -w3 -I a0 10.0.0.2",
  "arping -w1 -i5 -I a0 10.0.0.9",
  "arping -w1 -i5 -I a0 10.0.0.2",
  "arping -c2 -i2 -w1 -I a0 10.0.0.2",
  "arping -c1 -I a0 10.0.0.9",
  "arping -D -c1 -I a0 10.0.0.2",
  "arping -D -c1 -I a0 10.0.0.9",
  "arping -D -q -c1 -I a0 10.0.0.2",
  "arping -U -c2 -I a0 10.0.0.1",
  "arping -A -c1 -I a0 10.0.0.1",
  "arping -U -c1 -I a0 10.0.0.9",
  "arping -c1 -I a0 -s 10.0.0.1 10.0.0.2",
  "arping -c1 -I a0 -s 10.0.0.7 10.0.0.2",
  "arping -c1 -I a0 -s foo 10.0.0.2",
  "arping -c1 -I nosuch 10.0.0.2",
  "arping -c1 -I lo 10.0.0.2",
  "arping -D -c1 -I lo 10.0.0.2",
  "arping -c1 10.0.0.1",
  "arping -c1 -I a0 ''",
  "arping -c1 -I a0 10.2",
  "arping -c1 -I a0 10.0.0.255",
  "ip link set a0 down",
  "arping -c1 -I a0 10.0.0.2",
  "arping -q -c1 -I a0 10.0.0.2",
  "ip link set a0 up",
];

const comparable = (text: string): string => text.replaceAll(/ [\d.]+ms$/gm, " Tms");

const isIputils = requireTool("arping") && output("arping", ["-V"]).startsWith("arping from iputils");

describe.runIf(isIputils && canMakeNamespaces())("beside the real arping", IN_REAL_TIME, () => {
  let real: Pair<NetNamespace>;
  let ours: Pair<Machine>;
  beforeAll(() => {
    real = realPair();
    ours = emulatedPair();
  });
  afterAll(() => removePair(real));

  test.each(LINES)("%s", (line) => {
    const theirs = real.here.run(line);
    const { out, err, code } = typed(ours.here, line);
    expect({ out: comparable(out), err, code }).toEqual({
      out: comparable(theirs.out),
      err: theirs.err,
      code: theirs.code,
    });
  });
});

describe("on the wire", () => {
  test.each([
    [
      "arping -c1 -I a0 10.0.0.2",
      `ffffffffffff 02000000000a 0806 0001080006040001 02000000000a 0a000001 ffffffffffff 0a000002`,
    ],
    [
      "arping -U -c1 -I a0 10.0.0.1",
      `ffffffffffff 02000000000a 0806 0001080006040001 02000000000a 0a000001 ffffffffffff 0a000001`,
    ],
    [
      "arping -A -c1 -I a0 10.0.0.1",
      `ffffffffffff 02000000000a 0806 0001080006040002 02000000000a 0a000001 02000000000a 0a000001`,
    ],
    [
      "arping -D -c1 -I a0 10.0.0.9",
      `ffffffffffff 02000000000a 0806 0001080006040001 02000000000a 00000000 ffffffffffff 0a000009`,
    ],
  ])("%s", (line, bytes) => {
    const { here } = emulatedPair();
    const seen: string[] = [];
    here.table.find("a0")!.tx.taps.add({ seen: (frame) => seen.push(toHex(frame.bytes, frame.at, frame.end)) });
    typed(here, line);
    expect(seen).toEqual([bytes.replaceAll(" ", "")]);
  });

  test("after the first answer only that host is asked", () => {
    const { here } = emulatedPair();
    const to: string[] = [];
    here.table.find("a0")!.tx.taps.add({ seen: (frame) => to.push(toHex(frame.bytes, frame.at, frame.at + 6)) });
    typed(here, "arping -c3 -I a0 10.0.0.2");
    expect(to).toEqual(["ffffffffffff", "02000000000b", "02000000000b"]);
  });

  test("control-C prints the summary, also in a copy of the lab", () => {
    const { here } = emulatedPair();
    const child = here.spawn(["arping", "-I", "a0", "10.0.0.2"]);
    runFor(here, seconds(1.5));
    const twin = copyGraph({ here, child });
    for (const each of [{ here, child }, twin]) {
      each.child.signal("INT");
      runFor(each.here, seconds(1));
      expect(each.child.console!.text()).toMatch(/Sent 2 probes \(1 broadcast\(s\)\)\nReceived 2 response\(s\)\n$/);
      expect(each.child.exitCode).toBe(0);
    }
    expect(twin.child.console!.text()).toBe(child.console!.text());
  });
});
