/** ip6tables, arptables and nft: the empty truth beside the real ones, and sentences for all else. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireTool } from "../../kit/tools.ts";
import { EmulatedBox, mayMakeNamespaces, RealBox } from "./twin.ts";

const LINES = [
  "ip6tables -L -n",
  "ip6tables -nvL",
  "ip6tables -L FORWARD -n",
  "ip6tables -n -L INPUT --line-numbers",
  "ip6tables -S",
  "ip6tables -t nat -L -n",
  "ip6tables -t mangle -S",
  "ip6tables -w -L -n",
  "ip6tables -V",
  "ip6tables -F",
  "ip6tables -P FORWARD ACCEPT",
  "arptables -L",
  "arptables -L -n",
  "arptables-save",
];

describe.runIf(requireTool("ip6tables") && requireTool("arptables") && mayMakeNamespaces())(
  "beside the real ones",
  () => {
    let real: RealBox;
    const ours = new EmulatedBox();
    beforeAll(() => {
      real = new RealBox();
    });
    afterAll(() => real.close());

    test.each(LINES)("%s", (line) => expect(ours.run(line)).toEqual(real.run(line)));
  },
);

test.each([
  ["ip6tables -A INPUT -j DROP", "ip6tables: IPv6 is not modelled"],
  ["ip6tables -P FORWARD DROP", "ip6tables: IPv6 is not modelled"],
  ["ip6tables-restore", "ip6tables-restore: IPv6 is not modelled"],
  ["arptables -A INPUT -j DROP", "arptables: ARP rules are not modelled"],
  ["nft list ruleset", "nft: nftables' own tool is not modelled; iptables and iptables-save show the same rules"],
])("%s is refused by one sentence", (line, sentence) => {
  const { out, err, code } = new EmulatedBox().run(line);
  expect({ out, code }).toEqual({ out: "", code: 1 });
  expect(err.startsWith(sentence) && err.trimEnd().split("\n").length === 1, err).toBe(true);
});
