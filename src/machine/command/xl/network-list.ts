/** xl network-list: main_networklist of xl_nic.c, libxl_device_nic_getinfo of libxl_nic.c, Xen 4.17. */
import { formatMac } from "../../../packet/address.ts";
import type { XenStore } from "../../../xen/xenstore.ts";
import { type Nic, nicsOf } from "../../libxl/nic.ts";
import type { Subcommand } from "./subcommand.ts";

const HEAD = "Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       \n";

export const networkList: Subcommand = {
  name: "network-list",
  summary: "List virtual network interfaces for a domain",
  usage: "<Domain(s)>",
  required: 1,
  run: (call) => {
    call.process.print(HEAD);
    for (const word of call.operands) {
      const domid = call.domid(word);
      if (domid === null) return 1;
      for (const nic of nicsOf(call.xen.store, domid)) call.process.print(row(call.xen.store, nic));
    }
    return 0;
  },
};

/** With split event channels the key `event-channel` is not there, and -1 is shown. */
function row(store: XenStore, nic: Nic): string {
  const value = (key: string): number => store.readNumber(`${nic.frontend}/${key}`) ?? -1;
  const pad = (number: number, width: number): string => String(number).padStart(width);
  const references = `${pad(value("tx-ring-ref"), 5)}/${String(value("rx-ring-ref")).padEnd(11)}`;
  const numbers = `${pad(nic.devid, 6)} ${pad(value("state"), 5)} ${pad(value("event-channel"), 6)}`;
  return `${String(nic.devid).padEnd(3)} ${"0".padEnd(2)} ${formatMac(nic.mac)}${numbers} ${references} ${nic.backend.padEnd(30)}\n`;
}
