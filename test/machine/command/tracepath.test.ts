/** tracepath beside the real one, and what it says of a narrow link and of names. */
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
  ...["", "-h", "-V", "-x", "10.1.0.2 x", "-l 10 10.1.0.2", "-l x 10.1.0.2", "-m 300 10.1.0.2", "-p 99999 10.1.0.2"],
  ...[
    "-n 10.1.0.2",
    "-n 10.0.0.2",
    "-n 10.0.0.1",
    "-n 127.0.0.1",
    "-n 10.1.0.2/80",
    "-n -p 80 10.1.0.2",
    "-n4 10.1.0.2",
  ],
  ...["10.1.0.2", "-b 10.1.0.2", "-nb 10.1.0.2", "-l 100 -n 10.1.0.2", "-l 20000 -n 10.1.0.2", "-l 70000 10.1.0.2"],
  ...["-m 0 10.1.0.2", "-m 1 -n 10.1.0.2", "-n 10.0.0.9", "-n 10.1.0.9", "-n 10.8.0.1", "-n 10.7.0.1", "-n 10.0.0.255"],
].map((rest) => `tracepath ${rest}`.trimEnd());

/** The link behind the router takes less than the one before it. */
const NARROW = { router: "ip link set b1 mtu 1400", there: "ip link set c0 mtu 1400" } as const;
const NARROW_LINES = ["tracepath -n 10.1.0.2", "tracepath -n 10.1.0.2", "tracepath -n 10.1.0.9"];

/** Times: the one of an ARP that fails is near three seconds. */
const comparable = (text: string): string => text.replaceAll(/ {0,2}\d+\.\d{3}ms /g, "T ");
const HOST_WIDTH = 52;
const answer = ({ out, err, code }: { out: string; err: string; code: number | null }): unknown => ({
  out: comparable(out),
  err,
  code,
});

const canCompare = requireTool("tracepath") && canMakeNamespaces();

describe.runIf(canCompare)("beside the real tracepath", { retry: 2 }, () => {
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

  test("finds a narrow link, and begins with it when it is known", () => {
    for (const name of ["router", "there"] as const) {
      real[name].prepare(NARROW[name]);
      typed(ours[name], NARROW[name]);
    }
    for (const line of NARROW_LINES) expect(answer(typed(ours.here, line))).toEqual(answer(real.here.run(line)));
  });
});

describe("tracepath", () => {
  const narrow = (): Chain<Machine> => {
    const chain = emulatedChain();
    for (const name of ["router", "there"] as const) typed(chain[name], NARROW[name]);
    return chain;
  };

  test("says what the real one said of such a path", () => {
    const { out, code } = typed(narrow().here, "tracepath -n 10.1.0.2");
    const host = (name: string): string => name.padEnd(HOST_WIDTH);
    expect(comparable(out).split("\n")).toEqual([
      " 1?: [LOCALHOST]                      pmtu 1500",
      ` 1:  ${host("10.0.0.2")}T `,
      ` 1:  ${host("10.0.0.2")}T `,
      ` 2:  ${host("10.0.0.2")}T pmtu 1400`,
      ` 2:  ${host("10.1.0.2")}T reached`,
      "     Resume: pmtu 1400 hops 2 back 2 ",
      "",
    ]);
    expect(code).toBe(0);
  });

  test("leaves no socket behind", () => {
    const { here } = emulatedChain();
    typed(here, "tracepath -n 10.1.0.2");
    expect(typed(here, "ss -uan").out.split("\n")).toHaveLength(2);
  });

  test("takes names of /etc/hosts; without a name server that answers it has question marks", () => {
    const { here } = emulatedChain();
    typed(here, "echo 10.1.0.2 there >> /etc/hosts");
    const { out } = typed(here, "tracepath there");
    expect(out).toMatch(/^ 1: {2}\?\?\? {49}/m);
    expect(out).toMatch(/^ 2: {2}there .*reached$/m);
  });

  test("a lab that is copied in the middle runs on the same", () => {
    const chain = emulatedChain();
    const child = chain.here.spawn(["tracepath", "-n", "-m", "4", "10.1.0.9"]);
    runFor(chain.here, seconds(0.5));
    const copy = copyGraph({ chain, child });
    for (const each of [{ chain, child }, copy]) runFor(each.chain.here, seconds(10));
    expect(copy.child.console!.text("stdout")).toBe(child.console!.text("stdout"));
    expect(child.exitCode).toBe(0);
  });
});
