/**
 * What virsh says of domains: tools/virsh-domain-monitor.c of libvirt 9.0. A real libvirtd with the libxl driver sees the
 * domains that it started itself; this one sees those of xl.
 */
import { formatMac } from "../../../packet/address.ts";
import type { Domain } from "../../../xen/hypervisor.ts";
import { nicsOf } from "../../libxl/nic.ts";
import type { XenHost } from "../../xen-host.ts";
import type { VirshCall, VirshCommand, VirshOption } from "./subcommand.ts";
import { table } from "./table.ts";

const DOMAIN: VirshOption = { name: "domain", kind: "data", text: "domain name, id or uuid" };
const flag = (name: string, text: string): VirshOption => ({ name, kind: "flag", text });

const xenOf = (call: VirshCall): XenHost | null => call.process.machine.parts.xen ?? null;

function stateOf(domain: Domain): string {
  if (domain.shutdown === "crash") return "crashed";
  if (domain.shutdown !== null) return "shut off";
  if (domain.dying) return "in shutdown";
  return domain.paused ? "paused" : "running";
}

const list: VirshCommand = {
  name: "list",
  group: "domain",
  summary: "list domains",
  description: "Returns list of domains.",
  options: [
    flag("inactive", "list inactive domains"),
    flag("all", "list inactive & active domains"),
    flag("uuid", "list uuid's only"),
    flag("name", "list domain names only"),
    flag("id", "list domain IDs only"),
    flag("table", "list table (default)"),
  ],
  run(call) {
    if (["table", "name", "uuid", "id"].filter((each) => call.has(each)).length > 1 && call.has("table"))
      return call.fail("Only one argument from --table, --name and --uuid may be specified.");
    const all = call.has("inactive") && !call.has("all") ? [] : (xenOf(call)?.hypervisor.domains ?? []);
    const only = (["id", "uuid", "name"] as const).filter((each) => call.has(each));
    if (only.length > 0)
      return call.done(all.map((domain) => `${only.map((key) => domain[key]).join(" ")}\n`).join(""));
    const rows = all.map((domain) => [String(domain.id), domain.name, stateOf(domain)]);
    return call.done(
      table(
        call.quiet ? null : ["Id", "Name", "State"],
        rows.map(([id, ...rest]) => [id!, ...rest]),
      ),
    );
  },
};

/** virshLookupDomain: by id, UUID, then name; null after the sentence. */
function domainOf(call: VirshCall): Domain | null {
  const word = call.value("domain")!;
  const all = xenOf(call)?.hypervisor.domains ?? [];
  const found =
    (/^\d+$/.test(word) ? all.find(({ id }) => id === Number(word)) : undefined) ??
    all.find(({ uuid }) => uuid === word.toLowerCase()) ??
    all.find(({ name }) => name === word);
  if (found === undefined) call.fail(`failed to get domain '${word}'`);
  return found ?? null;
}

const ifList: VirshCommand = {
  name: "domiflist",
  group: "domain",
  summary: "list all domain virtual interfaces",
  description: "Get the summary of virtual interfaces for a domain.",
  options: [DOMAIN, flag("inactive", "get inactive rather than running configuration")],
  run(call) {
    const domain = domainOf(call);
    if (domain === null) return 1;
    const { store } = xenOf(call)!;
    const rows = nicsOf(store, domain.id).map(({ devid, mac, backend }) => {
      const name = store.read(`${backend}/vifname`) ?? `vif${domain.id}.${devid}`;
      const bridge = store.read(`${backend}/bridge`);
      return [name, bridge === null ? "ethernet" : "bridge", bridge ?? "-", "-", formatMac(mac)];
    });
    return call.done(table(call.quiet ? null : ["Interface", "Type", "Source", "Model", "MAC"], rows));
  },
};

const info: VirshCommand = {
  name: "dominfo",
  group: "domain",
  summary: "domain information",
  description: "Returns basic information about the domain.",
  options: [DOMAIN],
  run(call) {
    const domain = domainOf(call);
    if (domain === null) return 1;
    const memory = `${domain.memory * 1024} KiB`;
    const lines = [
      ["Id:", String(domain.id)],
      ["Name:", domain.name],
      ["UUID:", domain.uuid],
      ["OS Type:", "xen"],
      ["State:", stateOf(domain)],
      ["CPU(s):", String(domain.cpus.length)],
      ["CPU time:", `${(domain.cpuTime / 1e9).toFixed(1)}s`],
      ["Max memory:", memory],
      ["Used memory:", memory],
      ["Persistent:", "no"],
      ["Autostart:", "disable"],
      ["Managed save:", "no"],
      ["Security model:", "none"],
      ["Security DOI:", "0"],
    ];
    return call.done(lines.map(([key, value]) => `${key!.padEnd(15)} ${value}\n`).join(""));
  },
};

export const DOMAIN_COMMANDS: readonly VirshCommand[] = [ifList, info, list];
