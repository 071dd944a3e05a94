/**
 * SNAT, DNAT, MASQUERADE, REDIRECT and NETMAP: which range a flow is bound to. Follows net/netfilter/xt_nat.c,
 * nf_nat_masquerade.c, nf_nat_redirect.c and xt_NETMAP.c.
 */
import { Fate, type FateCode } from "../../../base/fate.ts";
import { ANY_IPV4, type Ipv4 } from "../../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import { Hook } from "../../hooks.ts";
import { Scope } from "../../route-table.ts";
import { flowOf } from "../conntrack/flow.ts";
import type { Packet } from "../packet.ts";
import type { NatRange, Target } from "../rule.ts";
import { Manip } from "./choose.ts";
import { manipOf, type Nat, onlyAddress } from "./nat.ts";

const LOCALHOST = 0x7f00_0001 as Ipv4;

/** Binds the packet's flow as the rule says. NONE, or why the packet cannot go on. */
export function bindBy(target: Target, packet: Packet, nat: Nat): FateCode {
  const { frame, hook } = packet;
  const flow = flowOf(frame);
  if (flow === null) return Fate.NONE;
  switch (target.kind) {
    case "snat":
      nat.bind(flow, target.range, Manip.SRC);
      return Fate.NONE;
    case "dnat":
      nat.bind(flow, target.range, Manip.DST);
      return Fate.NONE;
    case "masquerade":
      return masquerade(target.range, packet, nat);
    case "redirect":
      return redirect(target.range, packet, nat);
    case "netmap":
      nat.bind(flow, onlyAddress(mapped(target.address, target.mask, packet)), manipOf(hook));
      return Fate.NONE;
    default:
      return Fate.NONE;
  }
}

/** nf_nat_masquerade_ipv4: the address that the host itself would speak from to there. */
function masquerade(range: NatRange, packet: Packet, nat: Nat): FateCode {
  const { frame, output, host } = packet;
  const flow = flowOf(frame)!;
  if (flow.original.source === 0) return Fate.NONE;
  const address = host.addresses.select(output!, packet.nextHop, Scope.UNIVERSE);
  if (address === ANY_IPV4) {
    output!.table.log.print(`${output!.name} ate my IP address`);
    return Fate.NAT_NO_ADDRESS;
  }
  flow.masqueradedBy = output!.index;
  nat.bind(flow, { ...range, from: address, to: address }, Manip.SRC);
  return Fate.NONE;
}

/** nf_nat_redirect_ipv4: to the host itself. */
function redirect(range: NatRange, packet: Packet, nat: Nat): FateCode {
  const { frame, hook, input, host } = packet;
  const own = input === null ? undefined : host.addresses.of(input)[0];
  const address = hook === Hook.OUTPUT ? LOCALHOST : (own?.address ?? ANY_IPV4);
  if (address === ANY_IPV4) return Fate.NAT_NO_ADDRESS;
  nat.bind(flowOf(frame)!, { ...range, from: address, to: address }, Manip.DST);
  return Fate.NONE;
}

function mapped(network: Ipv4, mask: Ipv4, { frame, hook }: Packet): Ipv4 {
  const ip = frame.at + LINK;
  const isSource = manipOf(hook) === Manip.SRC;
  const address = isSource ? ipv4.source(frame.bytes, ip) : ipv4.destination(frame.bytes, ip);
  return (((address & ~mask) | (network & mask)) >>> 0) as Ipv4;
}
