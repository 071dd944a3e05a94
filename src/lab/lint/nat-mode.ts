/** Xen's own NAT mode. */
import { ERAS } from "../../machine/era.ts";
import { targetOf, valueOf } from "./saved-rules.ts";
import { type HostFacts, routedNetworks, routedVifs, stepWhere } from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

/** What vif-nat adds to the guest's last octet for domain 0's end. */
const ROUTER_OFFSET = 127;

export const natWithoutMasquerade: TrapFinder = {
  name: "nat-without-masquerade",
  find: (host) => {
    const vifs = routedVifs(host).filter(({ script }) => script === "vif-nat");
    const translates = host.rules
      .reached("nat", "POSTROUTING")
      .some((rule) => /^(MASQUERADE|SNAT)$/.test(targetOf(rule) ?? ""));
    const flushed = libvirtWithoutMasquerade(host);
    if (vifs.length === 0 || translates) return flushed;
    return [
      ...flushed,
      {
        what: `Nothing masquerades what ${listed(vifs.map(({ title }) => title))} ${vifs.length === 1 ? "sends" : "send"}: it leaves with an address that nobody outside can answer.`,
        step: "vif-nat online: address, route and proxy_arp of the vif, and no MASQUERADE",
        why: "Only network-nat adds that rule; xl runs no network script.",
        mend: [`iptables -t nat -A POSTROUTING -o ${uplinkOf(host.routes)} -j MASQUERADE`],
      },
    ];
  },
};

/** libvirt's rule names the network; one of the host's own may do without. */
const libvirtWithoutMasquerade = (host: HostFacts): Found[] =>
  routedNetworks(host)
    .filter(
      ({ plan, subnet }) =>
        plan.definition.forward.mode === "nat" &&
        !host.rules
          .reached("nat", "POSTROUTING")
          .some(
            (rule) => /^(MASQUERADE|SNAT)$/.test(targetOf(rule) ?? "") && (valueOf(rule, "-s") ?? subnet) === subnet,
          ),
    )
    .map(({ bridge, subnet, vifs }) => ({
      what: `Nothing masquerades what ${listed(vifs.map(({ title }) => title))} ${vifs.length === 1 ? "sends" : "send"} from ${bridge}: it leaves with an address of ${subnet}, which nobody outside can answer.`,
      step: stepWhere(host, /iptables .*(-t nat .*(-F|--flush)|(-F|--flush).* -t nat)/),
      why: "libvirt makes its rules when a network starts. Whoever flushes the table nat after that takes them away.",
      mend: [
        `iptables -t nat -A POSTROUTING -s ${subnet} ! -d ${subnet} -j MASQUERADE`,
        "or start libvirt anew, which makes all of them: systemctl restart libvirtd",
      ],
    }));

const uplinkOf = (routes: readonly string[]): string =>
  /^default .*dev (\S+)/.exec(routes.find((line) => line.startsWith("default")) ?? "")?.[1] ?? "eth0";

export const natOctet: TrapFinder = {
  name: "nat-octet-overflow",
  find: (host) =>
    host.vifs
      .filter(({ script }) => script === "vif-nat")
      .flatMap((vif) =>
        vif.plan.ip.flatMap((text) => {
          const parts = text.replace(/\/.*/, "").split(".");
          const octet = Number(parts[3]);
          if (!(octet + ROUTER_OFFSET > 255)) return [];
          const router = [...parts.slice(0, 3), octet + ROUTER_OFFSET].join(".");
          return [
            {
              what: `${vif.domain.name}: vif-nat makes ${router} of ip=${text} for its own end, which is no address.`,
              step: `vif-nat online: ip addr add ${router} dev ${vif.device?.name ?? "vifX.Y"}`,
              why: `The last octet and ${ROUTER_OFFSET} must stay below 256: guests may use 1 to 128.`,
              mend: [`ip=${[...parts.slice(0, 3), String(octet - 128 || 1)].join(".")} in the vif's configuration`],
            },
          ];
        }),
      ),
};

export const natPrefix: TrapFinder = {
  name: "nat-prefix-missing",
  find: (host) =>
    host.vifs
      .filter(({ script, device }) => script === "vif-nat" && device === null && ERAS[host.plan.xen].natNeedsPrefix)
      .flatMap(({ domain, plan }) =>
        plan.ip
          .filter((text) => !text.includes("/"))
          .map((text) => ({
            what: `${domain.name}: vif-nat of Xen ${host.plan.xen} fails on ip=${text}, which has no prefix length, and the guest is not created.`,
            step: "vif-nat online: the netmask, of what stands behind the slash of ip=",
            why: "Without a slash that is a syntax error in the script, which ends there and writes error into hotplug-status.",
            mend: [`ip=${text}/16 in the vif's configuration`],
          })),
      ),
};

export const masqueradeTwice: TrapFinder = {
  name: "masquerade-twice",
  find: (host) => {
    const texts = host.rules.of("nat", "POSTROUTING").map(({ text }) => text);
    const twice = texts.find((text, i) => /MASQUERADE/.test(text) && texts.indexOf(text) < i);
    if (twice === undefined) return [];
    return [
      {
        what: `"${twice}" stands there ${texts.filter((text) => text === twice).length} times.`,
        step: stepWhere(host, /-t nat -A POSTROUTING .*MASQUERADE/),
        why: "network-nat start appends its rule whether it is there or not, and stop takes away one.",
        mend: [`iptables -t nat ${twice.replace(/^-A/, "-D")}`],
      },
    ];
  },
};
