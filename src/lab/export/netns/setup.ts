/** What a timeline says as lines of the exported script: each command as it was run, with why; headings per script. */
import { downLines, type Interface, upLines } from "../../../machine/command/ifupdown/interfaces.ts";
import { pidPath } from "../../../machine/libvirt/dnsmasq-files.ts";
import type { StepRecord } from "../../../machine/setup/step-log.ts";
import { formatMac } from "../../../packet/address.ts";
import type { VifRate } from "../../../xen/rate.ts";
import type { Happening, Timeline, VifMade } from "../timeline.ts";
import { isStub } from "./tools.ts";
import { comment, heading, onMachine, quote } from "./words.ts";

/** netback gives every vif this one. */
const NETBACK_MAC = "fe:ff:ff:ff:ff:ff";

export class SetUpLines {
  private readonly text: string[] = [];
  readonly commands: string[] = [];
  private readonly timeline: Timeline;
  private title = "";

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** The lines of some happenings, under headings of their own. */
  of(happenings: readonly Happening[]): string[] {
    this.title = "";
    for (const each of happenings) this.add(each);
    return this.text.splice(0);
  }

  private add(happening: Happening): void {
    switch (happening.kind) {
      case "step":
        return this.step(happening.step);
      case "vif":
        this.entitle(`${happening.machine}: netback makes ${happening.vif} for ${happening.guest}`);
        this.text.push(...vifLines(happening));
        return;
      case "vif gone":
        this.entitle(`${happening.machine}: ${happening.vif} goes with its domain`);
        this.text.push(`ip -n "$prefix-"${quote(happening.machine)} link del ${quote(happening.vif)}`);
        return;
      case "boot":
        return this.boot(happening.guest, happening.lines);
      case "br_netfilter":
        this.text.push(
          "# The next rule loads br_netfilter there: from now on iptables sees what bridges pass on.",
          `bridged_packets ${quote(happening.machine)} 1`,
        );
    }
  }

  private entitle(title: string): void {
    if (title === this.title) return;
    this.title = title;
    this.text.push(...heading(title));
  }

  private step(step: StepRecord): void {
    const { machine, script, device, run, why, exit, reads, calls } = step;
    if (calls) return;
    const of = script === "" ? "its own set-up" : device === "" ? script : `${script}, ${device}`;
    this.entitle(`${machine}: ${of}`);
    if (reads) {
      this.text.push(`# (looks: ${run})`);
      return;
    }
    this.text.push(...comment(why));
    const destroyed = /^kill \d+$/.test(run) ? /^virsh net-destroy (.+)$/.exec(script) : null;
    if (destroyed !== null) return this.say(`stop ${quote(machine)} ${quote(pidPath({ name: destroyed[1]! }))}`);
    this.command(machine, run, exit ?? 1);
  }

  private command(machine: string, run: string, exit: number): void {
    const words = run.split(" ");
    const service = /^\((\w+) &\)$/.exec(run);
    if (service !== null) return this.service(machine, service[1]!);
    if (words[0]!.startsWith("/etc/xen/scripts/")) return this.say(`# (runs ${run})`);
    if (exit === 0 && (words[0] === "ifup" || words[0] === "ifdown") && words.length === 2)
      return this.ifupdown(machine, words[0], words[1]!);
    if (/\/dnsmasq --conf-file=/.test(run)) return this.libvirtDnsmasq(machine, run);
    this.commands.push(run);
    this.say(exit === 0 || isStub(run) ? onMachine(machine, run) : `fails ${onMachine(machine, run)}`);
  }

  private say(line: string): void {
    this.text.push(line);
  }

  private ifupdown(machine: string, verb: "ifup" | "ifdown", name: string): void {
    const known: readonly Interface[] = this.timeline.interfaces.get(machine) ?? [];
    const entries = known.filter((entry) => entry.name === name);
    const lines = entries.flatMap((entry) => (verb === "ifup" ? upLines(entry) : downLines(entry)));
    this.say(`# (${verb} ${name}, which is:)`);
    for (const line of lines) {
      this.commands.push(line);
      // ifdown goes on after what fails: a route may have gone with its address.
      this.say(onMachine(machine, line) + (verb === "ifdown" ? " || true" : ""));
    }
  }

  private service(machine: string, daemon: string): void {
    if (daemon === "echod") {
      this.commands.push("socat");
      this.say(`on ${quote(machine)} socat UDP4-RECVFROM:7,fork PIPE < /dev/null > /dev/null 2>&1 &`);
      return;
    }
    this.commands.push(daemon);
    const root = `"$state/machines/"${quote(machine)}`;
    this.say("# (as root and not as nobody: in a user namespace there is nobody else)");
    this.say(`on ${quote(machine)} ${daemon} --user=root --group= --conf-file=${root}/etc/dnsmasq.conf`);
  }

  /** libvirt's own command line, but for the user, and for the helper that keeps leases, which is a stub. */
  private libvirtDnsmasq(machine: string, run: string): void {
    this.commands.push("dnsmasq");
    const words = run
      .replace(/\S*\/dnsmasq /, "dnsmasq --user=root --group= ")
      .replace(/--dhcp-script=\S+/, '--dhcp-script="$state/bin/libvirt_leaseshelper"');
    this.say("# (as root, and with a stub for the helper that keeps the leases)");
    this.say(`on ${quote(machine)} env ${words}`);
  }

  private boot(guest: string, lines: readonly string[]): void {
    this.entitle(`${guest}: boots`);
    this.commands.push(...lines);
    const commands = lines.map((line) => onMachine(guest, asked(line)));
    // Who waits for a lease keeps nobody else waiting.
    if (lines.some((line) => /^(udhcpc|dhclient) /.test(line)))
      this.text.push("{", ...commands, "} &", "booting+=($!)");
    else this.text.push(...commands.map((line) => `${line} || true`));
  }
}

/** The options that Alpine's udhcpc asks for by itself, which the emulator follows, and Debian's does not. */
const asked = (line: string): string =>
  line.startsWith("udhcpc ") ? `${line} -O mtu -O search -O staticroutes` : line;

function vifLines({ machine, vif, guest, device, mac, halfUp, rate }: VifMade): string[] {
  const ends = [machine, vif, NETBACK_MAC, guest, device, formatMac(mac)].map(quote).join(" ");
  const made = `${halfUp ? "apart" : "pair"} ${ends}`;
  return rate === null ? [made] : [made, `shape ${quote(guest)} ${quote(device)} ${bucketOf(rate)}`];
}

/** A token bucket as netback's credit is one: an interval's bytes at once, at least two full frames, and the rest waits. */
function bucketOf({ bytesPerInterval, intervalMicros }: VifRate): string {
  const rate = Math.round((bytesPerInterval * 8e6) / intervalMicros);
  return `tbf rate ${rate}bit burst ${Math.max(bytesPerInterval, 3028)} limit 1000000`;
}
