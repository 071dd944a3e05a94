/** nft(8): there is one netfilter here, and iptables is the tool that shows it. */
import type { Command } from "../command.ts";

export const nft: Command = {
  name: "nft",
  summary: "Not modelled: iptables shows and changes the same rules.",
  usage: "iptables-save",
  start(process) {
    return process.fail("nftables' own tool is not modelled; iptables and iptables-save show the same rules");
  },
};
