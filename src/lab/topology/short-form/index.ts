/**
 * The short form, `mode: bridge` with `guests`, written out as the long form: one host xen1 with eth0 on the LAN, the guests
 * as the mode has them, and an outside machine gw on the same LAN.
 */
import { type Cidr, formatCidr, type Ipv4, networkOf, parseCidr, parseIpv4 } from "../../../packet/address.ts";
import type { Desk } from "../desk.ts";
import type { GuestInput, TopologyInput } from "../schema.ts";
import { DHCP } from "../values.ts";
import { EXPECTED_TOPOLOGY } from "../yaml-text.ts";
import { bridge } from "./bridge.ts";
import {
  firstPings,
  GATEWAY,
  HOST,
  LAN,
  type Lan,
  type NamedGuest,
  outsideMachine,
  rewrites,
  type ShortMode,
  withPrefix,
} from "./form.ts";
import { nat } from "./nat.ts";
import { route } from "./route.ts";

const MODES: Readonly<Record<NonNullable<TopologyInput["mode"]>, ShortMode>> = { bridge, route, nat };

const SHORT_KEYS = ["mode", "guests", "host", "gateway", "outside"] as const;
const LONG_KEYS = ["networks", "hosts", "machines"] as const;

/** The topology itself when it is in the long form already. `complete` as in RawTopology. */
export function expandShortForm(input: TopologyInput, complete: boolean, desk: Desk): TopologyInput {
  const written = desk.source.keys([]);
  const short = SHORT_KEYS.find((key) => written.includes(key));
  if (short === undefined) {
    if (complete && !LONG_KEYS.some((key) => written.includes(key))) nothingToBuild(desk);
    return input;
  }
  if (isMixed(desk)) {
    mixedForms(desk, written);
    return input;
  }
  if (complete && !written.includes("guests")) nothingToBuild(desk);
  return writeOut(input, desk);
}

/** Keys of both forms stand in the file: then nothing is written out, and neither form's machines are made up. */
export function isMixed(desk: Desk): boolean {
  const written = desk.source.keys([]);
  return SHORT_KEYS.some((key) => written.includes(key)) && LONG_KEYS.some((key) => written.includes(key));
}

/** The keys of the form of which there is less are in the wrong place. */
function mixedForms(desk: Desk, written: readonly string[]): void {
  const shorts = SHORT_KEYS.filter((key) => written.includes(key));
  const longs = LONG_KEYS.filter((key) => written.includes(key));
  const isShort = shorts.length >= longs.length;
  const [strange, [other]] = isShort ? [longs, shorts] : [shorts, longs];
  for (const key of strange) {
    const [own, theirs] = isShort ? ["long", "short"] : ["short", "long"];
    const message = `\`${key}\` belongs to the ${own} form of a topology and \`${other}\` to the ${theirs} one`;
    const isHosts = key === "host" && desk.source.keys(["host"]).length > 0;
    const hint = isHosts ? { hint: "did you mean `hosts`?" } : {};
    desk.errorAtKey([key], "mixed-forms", message, { expected: "one of the two forms", ...hint });
  }
}

function nothingToBuild(desk: Desk): void {
  desk.error([], "nothing", "there is nothing to build", {
    expected: EXPECTED_TOPOLOGY,
  });
}

function writeOut(input: TopologyInput, desk: Desk): TopologyInput {
  const mode = input.mode ?? "bridge";
  const form = MODES[mode];
  const written = Object.entries(input.guests ?? {}).map(([name, guest]) => ({ name, guest: asMapping(guest) }));
  const guests = form.behind === true ? written : withoutLeases(written, mode, desk);
  const onLan = form.behind === true ? [] : guests;
  const lan = chooseLan(
    input,
    onLan.map(({ guest }) => parseCidr(guest.ip)!),
  );
  const { mode: _mode, guests: _guests, host: _host, gateway: _gateway, outside, ...rest } = input;
  const domains = guests.map(({ name, guest }) => [name, form.domain(guest, lan)]);
  const others = Object.entries(outside ?? {}).map(([name, ip]) => [name, outsideMachine(withPrefix(ip, lan))]);
  desk.source.rewrite(rewrites(guests, Object.keys(outside ?? {}), form.hostAddress));
  const gateway = outsideMachine(formatCidr({ address: lan.gateway, prefix: lan.host.prefix }));
  return {
    ...rest,
    networks: { [LAN]: {} },
    hosts: { [HOST]: { ...form.host(lan), domains: Object.fromEntries(domains) } },
    machines: { [GATEWAY]: gateway, ...Object.fromEntries(others) },
    scenario: input.scenario ?? firstPings(guests, lan, form.pingsAt?.(guests)),
  };
}

/** A guest on the LAN that wants a lease: the short form has nobody there who gives one. */
function withoutLeases(guests: readonly NamedGuest[], mode: string, desk: Desk): NamedGuest[] {
  const wrong = guests.filter(({ guest }) => guest.ip === DHCP);
  for (const { name } of wrong)
    desk.error(["guests", name], "bad-value", `nobody serves DHCP to the guests of \`mode: ${mode}\``, {
      expected: "an address such as 192.168.1.11; in the long form gw may have `services: [dhcp]`",
    });
  return guests.filter((each) => !wrong.includes(each));
}

const asMapping = (guest: string | GuestInput): GuestInput => (typeof guest === "string" ? { ip: guest } : guest);

/** What is not said follows from what is: the net of the host, else of the first guest. */
function chooseLan(input: TopologyInput, guests: readonly Cidr[]): Lan {
  const near = input.host === undefined ? guests[0] : parseCidr(input.host)!;
  const written = input.host ?? "";
  const prefix = written.includes("/") || (near?.prefix ?? 32) < 32 ? near!.prefix : 24;
  const net = networkOf(near?.address ?? parseIpv4("192.168.1.0")!, prefix);
  const taken = new Set<number>(guests.map(({ address }) => address));
  const gateway = input.gateway === undefined ? firstFree(net + 1, taken) : parseIpv4(input.gateway)!;
  taken.add(gateway);
  return {
    host: {
      address: input.host === undefined ? firstFree(net + 10, taken) : near!.address,
      prefix,
    },
    gateway,
  };
}

function firstFree(from: number, taken: ReadonlySet<number>): Ipv4 {
  let address = from;
  while (taken.has(address)) address++;
  return (address >>> 0) as Ipv4;
}
