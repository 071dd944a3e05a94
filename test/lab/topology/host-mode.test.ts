/** How a host's guests reach the network, by what its file says. */
import { expect, test } from "vitest";
import { modeOf } from "../../../src/lab/index.ts";
import { planOf } from "../../kit/lab.ts";

const net = (forward: string, bridge: string): string =>
  `<network><name>${bridge}</name>${forward}<bridge name='${bridge}'/><ip address='10.3.0.1' prefix='24'/></network>`;
const ROUTED = net("<forward mode='route'/>", "virbr5");
const OPEN = net("<forward mode='open'/>", "virbr6");
const ALONE = net("", "virbr7");

const mode = (vif: string, more: readonly string[] = []): string =>
  modeOf(
    planOf(`
networks: { lan: {} }
hosts:
  xen1:
    nics: { eth0: { ip: 198.51.100.10/24 } }
${more.map((line) => `    ${line}\n`).join("")}    domains: { web1: { vif: [ '${vif}' ] } }
`).hosts[0]!,
  );
const networks = (...xml: readonly string[]): string[] => [`libvirt: ${JSON.stringify(xml)}`];

test.each([
  ["bridge=xenbr0", ["bridges: { xenbr0: { ports: [eth0] } }"], "bridge"],
  ["script=vif-route,ip=198.51.100.50", [], "route"],
  ["script=vif-nat,ip=10.0.1.1", [], "nat"],
  ["bridge=virbr0", networks("default"), "nat"],
  ["bridge=virbr5", networks(ROUTED), "route"],
  ["bridge=virbr6", networks(OPEN), "route"],
  // Isolated from everything: a bridge, and nobody who routes for it.
  ["bridge=virbr7", networks(ALONE), "bridge"],
  // The guest's own network decides, not that there is another.
  ["bridge=virbr5", networks("default", ROUTED), "route"],
  ["bridge=virbr0", networks(ROUTED, "default"), "nat"],
  ["bridge=xenbr0", ["bridges: { xenbr0: { ports: [eth0] } }", ...networks("default")], "bridge"],
])("%s %j is %s", (vif, more, expected) => {
  expect(mode(vif, more)).toBe(expected);
});
