/** Lines of iptables from a grammar: what a rule may ask and do, in all four tables. */
import { formatIpv4, formatMac } from "../../../../src/packet/address.ts";
import type { Chance } from "./chance.ts";
import { INTERFACES, ownAddresses, type Scene, stackDevices } from "./scene.ts";

/** Where a rule stands: built-in chains, and u1, u2 of the table filter, which FORWARD and INPUT call. */
interface Place {
  readonly table: string;
  readonly chain: string;
}

const PLACES: readonly (readonly [place: Place, weight: number])[] = [
  [{ table: "filter", chain: "FORWARD" }, 8],
  [{ table: "filter", chain: "INPUT" }, 4],
  [{ table: "filter", chain: "OUTPUT" }, 2],
  [{ table: "filter", chain: "u1" }, 2],
  [{ table: "filter", chain: "u2" }, 1],
  [{ table: "nat", chain: "PREROUTING" }, 3],
  [{ table: "nat", chain: "POSTROUTING" }, 3],
  [{ table: "mangle", chain: "PREROUTING" }, 2],
  [{ table: "mangle", chain: "FORWARD" }, 1],
  [{ table: "mangle", chain: "POSTROUTING" }, 1],
  [{ table: "raw", chain: "PREROUTING" }, 1],
];
const ALL_PLACES = PLACES.flatMap(([place, weight]) => Array.from({ length: weight }, () => place));

export function ruleLines(chance: Chance, scene: Scene): string[] {
  const lines = ["iptables -N u1", "iptables -N u2"];
  for (const chain of ["FORWARD", "INPUT"]) if (chance.maybe(0.15)) lines.push(`iptables -P ${chain} DROP`);
  for (let left = chance.from(1, 8); left > 0; left--)
    lines.push(new Rule(chance, scene, chance.pick(ALL_PLACES)).line);
  if (chance.maybe(0.5)) lines.push(`iptables -A ${chance.pick(["FORWARD", "INPUT"])} -j u1`);
  return lines;
}

class Rule {
  private readonly chance: Chance;
  private readonly scene: Scene;
  private readonly place: Place;
  private protocol = "";

  constructor(chance: Chance, scene: Scene, place: Place) {
    this.chance = chance;
    this.scene = scene;
    this.place = place;
  }

  get line(): string {
    const { table, chain } = this.place;
    const words = [
      table === "filter" ? "iptables" : `iptables -t ${table}`,
      `-A ${chain}`,
      this.perhaps(0.3, () => `${this.not}-s ${this.network}`),
      this.perhaps(0.3, () => `${this.not}-d ${this.network}`),
      this.devices,
      this.transport,
      this.perhaps(0.45, () => this.knowledge),
    ];
    // Last: what it does depends on the protocol.
    return [...words, `-j ${this.target}`].filter((word) => word !== "").join(" ");
  }

  private perhaps(probability: number, text: () => string): string {
    return this.chance.maybe(probability) ? text() : "";
  }

  private get not(): string {
    return this.chance.maybe(0.2) ? "! " : "";
  }

  private get network(): string {
    const { chance, scene } = this;
    const somebody = formatIpv4(chance.pick([...scene.stations.map(({ ip }) => ip), ...ownAddresses(scene)]));
    return chance.pick([
      somebody,
      `${somebody}/24`,
      `${somebody}/30`,
      `${somebody}/31`,
      "203.0.113.0/24",
      "10.0.0.0/8",
      "224.0.0.0/4",
    ]);
  }

  private get device(): string {
    return this.chance.pick([...INTERFACES, ...stackDevices(this.scene), ...this.scene.bridges, "vif+", "eth+", "lo"]);
  }

  private get devices(): string {
    const { chain } = this.place;
    const mayAskIn = !["OUTPUT", "POSTROUTING"].includes(chain);
    const mayAskOut = !["INPUT", "PREROUTING"].includes(chain);
    return [
      mayAskIn ? this.perhaps(0.25, () => `${this.not}-i ${this.device}`) : "",
      mayAskOut ? this.perhaps(0.2, () => `${this.not}-o ${this.device}`) : "",
    ]
      .filter((word) => word !== "")
      .join(" ");
  }

  private get ports(): string {
    return this.chance.pick(["53", "80", "22", "1500", "1024:65535", ":1023", "20000:20003", "8080", "5353"]);
  }

  private get transport(): string {
    const { chance } = this;
    const protocol = chance.pick(["tcp", "udp", "tcp", "udp", "icmp", "89", "", "", "", "-f"]);
    if (protocol === "") return "";
    if (protocol === "-f") return this.place.table === "nat" ? "" : `${this.not}-f`;
    this.protocol = protocol;
    const more: Readonly<Record<string, () => string>> = {
      tcp: () =>
        chance.pick([
          this.portTest,
          "--syn",
          "--tcp-flags SYN,RST,ACK SYN",
          "! --syn",
          "--tcp-flags ALL NONE",
          this.multiport,
        ]),
      udp: () => chance.pick([this.portTest, this.multiport]),
      icmp: () => `--icmp-type ${chance.pick(["8", "0", "3", "3/3", "11", "any"])}`,
    };
    const test = more[protocol];
    return [`-p ${protocol}`, test === undefined ? "" : this.perhaps(0.5, test)].join(" ").trim();
  }

  private get portTest(): string {
    return `${this.not}--${this.chance.pick(["sport", "dport"])} ${this.ports}`;
  }

  private get multiport(): string {
    return `-m multiport ${this.not}--${this.chance.pick(["sports", "dports", "ports"])} ${this.chance.pick(["53,80", "22,1500,8080", "20000:20005,7"])}`;
  }

  private get knowledge(): string {
    const { chance, place } = this;
    const kinds: (() => string)[] = [
      () =>
        `-m conntrack ${this.not}--ctstate ${chance.pick(["NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID", "INVALID,NEW", "UNTRACKED", "DNAT", "SNAT"])}`,
      () =>
        `-m conntrack ${this.not}--ctstate ${chance.pick(["NEW", "ESTABLISHED", "RELATED,ESTABLISHED", "INVALID"])}`,
      () => `-m conntrack --ctdir ${chance.pick(["ORIGINAL", "REPLY"])}`,
      () => `-m conntrack ${this.not}--ctstatus ${chance.pick(["SEEN_REPLY", "ASSURED", "CONFIRMED", "NONE"])}`,
      () => `-m conntrack ${this.not}--ctorigdst ${this.network}`,
      () => `-m pkttype ${this.not}--pkt-type ${chance.pick(["unicast", "broadcast", "multicast"])}`,
      () => `-m addrtype ${this.not}--dst-type ${chance.pick(["UNICAST", "LOCAL", "BROADCAST", "MULTICAST"])}`,
      () => `-m addrtype ${this.not}--src-type ${chance.pick(["UNICAST", "LOCAL"])}`,
      () => `-m mark ${this.not}--mark ${chance.pick(["0x0", "0x1", "0x0/0x1"])}`,
      () => `-m connmark ${this.not}--mark ${chance.pick(["0x0", "0x1", "0x3/0x3"])}`,
      () => `-m limit --limit 1/hour --limit-burst ${chance.from(1, 4)}`,
    ];
    if (place.table === "raw") kinds.splice(0, 5);
    if (["PREROUTING", "INPUT", "FORWARD", "u1"].includes(place.chain))
      kinds.push(() => `-m mac ${this.not}--mac-source ${formatMac(chance.pick(this.scene.stations).mac)}`);
    if (place.chain === "FORWARD")
      kinds.push(
        () =>
          `-m physdev ${chance.pick(["--physdev-is-bridged", "--physdev-in vif1.0", "--physdev-out eth0", "--physdev-in vif+"])}`,
      );
    return chance.pick(kinds)();
  }

  private get target(): string {
    const { chance, place, protocol } = this;
    switch (place.table) {
      case "nat":
        return this.translation;
      case "mangle":
        return this.change;
      case "raw":
        return chance.pick(["CT --notrack", "DROP", "ACCEPT", "RETURN"]);
      default: {
        const rejections = [
          "REJECT",
          "REJECT --reject-with icmp-host-prohibited",
          "REJECT --reject-with icmp-admin-prohibited",
        ];
        if (protocol === "tcp") rejections.push("REJECT --reject-with tcp-reset", "REJECT --reject-with tcp-reset");
        const calls = place.chain === "u1" ? ["u2"] : place.chain === "u2" ? [] : ["u1", "u2"];
        return chance.pick(["ACCEPT", "ACCEPT", "DROP", "DROP", "RETURN", ...rejections, ...calls]);
      }
    }
  }

  /** To one address, one port: else chance has a say. */
  private get translation(): string {
    const { chance, scene, protocol, place } = this;
    const address = formatIpv4(chance.pick([...scene.stations.map(({ ip }) => ip), ...ownAddresses(scene)]));
    const hasPorts = protocol === "tcp" || protocol === "udp";
    const port = hasPorts && chance.maybe(0.4) ? `:${chance.pick(["8080", "1500", "2049"])}` : "";
    if (place.chain === "POSTROUTING")
      return chance.pick([
        "MASQUERADE",
        "MASQUERADE",
        `SNAT --to-source ${address}`,
        "RETURN",
        "ACCEPT",
        "NETMAP --to 198.18.0.0/24",
      ]);
    return chance.pick([
      `DNAT --to-destination ${address}${port}`,
      `DNAT --to-destination ${address}`,
      "REDIRECT",
      "RETURN",
      "NETMAP --to 10.0.1.0/24",
    ]);
  }

  private get change(): string {
    const { chance, protocol } = this;
    const changes = [
      "MARK --set-mark 1",
      "MARK --set-xmark 0x2/0x3",
      "CONNMARK --save-mark",
      "CONNMARK --set-mark 1",
      "CONNMARK --restore-mark",
    ];
    changes.push("TTL --ttl-set 33", "TTL --ttl-dec 1", "TTL --ttl-inc 5", "DROP", "ACCEPT");
    if (protocol === "tcp" && this.place.chain === "FORWARD") return "TCPMSS --set-mss 1200";
    return chance.pick(changes);
  }
}
