/** libvirt's networks on a host: `default`, XML written in the topology, or a file beside it. */
import { DEFAULT_NETWORK } from "../../machine/libvirt/default-network.ts";
import type { NetworkDefinition } from "../../machine/libvirt/network.ts";
import { readNetwork } from "../../machine/libvirt/network-read.ts";
import { type Path, quoteWord } from "./diagnostic.ts";
import type { LibvirtPlan, NicPlan } from "./plan.ts";
import type { Ground } from "./resolve-network.ts";
import type { HostInput } from "./schema.ts";

const isXml = (text: string): boolean => text.trimStart().startsWith("<");

export function resolveLibvirt(ground: Ground, path: Path, input: HostInput, cards: readonly NicPlan[]): LibvirtPlan[] {
  const { desk } = ground;
  const plans: LibvirtPlan[] = [];
  (input.libvirt ?? []).forEach((written, i) => {
    const at = [...path, "libvirt", i];
    const xml = textOf(ground, at, written);
    const network = xml === null ? null : read(ground, at, written, xml);
    if (xml === null || network === null) return;
    const same = plans.find(({ definition }) => definition.name === network.name);
    if (same !== undefined)
      desk.error(at, "duplicate-name", `there is a network ${quoteWord(network.name)} already on this host`);
    if (network.uuid !== null && plans.some(({ definition }) => definition.uuid === network.uuid))
      desk.error(at, "duplicate-name", `another network of this host has the UUID ${network.uuid}`);
    checkDevice(ground, at, network, cards);
    plans.push({ xml, definition: network, bridge: network.bridge.name ?? freeBridge(plans) });
  });
  for (const [i, { bridge }] of plans.entries())
    if (plans.findIndex((each) => each.bridge === bridge) < i)
      desk.error([...path, "libvirt", i], "duplicate-name", `the bridge ${quoteWord(bridge)} is another network's`);
  return plans;
}

/** As libvirtd picks it while the networks are defined one after another. */
function freeBridge(before: readonly LibvirtPlan[]): string {
  let number = 0;
  while (before.some(({ bridge }) => bridge === `virbr${number}`)) number++;
  return `virbr${number}`;
}

function textOf({ desk, readFile }: Ground, at: Path, written: string): string | null {
  if (written === "default") return DEFAULT_NETWORK;
  if (isXml(written)) return written;
  const text = readFile(written);
  if (text === null)
    desk.error(at, "unreadable", `the network ${quoteWord(written)} cannot be read`, {
      expected: "default, a file of XML beside the topology such as default.xml, or the XML itself",
    });
  return text;
}

function read({ desk }: Ground, at: Path, written: string, xml: string): NetworkDefinition | null {
  const where = (line: number, column: number): string =>
    `${isXml(written) ? "the XML" : written}, line ${line}, column ${column}`;
  const { network, remarks, mistake } = readNetwork(xml);
  for (const { line, column, message } of remarks) desk.warn(at, "libvirt", `${where(line, column)}: ${message}`);
  if (mistake !== null) {
    const { line, column, sentence } = mistake;
    const said = sentence.split("\n")[0]!.replace(/^\(network_definition\):\d+: /, "");
    desk.error(at, "libvirt", `${where(line, column)}: ${said}`);
  }
  return network;
}

function checkDevice({ desk }: Ground, at: Path, network: NetworkDefinition, cards: readonly NicPlan[]): void {
  const { device } = network.forward;
  if (device === null || cards.some(({ name }) => name === device)) return;
  desk.warn(at, "unknown-device", `the host has no NIC ${quoteWord(device)}: the network's rules will match nothing`);
}
