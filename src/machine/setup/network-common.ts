// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * What the network-bridge scripts of all eras share: looking at devices, copying addresses from one to another, taking an
 * interface down and up with the distribution's tools and with a remembered address where those fail.
 * Follows the functions of network-bridge and xen-network-common.sh, Xen 3.0 to 4.2.
 */
import type { CommandStep, Condition, ScriptStep, ScriptView } from "./script.ts";
import type { HeadingId } from "./textbook.ts";

export const failed: Condition = (script) => script.get("?") !== "0";
export const worked: Condition = (script) => script.get("?") === "0";
/** `link_exists NAME`: the next steps look at `$?`. */
export const linkExists = (name: string, why: string, when?: Condition): CommandStep => ({
  run: `ip link show ${name}`,
  why,
  reads: true,
  quiet: true,
  failure: "ignored",
  ...(when === undefined ? {} : { when }),
});

/** The lines that begin with `inet`, whatever family. */
const inetLines = (output: string): string[] => output.split("\n").filter((line) => /^ *inet/.test(line));
const inet4Lines = (output: string): string[] => output.split("\n").filter((line) => /^ *inet /.test(line));

/** What sed makes of the lines of `ip addr show`: each the command that gives the address to the other device. */
function addressCommands(output: string, from: string, to: string, labelled: boolean): string {
  const device = labelled ? `dev ${to} label ${to}` : `dev ${to}`;
  return inet4Lines(output)
    .map((line) => line.replace("inet", "ip addr add").replace(from, device))
    .map((line) => (labelled ? line.replace("secondary", "") : line))
    .join("\n");
}

const routeDeletions = (output: string, device: string): string =>
  output
    .split("\n")
    .filter((line) => new RegExp(`dev ${device}( |$)`).test(line))
    .map((line) => `ip route del ${line}`)
    .join("\n");

/**
 * transfer_addrs: every IPv4 address of the device in variable `from` also on the one in `to`, unless that has one; then
 * the kernel's own routes through it go, as they would compete with those of the device that still works. `labelled`
 * since 4.0.
 */
export function transferAddresses(from: string, to: string, labelled: boolean, heading?: HeadingId): ScriptStep[] {
  const bare: Condition = (script) => script.get("there") === "";
  const filed = heading === undefined ? {} : { heading };
  return [
    {
      run: `ip addr show dev $${to}`,
      why: `Has $${to} an address already? Then it is left alone.`,
      into: "there",
      cut: (output) => inet4Lines(output).join("\n"),
      ...filed,
    },
    {
      run: `ip addr show dev $${from}`,
      why: `The addresses to be copied from $${from}.`,
      when: bare,
      into: "addresses",
      cut: (output, script) => addressCommands(output, script.get(from), script.get(to), labelled),
      ...filed,
    },
    {
      run: "$line",
      each: "addresses",
      when: bare,
      why: `$${to} gets the address while $${from} still has it: nothing the host does is interrupted yet.`,
      ...filed,
    },
    {
      run: "ip route list",
      why: `The kernel may have made a route through $${to} by itself.`,
      when: bare,
      into: "routes",
      cut: (output, script) => routeDeletions(output, script.get(to)),
      ...filed,
    },
    {
      run: "$line",
      each: "routes",
      when: bare,
      why: `Until $${to} is ready the old device's route must be the only one.`,
      ...filed,
    },
  ];
}

/** transfer_routes: each route through one device is taken away and made again through the other. */
export function transferRoutes(from: string, to: string): ScriptStep[] {
  const moves = (output: string, script: ScriptView): string =>
    output
      .split("\n")
      .filter((line) => new RegExp(`dev ${script.get(from)}( |$)`).test(line))
      .flatMap((line) => [`ip route del ${line}`, `ip route add ${line.replace(script.get(from), script.get(to))}`])
      .join("\n");
  return [
    { run: "ip route list", why: `The routes through $${from}.`, into: "routes", cut: moves },
    { run: "$line", each: "routes", why: `The same route, now through $${to}.` },
  ];
}

/** get_ip_info: the words that the fallback of `bringUp` will use. */
export const rememberAddress = (device: string, when?: Condition): ScriptStep[] => {
  const only = when === undefined ? {} : { when };
  return [
    {
      run: `ip addr show dev $${device}`,
      why: `In case $${device} will have to be set up by hand: its address.`,
      into: "addr_pfx",
      cut: (output) =>
        inetLines(output)
          .map((line) => line.replace(/ *inet /, "").replace(/ .*/, ""))
          .filter((word) => word !== "")
          .join(" "),
      ...only,
    },
    {
      run: `ip route show dev $${device}`,
      why: "And the gateway behind it.",
      into: "gateway",
      cut: (output) =>
        output
          .split("\n")
          .filter((line) => line.includes("default"))
          .map((line) => line.replace("default via ", ""))
          .join("\n"),
      ...only,
    },
  ];
};

/** do_ifup: the distribution's ifup, or the remembered address by hand. */
export function bringUp(device: string, otherName?: Condition): ScriptStep[] {
  const byHand: Condition = (script) => script.get("addr_pfx") !== "" && script.get("?") !== "0";
  return [
    ...(otherName === undefined ? [] : [{ set: "?", to: () => "1" }]),
    {
      run: `ifup $${device}`,
      why: `$${device} is up again as the distribution's configuration says: address and default route come back.`,
      failure: "ignored",
      heading: "bring-up",
      ...(otherName === undefined ? {} : { when: (script: ScriptView) => !otherName(script) }),
    },
    { set: "byhand", to: (script) => (byHand(script) ? "yes" : "") },
    ...[
      { run: `ip addr flush $${device}`, why: "ifup has failed: what it left is removed." },
      { run: `ip addr add $addr_pfx dev $${device}`, why: "The remembered address." },
      { run: `ip link set dev $${device} up`, why: "Up without ifup." },
    ].map((step): ScriptStep => ({ ...step, heading: "bring-up", when: (script) => script.get("byhand") !== "" })),
    {
      run: "ip route add default via $gateway",
      why: "The remembered way out; other static routes are lost.",
      heading: "bring-up",
      when: (script) => script.get("byhand") !== "" && script.get("gateway") !== "",
    },
  ];
}

/** add_to_bridge2: the NIC joins once its link is there, or after ten seconds without. */
export function addWhenRunning(newline: boolean): ScriptStep[] {
  return [
    { say: "Waiting for $pdev to negotiate link." },
    {
      run: "ip link set $pdev up",
      why: "The NIC looks for its link again: being down it had forgotten it.",
      heading: "bring-up",
    },
    { set: "i", to: () => "1" },
    { label: "negotiate" },
    {
      run: "ifconfig $pdev",
      why: "RUNNING means the cable has a link; the wait is for switches and autonegotiation.",
      into: "running",
      cut: (output) => (output.includes("RUNNING") ? "yes" : ""),
      heading: "bring-up",
    },
    { goto: "negotiated", when: (script) => script.get("running") !== "" },
    { say: "." },
    { run: "sleep 1", why: "A second for the link to come.", reads: true, heading: "bring-up" },
    { goto: "negotiated", when: (script) => Number(script.get("i")) >= 10 },
    { set: "i", to: (script) => String(Number(script.get("i")) + 1) },
    { goto: "negotiate" },
    { label: "negotiated" },
    {
      say: newline ? "(link isnt in running state)" : "(link isnt in running state)\n",
      when: (script) => Number(script.get("i")) >= 10,
    },
    ...(newline ? [{ say: "\n" }] : []),
  ];
}

/** show_status, the same in all eras. */
export function showStatus(): ScriptStep[] {
  const show = (run: string, why: string): ScriptStep => ({ run, why, shown: true, reads: true });
  const rule = `${"=".repeat(60)}\n`;
  return [
    { label: "status" },
    { say: rule },
    show("ip addr show $netdev", "The device with the host's address."),
    show("ip addr show $bridge", "The bridge itself."),
    { say: " \n" },
    show("brctl show $bridge", "The bridge's ports."),
    { say: " \n" },
    show("ip route list", "The routes of the host."),
    { say: " \n" },
    show("route -n", "The routes again, as the older tool prints them."),
    { say: rule },
    { exit: 0 },
  ];
}

/** The `case` at the end of each script: any other verb is refused. */
export const DISPATCH: readonly ScriptStep[] = [
  { goto: "start", when: (script) => script.get("command") === "start" },
  { goto: "stop", when: (script) => script.get("command") === "stop" },
  { goto: "status", when: (script) => script.get("command") === "status" },
  { say: "Unknown command: $command\nValid commands are: start, stop, status\n", to: "stderr" },
  { exit: 1 },
];

/** `bridge=null`: the admin wants no bridge at all. */
export const nothingToDo: ScriptStep = { exit: 0, when: (script) => script.get("bridge") === "null" };

/** The default of a variable: `name=${name:-value}`. */
export const byDefault = (name: string, value: (script: ScriptView) => string): ScriptStep => ({
  set: name,
  to: (script) => (script.get(name) === "" ? value(script) : script.get(name)),
});

/** The second line's first word of `brctl show`: awk 'NR==2{print$1}'. */
export const firstBridge = (output: string): string => (output.split("\n")[1] ?? "").split(/\s/)[0]!;

/** The number behind mtu of `ip link show`. */
export const mtuOf = (output: string): string => /mtu (\d+)/.exec(output)?.[1] ?? "";

/** sed on `ip link show`: the MAC address behind link/ether. */
export const macOf = (output: string): string => /link\/ether (\S+)/.exec(output)?.[1] ?? "";

/** antispoof=yes: whatever the bridge forwards is dropped, except from the devices in these variables. */
export function antispoofing(devices: readonly string[]): ScriptStep[] {
  const wanted: Condition = (script) => script.get("antispoof") === "yes";
  return [
    { run: "iptables -P FORWARD DROP", why: "What no rule allows is not forwarded.", when: wanted },
    { run: "iptables -F FORWARD", why: "The admin's own rules of this chain are gone with it.", when: wanted },
    ...devices.map(
      (device): ScriptStep => ({
        run: `iptables -A FORWARD -m physdev --physdev-in $${device} -j ACCEPT`,
        why: `What comes in by $${device} may pass; each guest's vif gets its own rule from vif-bridge.`,
        when: wanted,
      }),
    ),
  ];
}
