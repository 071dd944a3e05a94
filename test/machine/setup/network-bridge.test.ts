/** network-bridge of each era against what the real script issued and left behind. */
import { describe, expect, test } from "vitest";
import type { Lab } from "../../../src/lab/index.ts";
import type { StepRecord } from "../../../src/machine/setup/step-log.ts";
import { judges } from "../../kit/fidelity.ts";
import { labUp, planOf, type as typed } from "../../kit/lab.ts";
import { bridgeTrace } from "../../kit/traces.ts";

judges("network-bridge");

/** The recording's own ifup and ifdown: no broadcast address, no metric, everything flushed. */
const INTERFACES = `iface eth0 inet manual
  up ip addr add 192.168.1.10/24 dev eth0 || true
  up ip link set eth0 up
  up ip route add default via 192.168.1.1
  down ip addr flush dev eth0
  down ip link set eth0 down
`;

const topology = (xen: string, script = "network-bridge", nics = ""): string => `
name: trace
networks: { lan: {} }
hosts:
  xen1:
    xen: "${xen}"
    nics:
      eth0: { network: lan, mac: "00:1e:c9:4a:11:22", ip: 192.168.1.10/24, gateway: 192.168.1.1 }
      ${nics}
    network-script: ${script}
    timing: { nic-link: 0s }
    interfaces: |
${INTERFACES.replace(/^/gm, "      ")}
`;

const up = (text: string): Lab => labUp(planOf(text), { steps: true });

const of = (lab: Lab, script: string): StepRecord[] => lab.steps!.records.filter((record) => record.script === script);
const commands = (lab: Lab, script: string): string[] => of(lab, script).map((record) => record.run);

/**
 * What a state says, line by line. The recording stood on veth pairs: their peer's name, the cable's own end and the
 * carrier of netloop's pair are its own; a second and further netloop pair it had not.
 */
function state(lines: readonly string[]): string[] {
  return lines
    .map((line) => line.replace(/@\S+/, "").trimEnd().replace(/\s+/g, " "))
    .filter((line) => !/^(cable0|veth[1-9]|vif0\.[1-9]) /.test(line))
    .map((line) =>
      line.replace(/,?(NO-CARRIER|LOWER_UP|M-DOWN),?/g, ",").replace(/<,|,>/g, (cut) => (cut === "<," ? "<" : ">")),
    )
    .map((line) => line.replace(/^(\S+) (UP|DOWN|UNKNOWN) /, "$1 "))
    .map((line) => line.replace(/^(\S+) (UP|DOWN|UNKNOWN)$/, "$1"))
    .filter((line) => /<|\d+\.\d+\.\d+|bridge|8000|^\s*\S/.test(line));
}

const look = (lab: Lab, ...lines: string[]): string[] =>
  lines.flatMap((line) => typed(lab, "xen1", line).stdout.split("\n")).filter((line) => line !== "");

/** A device without addresses is not in the recording's list of addresses. */
const addressed = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.includes("<") || /\d+\.\d+\.\d+\.\d+|bridge name|8000|^\s+/.test(line));

const ERAS = [
  { xen: "3.0", variant: "s300" },
  { xen: "3.1", variant: "s311" },
  { xen: "4.2", variant: "s425" },
];

describe.each(ERAS)("network-bridge of Xen $xen", ({ xen, variant }) => {
  const trace = bridgeTrace(variant);

  test("start issues the recorded commands and leaves the recorded state", () => {
    const lab = up(topology(xen));
    expect(commands(lab, "network-bridge start")).toEqual(trace.start);
    const now = look(lab, "ip -br link", "ip -br addr", "ip route", "brctl show");
    expect(state(addressed(now)).sort()).toEqual(state(trace.started).sort());
  });

  test("stop issues the recorded commands and leaves the recorded state", () => {
    const lab = up(topology(xen));
    expect(typed(lab, "xen1", "/etc/xen/scripts/network-bridge stop").code).toBe(0);
    expect(commands(lab, "network-bridge stop")).toEqual(trace.stop);
    const now = look(lab, "ip -br link", "ip -br addr", "ip route", "brctl show");
    const bare = addressed(now).filter((line) => !line.startsWith("bridge name"));
    expect(state(bare).sort()).toEqual(state(trace.stopped).sort());
  });

  test("every step says why, and every heading but the guest's is there", () => {
    const lab = up(topology(xen));
    const records = of(lab, "network-bridge start");
    expect(records.every((record) => /^\S.{9,}[.?]$/.test(record.why))).toBe(true);
    const headings = new Set(records.map((record) => record.heading));
    for (const heading of [
      "create-bridge",
      "stop-nic",
      "rename-nic",
      "rename-veth",
      "quiet-nic",
      "attach-ports",
      "bring-up",
    ])
      expect([...headings]).toContain(heading);
  });

  test("start a second time does nothing, stop a second time nothing either", () => {
    const lab = up(topology(xen));
    const before = look(lab, "ip addr", "brctl show");
    expect(typed(lab, "xen1", "/etc/xen/scripts/network-bridge start").code).toBe(0);
    expect(look(lab, "ip addr", "brctl show")).toEqual(before);
    typed(lab, "xen1", "/etc/xen/scripts/network-bridge stop");
    const stopped = look(lab, "ip addr");
    expect(typed(lab, "xen1", "/etc/xen/scripts/network-bridge stop").code).toBe(0);
    expect(look(lab, "ip addr")).toEqual(stopped);
  });

  test("status shows devices, bridge and routes between two rules; other verbs are refused", () => {
    const lab = up(topology(xen));
    const bridge = xen === "4.2" ? "eth0" : "xenbr0";
    const { stdout } = typed(lab, "xen1", "/etc/xen/scripts/network-bridge status");
    expect(stdout.split("\n")[0]).toBe("=".repeat(60));
    expect(stdout).toContain(`${bridge}\t\t8000.`);
    expect(stdout).toContain("Destination     Gateway");
    expect(typed(lab, "xen1", "/etc/xen/scripts/network-bridge restart")).toMatchObject({
      code: 1,
      stderr: "Unknown command: restart\nValid commands are: start, stop, status\n",
    });
  });
});
