/** The fuzz itself: the same seed is the same case, differences are seen, and what is made small is still one. */
import { describe, expect, it } from "vitest";
import { type Case, isShot, OK, type Outcome, savedCase, textOf } from "./case.ts";
import { compare } from "./compare.ts";
import { inEmulator } from "./emulated-world.ts";
import { caseOf } from "./generate/case.ts";
import { shrink } from "./shrink.ts";

const NUMBERS = Array.from({ length: 20 }, (_, i) => i);

describe("cases", () => {
  it("are the same for the same seed and number, and others for others", () => {
    for (const number of NUMBERS) expect(caseOf(7, number)).toEqual(caseOf(7, number));
    expect(caseOf(7, 1)).not.toEqual(caseOf(7, 2));
    expect(caseOf(7, 1)).not.toEqual(caseOf(8, 1));
  });

  it("are saved and read back as they were", () => {
    for (const number of NUMBERS) {
      const { steps } = caseOf(7, number);
      const saved = { about: 'a "case"', kernel: "6.1.0", steps, outcome: steps.map(() => ["eth0 00"]) };
      expect(savedCase(textOf(saved))).toEqual(saved);
    }
  });

  it("leave nothing behind in the emulator: the same case brings the same again", () => {
    for (const number of NUMBERS.slice(0, 5)) {
      const first = inEmulator(caseOf(7, number));
      inEmulator(caseOf(7, number + 50));
      expect(inEmulator(caseOf(7, number))).toEqual(first);
    }
  });

  it("bring frames out in most of their steps", () => {
    const outcomes = NUMBERS.flatMap((number) => inEmulator(caseOf(7, number)));
    expect(outcomes.filter((heard) => heard.some((each) => each !== OK)).length).toBeGreaterThan(outcomes.length / 4);
  });
});

describe("comparison", () => {
  const one: Case = { steps: [{ run: "true" }, { on: "eth0", frame: "00".repeat(20) }] };
  const two: Outcome = [[OK], ["vif1.0 aa", "vif2.0 bb", "vif1.0 cc"]];
  const differs = (emulator: Outcome): string | undefined => compare(one, emulator, two).difference?.where;

  it("goes by interface, in order", () => {
    expect(differs([[OK], ["vif2.0 bb", "vif1.0 aa", "vif1.0 cc"]])).toBeUndefined();
    expect(differs([[OK], ["vif1.0 cc", "vif1.0 aa", "vif2.0 bb"]])).toBe("vif1.0");
    expect(differs([[OK], ["vif1.0 aa", "vif1.0 cc"]])).toBe("vif2.0");
    expect(differs([[OK], ["vif1.0 aa", "vif2.0 bb", "vif1.0 cc", "eth0 dd"]])).toBe("eth0");
    expect(differs([["failed"], two[1]!])).toBe("answer");
  });

  it("takes the number of a packet that the machine made for nothing, and no other's", () => {
    const header = "45000014 II 0000 4001 SUM 0a0000010a000002";
    const link = "feffffffffff 00163e000001 0800 ";
    const packet = (id: string, checksum: string): string =>
      (link + header.replace("II", id).replace("SUM", checksum)).replaceAll(" ", "");
    const [first, second] = [packet("1234", "54b3"), packet("4321", "23c6")];
    const heard = (frame: string): Outcome => [[OK], [`eth0 ${frame}`]];
    const steps = (frame: string): Case => ({ steps: [{ run: "true" }, { on: "eth0", frame }] });
    expect(compare(steps("00".repeat(20)), heard(first), heard(second)).difference).toBeNull();
    expect(compare(steps(first), heard(first), heard(second)).difference).not.toBeNull();
  });
});

describe("a port that NAT draws by chance", () => {
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  /** A datagram without data to port 5353, its checksum as that of one flow. */
  const from = (port: number, checksum = 0x1000 - port): string => {
    const headers = "eth0 00505600000100163e0000e008004500001c1234400040110000c0a8010ac0a80101";
    return headers + [port, 5353, 8, checksum].map(hex).join("");
  };
  const steps = (rule: string, ...ports: number[]): Case => ({
    steps: [{ run: rule }, ...ports.map((port) => ({ on: "vif1.0", frame: from(port).slice(5) }))],
  });
  const MASQUERADE = "iptables -t nat -A POSTROUTING -j MASQUERADE";
  const isEqual = (one: Case, ours: readonly string[], theirs: readonly string[]): boolean =>
    compare(one, [[OK], ...ours.map((each) => [each])], [[OK], ...theirs.map((each) => [each])]).difference === null;

  it("is the kernel's and the emulator's own, the same for all packets of the flow", () => {
    const one = steps(MASQUERADE, 1000, 1000);
    expect(isEqual(one, [from(0x700), from(0x700)], [from(0x900), from(0x900)])).toBe(true);
    expect(isEqual(one, [from(0x700), from(0x700)], [from(0x900), from(0x901)])).toBe(false);
  });

  it("is the same where an error quotes it", () => {
    const quoting = (port: number): string => {
      const outer = "eth0 00505600000100163e0000e008004500003812344000400100000a0003010a000302";
      return `${outer}0b001234000000004500001c1234400001110000c0a8010ac0a80101${[port, 5353, 8].map(hex).join("")}0000`;
    };
    expect(isEqual(steps(MASQUERADE, 1000), [quoting(0x700)], [quoting(0x900)])).toBe(false);
    const summed = quoting(0x900).replace("0b001234", "0b001034");
    expect(isEqual(steps(MASQUERADE, 1000), [quoting(0x700)], [summed])).toBe(true);
  });

  it("is none that the case speaks of, and nothing else may differ", () => {
    expect(isEqual(steps(MASQUERADE, 1000), [from(1000)], [from(0x900)])).toBe(false);
    expect(isEqual(steps(`${MASQUERADE} --to-ports 2304`, 1000), [from(0x700)], [from(0x900)])).toBe(false);
    expect(isEqual(steps(MASQUERADE, 1000), [from(0x700)], [from(0x900, 1)])).toBe(false);
    expect(isEqual(steps("iptables -A FORWARD -j ACCEPT", 1000), [from(0x700)], [from(0x900)])).toBe(false);
  });
});

describe("shrinking", () => {
  it("keeps what is needed, and makes the rest plain", async () => {
    const big = caseOf(7, 3);
    const needed = big.steps.filter(isShot).slice(4, 6);
    const small = await shrink(big, async ({ steps }) =>
      needed.every((each) => steps.some((step) => isShot(step) && step.frame.slice(0, 28) === each.frame.slice(0, 28))),
    );
    expect(small.steps.length).toBe(2);
    const kept = small.steps.map((step) => (isShot(step) ? step.frame : ""));
    expect(kept.sort()).toEqual(needed.map(({ frame }) => frame.slice(0, 28)).sort());
  });
});
