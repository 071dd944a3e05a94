/** What libvirt's networks do to a host that has rules, or networks, besides them. */
import { isForAll, type SavedRule, targetOf, valueOf } from "./saved-rules.ts";
import { stepWhere } from "./scene.ts";
import { listed, type TrapFinder } from "./trap.ts";

const NET_START = /^virsh .*net-(start|autostart)|libvirt/;

export const libvirtFirst: TrapFinder = {
  name: "libvirt-first",
  find: (host) => {
    const chain = host.rules.of("filter", "FORWARD");
    const lastJump = chain.findLastIndex((rule) => /^LIBVIRT_/.test(targetOf(rule) ?? ""));
    const own = chain.slice(lastJump + 1).filter((rule) => !isForAll(rule) && isOwn(rule));
    const networks = bridgesOf(host.rules.rules);
    if (lastJump < 0 || own.length === 0 || networks.length === 0) return [];
    return [
      {
        what: `libvirt's chains come before the host's own rules of FORWARD: "${own[0]!.text}" is never asked about ${listed(networks)}.`,
        step: stepWhere(host, NET_START) ?? "net-start: iptables --insert FORWARD --jump LIBVIRT_FWI",
        why: "libvirt inserts its jumps at position 1 when a network starts, and its chains end in REJECT for its bridges.",
        mend: [`iptables -I FORWARD ${own[0]!.text.replace(/^-A FORWARD /, "")}   (again, after every net-start)`],
      },
    ];
  },
};

const isOwn = (rule: SavedRule): boolean => !rule.words.includes("physdev") && !/^LIBVIRT_/.test(targetOf(rule) ?? "");

/** The bridges that libvirt lets nothing in to. */
const bridgesOf = (rules: readonly SavedRule[]): string[] => [
  ...new Set(
    rules
      .filter((rule) => rule.chain === "LIBVIRT_FWI" && targetOf(rule) === "REJECT")
      .map((rule) => valueOf(rule, "-o") ?? "")
      .filter((name) => name !== ""),
  ),
];

export const libvirtNetworksApart: TrapFinder = {
  name: "libvirt-networks-apart",
  find: (host) => {
    const bridges = bridgesOf(host.rules.of("filter", "LIBVIRT_FWI"));
    if (bridges.length < 2) return [];
    return [
      {
        what: `Guests of ${listed(bridges)} cannot reach each other: each of these networks rejects what is new from the others.`,
        step: stepWhere(host, NET_START) ?? `net-start: -A LIBVIRT_FWI -o ${bridges[0]} -j REJECT`,
        why: "LIBVIRT_FWI comes before LIBVIRT_FWO: the network of the destination says no before that of the source says yes.",
        mend: [
          `iptables -I FORWARD -i ${bridges[0]} -o ${bridges[1]} -j ACCEPT`,
          `iptables -I FORWARD -i ${bridges[1]} -o ${bridges[0]} -j ACCEPT`,
          "or <forward mode='open'/> and rules of your own",
        ],
      },
    ];
  },
};

export const forwardingLeftOn: TrapFinder = {
  name: "forwarding-left-on",
  find: (host) => {
    // What was started after it, or has never been stopped, needs the host as a router.
    const step = stepWhere(host, /virsh .*net-(destroy|start|create)/);
    const isGone = step !== null && /net-destroy/.test(step) && bridgesOf(host.rules.rules).length === 0;
    if (!isGone || host.sysctl("net.ipv4.ip_forward") !== "1") return [];
    return [
      {
        what: "The network is gone, and domain 0 still forwards.",
        step,
        why: "net-start sets net.ipv4.ip_forward and net-destroy does not restore it: the host stays a router, now without libvirt's rules.",
        mend: ["sysctl -w net.ipv4.ip_forward=0"],
      },
    ];
  },
};
