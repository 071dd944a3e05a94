/** How net-tools read what stands for a host or a mask: numbers only, there is no resolver. Follows lib/inet.c. */
import { type Ipv4, maskOf, parseIpv4 } from "../../../packet/address.ts";

/** "default" is 0.0.0.0; null: a name, which nobody here resolves. */
export const readHost = (text: string): Ipv4 | null => (text === "default" ? (0 as Ipv4) : parseIpv4(text));

/** INET_getnetmask: what stands behind the slash. */
export const maskOfLength = (text: string): Ipv4 | null =>
  /^\d{1,2}$/.test(text) && Number(text) <= 32 ? maskOf(Number(text)) : null;
