/**
 * `bridge monitor`: prints what changes until it is killed. Follows bridge/monitor.c of iproute2 6.1.
 * It looks every 10 ms instead of being told: a change and its undoing in between are not seen, and where the kernel
 * sends several messages about one change there is one line here. Multicast groups and VLANs are not modelled.
 */
import { Bridge } from "../../../device/bridge.ts";
import type { NetDevice } from "../../../device/device.ts";
import { ms } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import { Program } from "../../process.ts";
import { linkFacts } from "../ip/link-facts.ts";
import { abbreviates, Misuse } from "../ip/words.ts";
import { fdbLines, text as fdbText } from "./fdb.ts";
import { text as portText } from "./link.ts";
import { type BridgeRun, notModelled } from "./run.ts";

const PERIOD = ms(10);
const USAGE = "Usage: bridge monitor [file | link | fdb | mdb | vlan | vni | all]";

export function doMonitor(run: BridgeRun): Program {
  const { words, options } = run;
  if (options.json || options.timestamps) throw notModelled("monitor with -j or -t");
  let link = false;
  let fdb = false;
  let banner = false;
  while (words.more) {
    const word = words.take();
    if (abbreviates(word, "file")) throw notModelled("monitor file");
    if (abbreviates(word, "link")) link = true;
    else if (abbreviates(word, "fdb")) fdb = true;
    else if (abbreviates(word, "mdb") || abbreviates(word, "vlan") || word === "vni") throw notModelled(word);
    else if (word === "all") banner = true;
    else if (abbreviates(word, "help")) throw new Misuse(USAGE);
    else throw new Misuse(`Argument "${word}" is unknown, try "bridge monitor help".`);
  }
  const everything = !link && !fdb;
  return new Monitor(run, link || everything, fdb || everything, banner);
}

class Monitor extends Program {
  private readonly run: BridgeRun;
  private readonly link: boolean;
  private readonly fdb: boolean;
  private readonly banner: boolean;
  /** What was there at the last look: a name for each thing, and its line. */
  private known = new Map<string, string>();
  private timer: Timer | null = null;

  constructor(run: BridgeRun, link: boolean, fdb: boolean, banner: boolean) {
    super();
    this.run = run;
    this.link = link;
    this.fdb = fdb;
    this.banner = banner;
  }

  start(): void {
    this.timer = this.process.timer(this, 0);
    this.known = this.look();
    this.timer.armAfter(PERIOD);
  }

  override handle(): void {
    const before = this.known;
    this.known = this.look();
    for (const [name, line] of before) if (!this.known.has(name)) this.say(name, `Deleted ${line}`);
    for (const [name, line] of this.known) if (before.get(name) !== line) this.say(name, line);
    this.timer!.armAfter(PERIOD);
  }

  private say(name: string, line: string): void {
    const banner = name.startsWith("link") ? "[LINK]" : "[NEIGH]";
    this.process.print(this.banner ? banner + line : line);
  }

  private look(): Map<string, string> {
    const seen = new Map<string, string>();
    for (const device of this.process.machine.table.devices) {
      if (this.link && device.traits.link === "ether") seen.set(`link ${device.index}`, this.linkText(device));
      if (!this.fdb) continue;
      for (const line of fdbLines(device)) {
        if (!line.self) seen.set(`fdb ${line.master} ${line.vlan} ${line.mac}`, fdbText(this.run, line, true));
      }
    }
    return seen;
  }

  private linkText(device: NetDevice): string {
    if (device.master instanceof Bridge) return portText(this.run, device.master.portOf(device)!);
    const { index, name, peer, flags, mtu } = linkFacts(device);
    const at = peer === null ? "" : `@${peer.isLocal ? peer.name : `if${peer.index}`}`;
    return `${index}: ${name}${at}: <${flags.join(",")}> mtu ${mtu} \n`;
  }
}
