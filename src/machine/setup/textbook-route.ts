// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * Route mode as articles tell it, as a list that runs: one step for the host, three for a guest. Which address is copied to the
 * vif the articles leave open: most say that of the guest's eth0, the script takes that of domain 0's. With the guest's own,
 * domain 0 believes itself to be the guest. Proxy ARP is in no article: without it the LAN gets no answer.
 */
import { forwarding } from "./network-route.ts";
import type { Condition, Script, ScriptStep } from "./script.ts";
import type { Step } from "./step.ts";
import { connected, DOM0_ADDRESS_417, online, readIp } from "./vif-common.ts";

export const routeBook: readonly Step[] = [
  { heading: "forwarding", run: forwarding.run, why: "Domain 0 passes on what is not for itself." },
];

const firstIp: ScriptStep = { set: "address", to: (script) => script.get("ip").trim().split(/\s+/)[0]! };
const dom0Ip: ScriptStep = { set: "address", to: (script) => script.get("main_ip") };
const hasAddress: Condition = (script) => online(script) && script.get("address") !== "";

const vifRouteTextbook = (reading: string, address: readonly ScriptStep[], why: string): Script => ({
  id: `vif-route textbook ${reading}`,
  path: "/etc/xen/scripts/vif-route",
  summary: `vif-route as the textbook tells it, with ${reading}: address, up, route.`,
  kind: "hotplug",
  steps: [
    readIp,
    ...address,
    { run: "ip addr add $address/32 dev $dev", why, heading: "copy-address", when: hasAddress },
    {
      run: "ip link set $dev up",
      why: "From here on domain 0 hears the guest.",
      heading: "bring-up-vif",
      when: online,
    },
    { set: "addresses", to: (script) => script.get("ip").trim().split(/\s+/).join("\n") },
    {
      run: "ip route add $line dev $dev",
      each: "addresses",
      why: "The way to the guest.",
      heading: "static-route",
      when: online,
    },
    { ...connected, why: "Left out by the articles: the toolstack waits for this word." } as ScriptStep,
  ],
});

export const vifRouteGuestBook = vifRouteTextbook(
  "the guest's own address",
  [firstIp],
  "The guest's own address, as articles say: now it is domain 0's too, which answers ARP and ping for the guest.",
);

export const vifRouteDom0Book = vifRouteTextbook(
  "domain 0's address",
  [...DOM0_ADDRESS_417, dom0Ip],
  "Domain 0's address, as the script reads it: a source for what it sends to the guest.",
);
