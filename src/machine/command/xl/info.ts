/**
 * xl info: output_nodeinfo, output_physinfo and output_xeninfo of xl_info.c, Xen 4.17. Names and numbers of the hardware
 * are those of no real machine.
 */
import type { Box } from "../../box.ts";
import type { XenHost } from "../../xen-host.ts";
import type { Subcommand, XlCall } from "./subcommand.ts";

export const info: Subcommand = {
  name: "info",
  summary: "Get information about Xen host",
  usage: "-n, --numa         List host NUMA topology information",
  letters: "n",
  longs: { numa: "n" },
  run,
};

/** The width of the name column. */
const WIDTH = 23;

function run(call: XlCall): number {
  if (call.has("n")) return call.notModelled("NUMA");
  const wanted = call.operands[0];
  for (const [name, value] of facts(call.process.machine, call.xen)) {
    if (wanted === undefined) call.process.print(`${name.padEnd(WIDTH)}:${value}\n`);
    else if (wanted === name) call.process.print(`${value.trimStart()}\n`);
  }
  return 0;
}

/** Values with their leading blank; `virt_caps` builds its own. */
export function facts(machine: Box, xen: XenHost): (readonly [string, string])[] {
  const domains = xen.hypervisor.domains;
  const cpus = machine.cpus.length;
  const used = domains.reduce((sum, domain) => sum + domain.memory, 0);
  const total = xen.memory * 4;
  const plain: readonly (readonly [string, string | number])[] = [
    ["host", machine.hostname],
    ["release", machine.release],
    ["version", machine.version],
    ["machine", "x86_64"],
    ["nr_cpus", cpus],
    ["max_cpu_id", cpus - 1],
    ["nr_nodes", 1],
    ["cores_per_socket", cpus],
    ["threads_per_core", 1],
    ["cpu_mhz", "3000.000"],
    ["hw_caps", "178bf3ff:76d8220b:2e500800:244037ff:0000000f:219c91a9:00400004:00000500"],
    ["virt_caps", "pv hvm hap shadow gnttab-v1 gnttab-v2"],
    ["total_memory", total],
    ["free_memory", Math.max(0, total - used)],
    ["sharing_freed_memory", 0],
    ["sharing_used_memory", 0],
    ["outstanding_claims", 0],
    ["free_cpus", 0],
    ["xen_major", 4],
    ["xen_minor", 17],
    ["xen_extra", ".7"],
    ["xen_version", "4.17.7"],
    ["xen_caps", "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 "],
    ["xen_scheduler", "credit2"],
    ["xen_pagesize", 4096],
    ["platform_params", "virt_start=0xffff800000000000"],
    ["xen_changeset", ""],
    ["xen_commandline", `placeholder dom0_mem=${xen.memory}M`],
    ["cc_compiler", "gcc (Debian 12.2.0-14) 12.2.0"],
    ["cc_compile_by", "pkg-xen-devel"],
    ["cc_compile_domain", "lists.alioth.debian.org"],
    ["cc_compile_date", "unknown"],
    ["build_id", "0000000000000000000000000000000000000000"],
    ["xend_config_format", 4],
  ];
  return plain.map(([name, value]) => [name, ` ${value}`]);
}
