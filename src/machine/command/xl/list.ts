/** xl list: list_domains and list_domains_details of xl_info.c, Xen 4.17. */
import type { Domain } from "../../../xen/hypervisor.ts";
import { dom0Json, formatJson, type JsonObject } from "../../libxl/domain-config.ts";
import { loadConfiguration, nicsIn, withNics } from "../../libxl/userdata.ts";
import type { XenHost } from "../../xen-host.ts";
import { helpOf, type Subcommand, type XlCall } from "./subcommand.ts";

export const list: Subcommand = {
  name: "list",
  summary: "List information about all/some domains",
  usage: "[options] [Domain]\n",
  options: `-l, --long              Output all VM details
-v, --verbose           Prints out UUIDs and security context
-Z, --context           Prints out security context
-c, --cpupool           Prints the cpupool the domain is in
-n, --numa              Prints out NUMA node affinity`,
  letters: "lvZcn",
  longs: { long: "l", verbose: "v", context: "Z", cpupool: "c", numa: "n" },
  run,
};

function run(call: XlCall): number {
  if (call.has("c") || call.has("n")) return call.notModelled("CPU pools and NUMA");
  const domains = chosen(call);
  if (typeof domains === "number") return domains;
  const print = call.has("l") ? details(call.xen, domains) : table(call, domains);
  call.process.print(print);
  return 0;
}

function chosen(call: XlCall): readonly Domain[] | number {
  const [word, more] = call.operands;
  if (word === undefined) return call.xen.hypervisor.domains;
  if (more !== undefined) {
    call.process.print(helpOf(list));
    return 1;
  }
  const domid = call.domid(word);
  if (domid === null) return 1;
  const domain = call.domain(domid);
  return domain === null ? call.fail(`Error: Domain '${word}' does not exist.`) : [domain];
}

function table(call: XlCall, domains: readonly Domain[]): string {
  const verbose = call.has("v");
  const context = call.has("Z");
  let head = "Name                                        ID   Mem VCPUs\tState\tTime(s)";
  if (verbose) head += "   UUID                            Reason-Code\tSecurity Label";
  else if (context) head += "   Security Label";
  const label = "-".padStart(16);
  const rows = domains.map((domain) => {
    const uuid = verbose ? ` ${domain.uuid} ${"-".padStart(8)}` : "";
    return `${row(call.xen, domain)}${uuid}${verbose || context ? ` ${label}` : ""}\n`;
  });
  return `${head}\n${rows.join("")}`;
}

function row(xen: XenHost, domain: Domain): string {
  const time = (domain.cpuTime / 1e9).toFixed(1).padStart(8);
  const numbers = [domain.id, domain.memory, domain.cpus.length].map((number) => String(number).padStart(5)).join(" ");
  return `${domain.name.padEnd(40)} ${numbers}     ${stateOf(xen, domain)}  ${time}`;
}

/** r running, b blocked, p paused, s shut down, the reason's letter, d dying. */
function stateOf(xen: XenHost, domain: Domain): string {
  const reasons: Readonly<Record<string, string>> = { reboot: "r", suspend: "s", crash: "c", watchdog: "w" };
  return [
    domain === xen.dom0 ? "r" : "-",
    xen.isBlocked(domain) ? "b" : "-",
    domain.paused ? "p" : "-",
    domain.shutdown === null ? "-" : "s",
    reasons[domain.shutdown ?? ""] ?? "-",
    domain.dying ? "d" : "-",
  ].join("");
}

function details(xen: XenHost, domains: readonly Domain[]): string {
  const all = domains.flatMap((domain) => {
    const config = configuration(xen, domain);
    return config === null ? [] : [{ domid: domain.id, config }];
  });
  return `${formatJson(all)}\n\n`;
}

/** libxl_retrieve_domain_configuration: of the devices it remembers, those that are still there. */
function configuration(xen: XenHost, domain: Domain): JsonObject | null {
  if (domain === xen.dom0) return dom0Json(domain.name, domain.memory);
  const json = loadConfiguration(xen.machine, domain.id, domain.uuid);
  if (json === null) return null;
  const there = nicsIn(json).filter((nic) => xen.store.exists(`/libxl/${domain.id}/device/vif/${nic["devid"]}`));
  return withNics(json, there);
}
