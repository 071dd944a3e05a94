/** What a server gave, and the command lines by which a client's script takes it into use. */
import { ANY_IPV4, broadcastOf, formatIpv4, type Ipv4, maskOf, networkOf } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import type { Box } from "../../box.ts";
import { Errno } from "../../errno.ts";

const { OptionCode } = dhcp;

export class ClientLease {
  readonly message: dhcp.Message;
  readonly address: Ipv4;
  readonly server: Ipv4;
  /** Seconds; the three of RFC 2131 4.4.5. */
  readonly time: number;
  readonly renewal: number;
  readonly rebinding: number;

  constructor(message: dhcp.Message) {
    this.message = message;
    this.address = message.yourAddress;
    this.server = dhcp.addressOf(message, OptionCode.SERVER_ID) ?? ANY_IPV4;
    this.time = dhcp.number32Of(message, OptionCode.LEASE_TIME) ?? 3600;
    this.renewal = dhcp.number32Of(message, OptionCode.RENEWAL_TIME) ?? Math.floor(this.time / 2);
    this.rebinding = dhcp.number32Of(message, OptionCode.REBINDING_TIME) ?? Math.floor((this.time * 7) / 8);
  }

  get prefix(): number {
    const mask = dhcp.addressOf(this.message, OptionCode.SUBNET_MASK) ?? classMask(this.address);
    let bits = 0;
    while (bits < 32 && ((mask << bits) & 0x8000_0000) !== 0) bits++;
    return bits;
  }

  get broadcast(): Ipv4 {
    return dhcp.addressOf(this.message, OptionCode.BROADCAST) ?? broadcastOf(this.address, this.prefix);
  }

  get routers(): Ipv4[] {
    return dhcp.addressesOf(this.message, OptionCode.ROUTER);
  }
}

const classMask = (address: Ipv4): Ipv4 => maskOf(address >>> 31 === 0 ? 8 : address >>> 30 === 2 ? 16 : 24);

export const cleanLines = (device: string): string[] => [`ip addr flush dev ${device}`, `ip link set dev ${device} up`];

/** `keepsAddress`: it was there before, only the rest may have changed. */
export function setupLines(lease: ClientLease, device: string, keepsAddress: boolean): string[] {
  const { address, prefix, broadcast, routers, message } = lease;
  const mtu = dhcp.option(message, OptionCode.MTU);
  const lines: string[] = [];
  if (mtu !== null && mtu.length === 2) lines.push(`ip link set dev ${device} mtu ${mtu[0]! * 256 + mtu[1]!}`);
  if (keepsAddress) return lines;
  lines.push(`ip addr flush dev ${device}`);
  lines.push(`ip addr add ${formatIpv4(address)}/${prefix} broadcast ${formatIpv4(broadcast)} dev ${device}`);
  for (const router of routers.slice(0, 1)) {
    const isNear = networkOf(router, prefix) === networkOf(address, prefix);
    if (!isNear) lines.push(`ip route add ${formatIpv4(router)} dev ${device}`);
    lines.push(`ip route add default via ${formatIpv4(router)} dev ${device}`);
  }
  return lines;
}

/** resolv.conf: what the server says replaces what was there; a server that says nothing leaves it alone. */
export function writeResolvConf(machine: Box, { message }: ClientLease): void {
  const servers = dhcp.addressesOf(message, OptionCode.DNS_SERVER);
  if (servers.length === 0) return;
  const domain = dhcp.textOf(message, OptionCode.DOMAIN_NAME);
  const search = domain === null ? "" : `search ${domain}\n`;
  const text = `${search}${servers.map((server) => `nameserver ${formatIpv4(server)}\n`).join("")}`;
  const known = machine.files.read("/etc/resolv.conf");
  if (known instanceof Errno || known !== text) machine.files.write("/etc/resolv.conf", text);
}

/** A message as both clients begin it. */
export const request = (
  type: number,
  fields: Pick<dhcp.Message, "transactionId" | "seconds" | "clientMac"> & Partial<dhcp.Message>,
  options: readonly dhcp.Option[],
): dhcp.Message => ({
  ...{ operation: dhcp.Operation.REQUEST, hops: 0, flags: 0, serverName: "", bootFile: "" },
  ...{ clientAddress: ANY_IPV4, yourAddress: ANY_IPV4, serverAddress: ANY_IPV4, relayAddress: ANY_IPV4 },
  ...fields,
  options: [dhcp.byteOption(OptionCode.MESSAGE_TYPE, type), ...options],
});
