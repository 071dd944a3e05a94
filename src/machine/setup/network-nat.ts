// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * network-nat of Xen 3.0, 3.1 and 4.2: domain 0 as a router that hides its guests behind its own address. Each start appends
 * the rule once more; stop takes one away and leaves forwarding on. Where it is not told of dhcpd, start ends with exit
 * code 1 although all is done: the last word of its function is a test that fails. Deleted from Xen in 4.5.
 */
import { DHCPD_3, DHCPD_42, type DhcpdEra, findDhcpd, removeLines, restartDhcpd, wantsDhcp } from "./dhcpd-conf.ts";
import { byDefault, DISPATCH } from "./network-common.ts";
import { forwarding } from "./network-route.ts";
import type { Condition, Script, ScriptStep, ScriptView } from "./script.ts";

const withoutDhcp: Condition = (script) => !wantsDhcp(script);

/** awk on the lines of resolv.conf that hold a word: the second word of the last, or of the first. */
const second = (output: string, which: "first" | "last"): string => {
  const lines = output.split("\n").filter((line) => line !== "");
  const line = which === "first" ? lines[0] : lines.at(-1);
  return line?.trim().split(/\s+/)[1] ?? "";
};

/** Since 4.0 the subnet in dhcpd.conf tells guests the host's own search domain and name server. */
const RESOLVER: readonly ScriptStep[] = [
  {
    run: "grep -i -E 'search|domain' /etc/resolv.conf",
    why: "The domain that guests will search names in.",
    shell: true,
    into: "domain_name",
    cut: (output) => second(output, "last"),
    quiet: true,
    failure: "ignored",
  },
  {
    run: "grep -i nameserver /etc/resolv.conf",
    why: "The name server that they will ask.",
    into: "nameserver",
    cut: (output) => second(output, "first"),
    quiet: true,
    failure: "ignored",
  },
];

const dhcpStart = (inside: string): ScriptStep[] => [
  {
    run: 'grep -q "subnet 10.0.0.0" $dhcpd_conf_file',
    why: "Does dhcpd know the private net already?",
    shell: true,
    reads: true,
    failure: "ignored",
    when: wantsDhcp,
  },
  {
    run: `echo >>$dhcpd_conf_file "subnet 10.0.0.0 netmask 255.255.0.0 {${inside}}"`,
    why: "dhcpd serves only nets that it has been told of; each guest gets a host entry of its own from vif-nat.",
    shell: true,
    when: (script: ScriptView) => wantsDhcp(script) && script.get("?") !== "0",
  },
  restartDhcpd(wantsDhcp, false),
];

const OPTIONS = ' option domain-name \\"$domain_name\\"; option domain-name-servers $nameserver; ';

/** `options`: of the subnet in dhcpd.conf, made of what `look` finds. */
function networkNat(era: string, dhcpd: DhcpdEra, look: readonly ScriptStep[] = [], options = ""): Script {
  const rule = "POSTROUTING -o $netdev -j MASQUERADE";
  const show = (run: string, why: string): ScriptStep => ({ run, why, shown: true, reads: true });
  const line = `${"=".repeat(60)}\n`;
  return {
    id: `network-nat ${era}`,
    path: "/etc/xen/scripts/network-nat",
    summary: `network-nat of Xen ${era}: domain 0 routes for its guests and hides them behind its own address.`,
    kind: "network",
    steps: [
      byDefault("netdev", () => "eth0"),
      ...findDhcpd(dhcpd, false),
      ...look,
      ...DISPATCH,
      { label: "start" },
      forwarding,
      {
        run: `iptables -t nat -A ${rule}`,
        why: "What leaves by this NIC gets domain 0's own address; answers find their way back by conntrack.",
        heading: "masquerade",
      },
      ...dhcpStart(options),
      { exit: 1, when: withoutDhcp },
      { exit: 0 },
      { label: "stop" },
      ...removeLines("subnet 10.0.0.0", wantsDhcp),
      restartDhcpd(wantsDhcp, false),
      {
        run: `iptables -t nat -D ${rule}`,
        why: "One rule goes. Of several starts the others stay, and forwarding stays on.",
      },
      { exit: 0 },
      { label: "status" },
      { say: line },
      show("ifconfig", "The devices."),
      { say: " \n" },
      show("ip route list", "The routes of the host."),
      { say: " \n" },
      show("route -n", "The routes again, as the older tool prints them."),
      { say: line },
      { exit: 0 },
    ],
  };
}

export const networkNat30 = networkNat("3.0", DHCPD_3);
export const networkNat31 = networkNat("3.1", DHCPD_3);
export const networkNat42 = networkNat("4.2", DHCPD_42, RESOLVER, OPTIONS);
