/** xl uptime: print_uptime of xl_info.c, Xen 4.17; a guest's time counts from /vm/UUID/start_time. */
import type { Domain } from "../../../xen/hypervisor.ts";
import type { Subcommand, XlCall } from "./subcommand.ts";

export const uptime: Subcommand = {
  name: "uptime",
  summary: "Print uptime for all/some domains",
  usage: "[-s] [Domain]",
  letters: "s",
  run,
};

function run(call: XlCall): number {
  const wanted: Domain[] = [];
  for (const word of call.operands) {
    const domid = call.domid(word);
    if (domid === null) return 1;
    const domain = call.domain(domid);
    if (domain !== null) wanted.push(domain);
  }
  if (!call.has("s")) call.process.print(`${"Name".padEnd(33)} ${"ID".padStart(4)} Uptime\n`);
  for (const domain of call.operands.length === 0 ? call.xen.hypervisor.domains : wanted) print(call, domain);
  return 0;
}

function print(call: XlCall, domain: Domain): void {
  const seconds = uptimeOf(call, domain);
  if (seconds === null) return;
  const { clockSeconds } = call.process.machine;
  const text = call.has("s")
    ? ` ${clock(clockSeconds % 86_400)} up ${spell(seconds, true)}, ${domain.name} (${domain.id})\n`
    : `${domain.name.padEnd(33)} ${String(domain.id).padStart(4)} ${spell(seconds, false)}\n`;
  call.process.print(text);
}

/** Whole seconds; null when xenstore does not tell. */
function uptimeOf({ xen, process }: XlCall, domain: Domain): number | null {
  if (domain === xen.dom0) return Math.floor(process.machine.uptime / 1e9);
  const start = Number.parseInt(xen.store.read(`/vm/${domain.uuid}/start_time`) ?? "", 10);
  return Number.isNaN(start) ? null : process.machine.clockSeconds - start;
}

const two = (number: number): string => String(number).padStart(2, "0");

function clock(seconds: number): string {
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => two(Math.floor(part))).join(":");
}

function spell(seconds: number, short: boolean): string {
  const days = Math.floor(seconds / 86_400);
  const prefix = days === 0 ? "" : `${days} day${days > 1 ? "s" : ""}, `;
  const hours = String(Math.floor(seconds / 3600) % 24).padStart(2);
  const rest = `${hours}:${two(Math.floor(seconds / 60) % 60)}`;
  return `${prefix}${rest}${short ? "" : `:${two(seconds % 60)}`}`;
}
