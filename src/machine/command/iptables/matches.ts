/**
 * The matches that are modelled, as the command line describes them: libxt_tcp, libxt_udp, libxt_icmp, libxt_physdev,
 * libxt_mac and libxt_comment of iptables 1.8.9. A new one is a class here and a line in `newMatch`.
 */
import type { Mac } from "../../../packet/address.ts";
import type { FlagsTest, Match, NameTest, PortTest, Wanted } from "../../../stack/netfilter/rule.ts";
import { Draft, flag, type OptionReader, option } from "./extension.ts";
import { type IcmpTypes, readIcmpType } from "./icmp-types.ts";
import { wrong } from "./problem.ts";
import { checkInterface, readMac, readPorts } from "./values.ts";

const PORT_OPTIONS = [
  option("source-port"),
  option("sport", "source-port"),
  option("destination-port"),
  option("dport", "destination-port"),
];

/** In the order of printing. */
export const TCP_FLAG_NAMES: readonly (readonly [name: string, bit: number])[] = [
  ["FIN", 1],
  ["SYN", 2],
  ["RST", 4],
  ["PSH", 8],
  ["ACK", 16],
  ["URG", 32],
];
const ALL_FLAGS = 63;
const SYN_TEST = { mask: 2 | 4 | 16 | 1, set: 2 };

const MAX_PORT = 65_535;

/** As it comes back from nft: all ports are no question, and "all but the first 1000" is a range of its own. */
function simplest(from: number, to: number, inverted: boolean): PortTest | null {
  const isAll = from === 0 && to === MAX_PORT;
  if (isAll && !inverted) return null;
  if (inverted && from === 0 && to < MAX_PORT && to > 0) return { from: to + 1, to: MAX_PORT, inverted: false };
  return { from, to, inverted };
}

abstract class PortDraft extends Draft<Match> {
  abstract override readonly name: "tcp" | "udp";
  protected source: PortTest | null = null;
  protected destination: PortTest | null = null;

  protected takePorts(key: string, value: string, inverted: boolean): void {
    const { from, to } = readPorts(value, this.name);
    const test = simplest(from, to, inverted);
    if (key === "source-port") this.source = test;
    else this.destination = test;
  }
}

class UdpDraft extends PortDraft {
  readonly name = "udp";
  readonly options = PORT_OPTIONS;

  take(key: string, value: string, inverted: boolean): void {
    this.once(key);
    this.takePorts(key, value, inverted);
  }

  finish(): Match {
    return { kind: "udp", source: this.source, destination: this.destination };
  }
}

class TcpDraft extends PortDraft {
  readonly name = "tcp";
  readonly options = [...PORT_OPTIONS, flag("syn"), option("tcp-flags")];
  private flags: FlagsTest | null = null;

  take(key: string, value: string, inverted: boolean, reader: OptionReader): void {
    if (key !== "syn" && key !== "tcp-flags") {
      if (this.given.has(key)) throw wrong(`Only one \`--${key}' allowed`);
      this.given.add(key);
      return this.takePorts(key, value, inverted);
    }
    if (this.flags !== null) throw wrong("Only one of `--syn' or `--tcp-flags'  allowed");
    if (key === "syn") this.flags = { ...SYN_TEST, inverted };
    else {
      const set = reader.next();
      if (set === null) throw wrong("--tcp-flags requires two args.");
      this.flags = { mask: readFlags(value), set: readFlags(set), inverted };
    }
  }

  finish(): Match {
    return { kind: "tcp", source: this.source, destination: this.destination, flags: this.flags };
  }
}

function readFlags(text: string): number {
  let flags = 0;
  for (const word of text.split(",").filter((each) => each !== "")) {
    const name = word.toUpperCase();
    const bit = name === "ALL" ? ALL_FLAGS : name === "NONE" ? 0 : TCP_FLAG_NAMES.find(([each]) => each === name)?.[1];
    if (bit === undefined) throw wrong(`Unknown TCP flag \`${word}'`);
    flags |= bit;
  }
  return flags;
}

class IcmpDraft extends Draft<Match> {
  readonly name = "icmp";
  readonly options = [option("icmp-type")];
  private types: IcmpTypes = { type: 0, from: 0, to: 0 };
  private inverted = false;

  take(key: string, value: string, inverted: boolean): void {
    this.once(key);
    this.types = readIcmpType(value);
    this.inverted = inverted;
  }

  finish(): Match {
    this.need("icmp-type");
    return { kind: "icmp", ...this.types, inverted: this.inverted };
  }
}

class PhysdevDraft extends Draft<Match> {
  readonly name = "physdev";
  readonly options = [
    option("physdev-in"),
    option("physdev-out"),
    flag("physdev-is-in"),
    flag("physdev-is-out"),
    flag("physdev-is-bridged"),
  ];
  private readonly names = new Map<string, NameTest>();
  private readonly wanted = new Map<string, Wanted>();

  take(key: string, value: string, inverted: boolean, reader: OptionReader): void {
    this.once(key);
    if (key === "physdev-in" || key === "physdev-out") {
      reader.warn(checkInterface(value));
      this.names.set(key, { name: value, inverted });
    } else this.wanted.set(key, inverted ? "no" : "yes");
  }

  finish(): Match {
    if (this.given.size === 0) throw wrong("PHYSDEV: no physdev option specified");
    return {
      kind: "physdev",
      input: this.names.get("physdev-in") ?? null,
      isIn: this.wanted.get("physdev-is-in") ?? null,
      output: this.names.get("physdev-out") ?? null,
      isOut: this.wanted.get("physdev-is-out") ?? null,
      isBridged: this.wanted.get("physdev-is-bridged") ?? null,
    };
  }
}

class MacDraft extends Draft<Match> {
  readonly name = "mac";
  readonly options = [option("mac-source")];
  private mac = 0 as Mac;
  private inverted = false;

  take(key: string, value: string, inverted: boolean): void {
    this.once(key);
    this.mac = readMac(value);
    this.inverted = inverted;
  }

  finish(): Match {
    this.need("mac-source");
    return { kind: "mac", mac: this.mac, inverted: this.inverted };
  }
}

/** XT_MAX_COMMENT_LEN less the zero. */
const MAX_COMMENT = 255;

class CommentDraft extends Draft<Match> {
  readonly name = "comment";
  readonly options = [option("comment")];
  private text = "";

  take(key: string, value: string, inverted: boolean): void {
    this.upright(key, inverted);
    this.once(key);
    if (value.length > MAX_COMMENT)
      throw wrong(`Argument must have a length less than ${MAX_COMMENT + 1} characters\n`);
    this.text = value;
  }

  finish(): Match {
    this.need("comment");
    return { kind: "comment", text: this.text };
  }
}

/** Null: not modelled, or no match at all. */
export function newMatch(name: string): Draft<Match> | null {
  switch (name) {
    case "tcp":
      return new TcpDraft();
    case "udp":
      return new UdpDraft();
    case "icmp":
      return new IcmpDraft();
    case "physdev":
      return new PhysdevDraft();
    case "mac":
      return new MacDraft();
    case "comment":
      return new CommentDraft();
    default:
      return null;
  }
}

/** Those of Debian 12 that are not modelled. */
export const OTHER_MATCHES: readonly string[] =
  "ah addrtype bpf cgroup cluster connbytes connlabel connlimit connmark conntrack cpu dccp devgroup dscp ecn esp hashlimit helper ipcomp iprange ipvs length limit mark multiport nfacct osf owner pkttype policy quota rateest realm recent rpfilter sctp set socket standard state statistic string tcpmss time tos ttl u32".split(
    " ",
  );
