/** The story of a frame: what was decided about it on its way, in sentences, and why it ended. */
import { beforeAll, describe, expect, test } from "vitest";
import { bridgeSteps } from "../../src/device/bridge-steps.ts";
import { FATES, frameStory, type Lab, losses, openLab } from "../../src/lab/index.ts";
import { stackSteps } from "../../src/stack/steps.ts";
import { planOfFile } from "../kit/lab.ts";

test("no number is a step here and a fate there: they stand in one record", () => {
  const codes = [...FATES, ...bridgeSteps, ...stackSteps].map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

describe("behind libvirt's NAT", () => {
  let lab: Lab;
  const told = (frame: number): string[] => frameStory(lab, frame).lines.map(({ point, text }) => `${point} ${text}`);
  beforeAll(() => {
    lab = openLab(planOfFile("nat.yaml"), { record: true });
    while (!lab.runSlice(50_000));
  });

  test("a refused ping names the chain, the rule and the error that its sender hears", () => {
    const refused = losses(lab).find(({ fate }) => fate === "netfilter-reject")!;
    const lines = told(refused.example!);
    expect(lines[0]).toBe("gw:ip the routing table sends it through eth0 to the next hop 192.168.1.10");
    expect(lines).toContain("xen1:filter.LIBVIRT_FWI rule 2 holds: REJECT with icmp-port-unreachable");
    expect(lines).toContain("xen1:ip an ICMP error about it, type 3 code 3, goes to 192.168.1.1");
    expect(lines.at(-1)).toMatch(/^xen1:filter\.LIBVIRT_FWI netfilter-reject: /);
    expect(frameStory(lab, refused.example!).lines.map(({ isEnd }) => isEnd)).toEqual(
      lines.map((_, i) => i === lines.length - 1),
    );
  });

  test("a frame that came too early names the port that did not forward yet", () => {
    const early = losses(lab).find(({ fate }) => fate === "bridge-port-not-forwarding")!;
    expect(told(early.example!).slice(-2)).toEqual([
      "xen1:virbr0 port vif2.0 is in learning state",
      expect.stringMatching(/^xen1:virbr0 bridge-port-not-forwarding: /),
    ]);
  });

  test("of a frame that there never was nothing is told", () => {
    expect(frameStory(lab, 999_999)).toEqual({ lines: [], isCut: false });
  });
});

test("a lab that keeps no records has no examples", () => {
  const lab = openLab(planOfFile("trouble-routed-forward-drop.yaml"));
  while (!lab.runSlice(50_000));
  expect(losses(lab).map(({ example }) => example)).toEqual(losses(lab).map(() => null));
});
