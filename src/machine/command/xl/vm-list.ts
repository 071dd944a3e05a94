/** xl vm-list: list_vm of xl_info.c, Xen 4.17. */
import type { Subcommand } from "./subcommand.ts";

export const vmList: Subcommand = {
  name: "vm-list",
  summary: "List guest domains, excluding dom0, stubdoms, etc.",
  usage: "",
  run: ({ process, xen }) => {
    process.print("UUID                                  ID    name\n");
    for (const { uuid, id, name } of xen.hypervisor.domains) process.print(`${uuid}  ${id}    ${name.padEnd(30)}\n`);
    return 0;
  },
};
