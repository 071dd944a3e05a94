/**
 * The words of a capture filter (libpcap's scanner.l): keywords, numbers, addresses, names, signs.
 */

type WordKind = "keyword" | "number" | "address" | "mac" | "name" | "sign" | "unknown" | "end";

export interface Word {
  readonly kind: WordKind;
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

/** What this subset understands. */
const KEYWORDS: readonly string[] = [
  ...["and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "proto", "ether", "ip", "ip6"],
  ...[
    "arp",
    "rarp",
    "icmp",
    "icmp6",
    "igmp",
    "tcp",
    "udp",
    "sctp",
    "vlan",
    "less",
    "greater",
    "broadcast",
    "multicast",
  ],
];

/** libpcap knows them; saying so is better than "syntax error". */
export const NOT_MODELLED: readonly string[] = [
  ...["protochain", "gateway", "len", "length", "inbound", "outbound", "mpls", "pppoed", "pppoes", "geneve", "llc"],
  ...["link", "stp", "ifname", "on", "ifindex", "type", "subtype", "byte", "ah", "esp", "pim", "vrrp", "carp"],
];

const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["&&", "and"],
  ["||", "or"],
  ["!", "not"],
]);

const NUMBER = /^(0x[0-9a-f]+|\d+)$/i;
const DOTTED = /^\d+(\.\d+){1,3}$/;
const MAC = /^[0-9a-f]{1,2}([:.-][0-9a-f]{1,2}){5}$/i;
const NAME = /^[A-Za-z0-9]([-_.A-Za-z0-9]*[.A-Za-z0-9])?$/;
/** One word: an escaped name, a sign, or a run of anything else. */
const WORD = /\\[^ !()\n\t]+|&&|\|\||[!()/<>=&|^+*%[\]]|[^\s!()/<>=&|^+*%[\]\\]+|./gs;

/** All words, closed by one of kind "end". */
export function split(text: string): Word[] {
  const words: Word[] = [];
  for (const found of text.matchAll(WORD)) {
    if (/^\s$/.test(found[0])) continue;
    words.push(classify(found[0], found.index + 1));
  }
  words.push({ kind: "end", text: "", column: text.length + 1 });
  return words;
}

function classify(raw: string, column: number): Word {
  const text = SYNONYMS.get(raw) ?? raw;
  if (KEYWORDS.includes(text)) return { kind: "keyword", text, column };
  if (raw.startsWith("\\")) return { kind: "name", text: raw.slice(1), column };
  if (MAC.test(text)) return { kind: "mac", text, column };
  if (DOTTED.test(text)) return { kind: "address", text, column };
  if (NUMBER.test(text)) return { kind: "number", text, column };
  if (text === "(" || text === ")" || text === "/") return { kind: "sign", text, column };
  return { kind: NAME.test(text) ? "name" : "unknown", text, column };
}

/** The keyword that a misspelt word most likely meant; null when none is near. */
export function nearestKeyword(word: string): string | null {
  let best: string | null = null;
  let bestDistance = word.length > 4 ? 3 : 2;
  for (const keyword of KEYWORDS) {
    const distance = editDistance(word.toLowerCase(), keyword);
    if (distance >= bestDistance) continue;
    best = keyword;
    bestDistance = distance;
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
