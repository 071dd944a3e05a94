/** vif-bridge of Xen 4.17, upstream, in every verb: the commands it issues are those recorded from the real script. */
import { expect, test } from "vitest";
import { judges } from "../../kit/fidelity.ts";
import { labUp, planOf, type as typed } from "../../kit/lab.ts";
import { vifBridgeTraces } from "../../kit/traces.ts";

judges("network-bridge");

const HOST = `
networks: { lan: {} }
hosts:
  xen1:
    xen: "4.17"
    distro: upstream
    nics: { eth0: { network: lan, ip: 192.168.1.10/24 } }
`;

/** Reads of xenstore are not in the recording; it wrote the words of \`fatal\` as one line. */
const shown = (run: string): boolean => !run.startsWith("xenstore-read");

test.each(vifBridgeTraces())("$title", ({ title, commands }) => {
  const lab = labUp(planOf(HOST), { steps: true });
  const [, verb, kind, code, ip, bridge] = /^vif-bridge (\w+) type_if=(\w+) rc=(\d) \(ip=(.*) bridge=(\S*)\)$/.exec(
    title,
  )!;
  const { store } = lab.machine("xen1").parts.xen!;
  for (const [key, value] of [
    ["ip", ip],
    ["bridge", bridge],
  ] as const)
    if (value !== "") store.write(`/local/domain/0/backend/vif/1/0/${key}`, value!);
  const device = kind === "tap" ? "vif1.0-emu" : "vif1.0";
  typed(lab, "xen1", `ip link add ${device} type veth peer name peer0`);
  const environment = "vif=vif1.0 INTERFACE=vif1.0-emu XENBUS_PATH=backend/vif/1/0";
  const script = (word: string): number =>
    typed(lab, "xen1", `${environment} /etc/xen/scripts/vif-bridge ${word} type_if=${kind}`).code;
  if (verb === "offline" || verb === "remove") expect(script(verb === "offline" ? "online" : "add")).toBe(0);
  const before = lab.steps!.records.length;
  expect(script(verb!)).toBe(Number(code));
  const issued = lab
    .steps!.records.slice(before)
    .map(({ run }) => run)
    .filter(shown);
  // The words of \`fatal\` go to xenstore without being a step of the list.
  const recorded = commands.map((line) => line.trimEnd()).filter((line) => !line.includes("hotplug-error"));
  expect(issued).toEqual(recorded);
  if (code !== "0") {
    const [, sentence] = /hotplug-error (.*) backend/.exec(commands.at(-1)!)!;
    expect(store.read("/local/domain/0/backend/vif/1/0/hotplug-error")).toBe(sentence);
    expect(store.read("/local/domain/0/backend/vif/1/0/hotplug-status")).toBe("error");
  }
});
