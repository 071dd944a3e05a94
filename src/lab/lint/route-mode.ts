/** Route mode, and what the scripts leave to somebody else. */
import { parseIpv4 } from "../../packet/address.ts";
import { mendRoute } from "../diagnosis/route-ip-missing.ts";
import {
  deviceTowards,
  type HostFacts,
  insideAddresses,
  routedNetworks,
  routedVifs,
  stepWhere,
  type VifFacts,
} from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

const titles = (vifs: readonly VifFacts[]): string => listed(vifs.map(({ title }) => title));

/** With xl nobody runs the network script that would do it. */
const whoElse = (host: HostFacts, script: string): string =>
  host.plan.networkScripts.some((line) => line.startsWith(script))
    ? `${script} has run, and something has changed it since.`
    : `${script} does that, and it is not run here: xl runs no network script, xend the one of its configuration.`;

export const forwardingOff: TrapFinder = {
  name: "forwarding-off",
  find: (host) => {
    if (host.sysctl("net.ipv4.ip_forward") !== "0") return [];
    const vifs = routedVifs(host);
    if (vifs.length === 0) return libvirtNotForwarded(host);
    const script = vifs[0]!.script === "vif-nat" ? "network-nat" : "network-route";
    return [
      {
        what: `net.ipv4.ip_forward is 0: nothing is forwarded for ${titles(vifs)}.`,
        step: `${vifs[0]!.script} online: gives the vif its address, and does not switch forwarding on`,
        why: whoElse(host, script),
        mend: [FORWARD],
      },
      ...libvirtNotForwarded(host),
    ];
  },
};

const FORWARD = "sysctl -w net.ipv4.ip_forward=1";

const libvirtNotForwarded = (host: HostFacts): Found[] =>
  routedNetworks(host).map(({ bridge, vifs }) => ({
    what: `net.ipv4.ip_forward is 0: nothing is forwarded for ${bridge}, with ${titles(vifs)}.`,
    step: stepWhere(host, /ip_forward *= *0|ip_forward'?=0|echo 0 .*ip_forward/),
    why: "libvirt switches it on when a network starts, and never looks again: who writes 0 later has switched its networks off.",
    mend: [FORWARD],
  }));

export const proxyArpMissing: TrapFinder = {
  name: "proxy-arp-missing",
  find: (host) => {
    const silent = new Map<string, VifFacts[]>();
    for (const vif of routedVifs(host).filter(({ script }) => script === "vif-route")) {
      for (const text of [...vif.plan.ip, ...insideAddresses(vif)]) {
        const address = parseIpv4(text.replace(/\/.*/, ""));
        const device = address === null ? null : deviceTowards(host, address);
        if (device === null || answers(host, device.name)) continue;
        const others = silent.get(device.name) ?? [];
        if (!others.includes(vif)) silent.set(device.name, [...others, vif]);
      }
    }
    return [...silent].map(([device, vifs]) => ({
      what: `Nobody answers ARP on the LAN of ${device} for ${titles(vifs)}.`,
      step: `vif-route online: proxy_arp is switched on for the vif alone, never for ${device}`,
      why: whoElse(host, "network-route"),
      mend: [`sysctl -w net.ipv4.conf.${device}.proxy_arp=1`],
    }));
  },
};

const answers = (host: HostFacts, device: string): boolean =>
  [device, "all"].some((name) => host.sysctl(`net.ipv4.conf.${name}.proxy_arp`) === "1");

export const routeIpMissing: TrapFinder = {
  name: "route-ip-missing",
  find: (host) => {
    const without = routedVifs(host).filter(
      ({ script, plan, device }) =>
        script === "vif-route" &&
        plan.ip.length === 0 &&
        !host.routes.some((line) => line.split(" ")[0] !== "default" && line.includes(`dev ${device!.name} `)),
    );
    return without.map((vif) => {
      const addresses = insideAddresses(vif);
      const source = vif.device!.addresses[0]?.split("/")[0] ?? null;
      return {
        what: `There is no route to ${vif.title}: its configuration has no ip=.`,
        step: "vif-route online: for each address of ip= an `ip route add`, so here none",
        why: "Domain 0 sends what is for the guest by its other routes: back to the LAN.",
        mend: mendRoute(
          addresses.length > 0 ? addresses : ["ADDRESS"],
          vif.device!.name,
          source,
          host.plan.xen,
          vif.domain.name,
        ),
      };
    });
  },
};

export const guestAddressOnVif: TrapFinder = {
  name: "guest-address-on-vif",
  find: (host) =>
    host.vifs.flatMap((vif) => {
      const own = (vif.device?.addresses ?? []).map((each) => each.replace(/\/.*/, ""));
      const twice = insideAddresses(vif).find((address) => own.includes(address));
      if (twice === undefined) return [];
      return [
        {
          what: `${vif.title} has the guest's own address ${twice} in domain 0, which now answers for the guest itself.`,
          step: stepWhere(
            host,
            new RegExp(
              `${twice.replaceAll(".", "\\.")}\\b.*${vif.device!.name}|${vif.device!.name}.*${twice.replaceAll(".", "\\.")}\\b`,
            ),
          ),
          why: "The address is local to domain 0 (`ip route get` says so): packets for the guest end there.",
          mend: [`ip addr del ${twice}/32 dev ${vif.device!.name}`, `ip route add ${twice} dev ${vif.device!.name}`],
        },
      ];
    }),
};

export const networkRouteEth: TrapFinder = {
  name: "network-route-eth",
  find: (host) => {
    const step = stepWhere(host, /conf\/eth\/proxy_arp/);
    if (step === null) return [];
    return [
      {
        what: "network-route has switched proxy_arp on for a device called eth, which there is not.",
        step,
        why: "The script of 3.1 makes the name of eth and $vifnum, and vifnum is empty unless it is given.",
        mend: ["(network-script 'network-route netdev=eth0')", "sysctl -w net.ipv4.conf.eth0.proxy_arp=1"],
      },
    ];
  },
};
