/** xm network-list: xm_network_list of main.py; what the frontend's directory says. Not modelled: --long. */
import { domainPath } from "../../libxl/domain-nodes.ts";
import type { Subcommand, XmCall } from "./subcommand.ts";

export const networkList: Subcommand = {
  name: "network-list",
  usage: "<Domain> [--long]",
  summary: "List virtual network interfaces for a domain.",
  options: [["-l, --long", "List resources as SXP"]],
  run,
};

function run(call: XmCall): number {
  const words = call.args.filter((word) => word !== "-l" && word !== "--long");
  if (words.length < call.args.length) return call.notModelled("xm network-list --long");
  if (words.length !== 1) {
    call.process.print(words.length === 0 ? "No domain parameter given\n" : "No multiple domain parameters allowed\n");
    return call.usage();
  }
  const domain = call.domain(words[0]!);
  if (domain === null) return call.noDomain(words[0]!);
  const { store } = call.xen;
  const root = `${domainPath(domain.id)}/device/vif`;
  const { devicesHead, deviceRow } = call.format;
  for (const [number, index] of (store.list(root) ?? []).entries()) {
    if (number === 0 && devicesHead !== null) call.process.print(`${devicesHead}\n`);
    const keys = store.list(`${root}/${index}`) ?? [];
    const values = new Map(keys.map((key) => [key, store.read(`${root}/${index}/${key}`) ?? ""]));
    call.process.print(`${deviceRow({ index, values })}\n`);
  }
  return 0;
}
