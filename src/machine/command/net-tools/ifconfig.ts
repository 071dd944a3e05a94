/**
 * ifconfig(8) of net-tools 2.10. Its words are done one after the other, each by its own ioctl, so what stands before
 * a wrong word is done. Follows ifconfig.c. Not modelled: families other than inet, tunnels, media, memory, all-multicast.
 */
import type { NetDevice } from "../../../device/device.ts";
import { type Ipv4, parseIpv4, parseMac } from "../../../packet/address.ts";
import { ERRNO_TEXT, type Refusal } from "../../../stack/errno.ts";
import type { Command } from "../../command.ts";
import type { Process } from "../../process.ts";
import { changeLink, type LinkChange } from "../ip/rtnetlink.ts";
import { maskOfLength, readHost } from "./host.ts";
import { allShown, longText, SHORT_HEAD, type Shown, shortText } from "./ifconfig-print.ts";
import { deviceOfLabel, setAddress, setBroadcast, setNetmask, setUp } from "./ioctl.ts";

const USAGE = `Usage:
  ifconfig [-a] [-s] <interface> [<address>[/<prefixlen>]]
  [broadcast <address>]  [netmask <address>]
  [hw ether <address>]  [mtu <NN>]  [txqueuelen <NN>]  [name <newname>]
  [[-]arp]  [[-]multicast]  [[-]promisc]
  [up|down] ...
`;

const MISUSE = 3;

export const ifconfig: Command = {
  name: "ifconfig",
  summary: "Show and change network interfaces.",
  usage: "ifconfig [-a] [-s] [interface [address] [word]...]",
  options: [
    { flag: "-a", text: "show interfaces that are down too" },
    { flag: "-s", text: "show a short list" },
  ],
  operands: ["interface", "text"],
  words: ["up", "down", "netmask", "broadcast", "mtu", "hw", "arp", "-arp", "promisc", "-promisc", "txqueuelen"],
  start(process) {
    const words = process.argv.slice(1);
    const options: string[] = [];
    while (words[0]?.startsWith("-")) options.push(words.shift()!);
    const unknown = options.find((each) => !["-a", "-s", "-v", "--help"].includes(each));
    if (unknown !== undefined) {
      process.error(`ifconfig: option \`${unknown}' not recognised.\nifconfig: \`--help' gives usage information.\n`);
      return 1;
    }
    if (options.includes("--help")) {
      process.error(USAGE);
      return 0;
    }
    if (words.length <= 1) return show(process, words[0] ?? null, options);
    return new Setting(process, words.shift()!, words).run();
  },
};

function show(process: Process, name: string | null, options: readonly string[]): number {
  const all = allShown(process.machine);
  const isShort = options.includes("-s");
  const named = name === null ? null : all.filter(({ label }) => label === name);
  if (named?.length === 0) {
    process.error(`${name}: error fetching interface information: Device not found\n`);
    return 1;
  }
  const shown = named ?? all.filter(({ device }) => device.up || options.includes("-a"));
  const print = (each: Shown): string => (isShort ? shortText(each) : longText(each));
  process.print((isShort ? SHORT_HEAD : "") + shown.map(print).join(""));
  return 0;
}

/** One command line that changes something. */
class Setting {
  private readonly process: Process;
  private readonly label: string;
  private readonly words: string[];
  /** The errors so far, or-ed: 1, or -1 where a flag could not be set. */
  private status = 0;
  private hasNetmask = false;
  /** Of "10.0.0.1/24": it is set last. */
  private lateMask: Ipv4 | null = null;

  constructor(process: Process, label: string, words: string[]) {
    this.process = process;
    this.label = label;
    this.words = words;
  }

  run(): number {
    for (let word = this.words.shift(); word !== undefined; word = this.words.shift()) {
      const ended = this.word(word);
      if (ended !== null) return ended;
    }
    if (this.lateMask !== null)
      this.ioctl("SIOCSIFNETMASK", setNetmask(this.process.machine, this.label, this.lateMask));
    return this.status;
  }

  /** An exit code when the line ends here. */
  private word(word: string): number | null {
    switch (word) {
      case "up":
      case "down":
        return this.flag((machine) => setUp(machine, this.label, word === "up"));
      case "arp":
      case "-arp":
        return this.change({ arp: word === "arp" });
      case "multicast":
      case "-multicast":
        return this.change({ multicast: word === "multicast" });
      case "promisc":
      case "-promisc":
        return this.change({ promisc: word === "promisc" });
      case "inet":
        return null;
      case "mtu":
      case "txqueuelen":
      case "name":
      case "hw":
      case "netmask":
      case "broadcast":
        return this.valued(word);
      default:
        return this.address(word);
    }
  }

  private valued(word: "mtu" | "txqueuelen" | "name" | "hw" | "netmask" | "broadcast"): number | null {
    const value = this.words.shift();
    if (value === undefined || (word === "netmask" && this.hasNetmask)) return this.misused();
    switch (word) {
      case "mtu":
        return this.link("SIOCSIFMTU", { mtu: Number.parseInt(value, 10) || 0 });
      case "txqueuelen":
        return this.link("SIOCSIFTXQLEN", { queueLength: Number.parseInt(value, 10) || 0 });
      case "name":
        return this.link("SIOCSIFNAME", { name: value });
      case "hw":
        return this.hardware(value);
      case "netmask":
        this.hasNetmask = true;
        return this.host(value, (mask) =>
          this.ioctl("SIOCSIFNETMASK", setNetmask(this.process.machine, this.label, mask)),
        );
      case "broadcast":
        return this.host(value, (last) =>
          this.ioctl("SIOCSIFBRDADDR", setBroadcast(this.process.machine, this.label, last)),
        );
    }
  }

  private hardware(kind: string): number | null {
    const text = this.words.shift();
    if (text === undefined || kind !== "ether") return this.misused();
    const mac = parseMac(text);
    if (mac !== null) return this.link("SIOCSIFHWADDR", { mac });
    this.process.error(`${text}: invalid ether address.\n`);
    return 1;
  }

  private host(text: string, use: (address: Ipv4) => void): null {
    const address = readHost(text);
    if (address !== null) use(address);
    else {
      this.process.error(`${text}: Unknown host\n`);
      this.status |= 1;
    }
    return null;
  }

  /** A word that is none of ifconfig's: an address, perhaps with a prefix length. */
  private address(word: string): number | null {
    if (
      /^(add|del|tunnel|dstaddr|pointopoint|-pointopoint|allmulti|-allmulti|-broadcast|trailers|-trailers|dynamic|-dynamic|media|mem_start|io_addr|irq|inet6|keepalive|outfill)$/.test(
        word,
      )
    ) {
      return this.process.fail(`${word}: not modelled`);
    }
    const [text = "", length] = word.split("/");
    if (length !== undefined) {
      const mask = maskOfLength(length);
      if (mask === null || this.hasNetmask) return this.misused();
      this.lateMask = mask;
    }
    const address = text === "default" ? (0 as Ipv4) : parseIpv4(text);
    if (address === null) {
      this.process.error(`${text}: Unknown host\nifconfig: \`--help' gives usage information.\n`);
      return 1;
    }
    const { machine } = this.process;
    this.ioctl("SIOCSIFADDR", setAddress(machine, this.label, address));
    const isGone = this.label.includes(":") && (address === 0 || this.label.endsWith("-"));
    return isGone ? null : this.flag(() => setUp(machine, this.label, true));
  }

  private ioctl(name: string, refusal: Refusal | null): void {
    if (refusal === null) return;
    this.process.error(`${name}: ${ERRNO_TEXT[refusal.errno]}\n`);
    this.status |= 1;
  }

  /** set_flag and clr_flag read the flags first. */
  private flag(set: (machine: Process["machine"]) => Refusal | null): null {
    const { machine } = this.process;
    if (deviceOfLabel(machine, this.label) === null) return this.unread();
    const refusal = set(machine);
    if (refusal !== null) {
      this.process.error(`SIOCSIFFLAGS: ${ERRNO_TEXT[refusal.errno]}\n`);
      this.status = -1;
    }
    return null;
  }

  private unread(): null {
    this.process.error(`${this.label}: ERROR while getting interface flags: ${ERRNO_TEXT.ENODEV}\n`);
    this.status = -1;
    return null;
  }

  private change(change: LinkChange): null {
    const device = deviceOfLabel(this.process.machine, this.label);
    return device === null ? this.unread() : this.apply("SIOCSIFFLAGS", device, change);
  }

  private link(name: string, change: LinkChange): null {
    const device = deviceOfLabel(this.process.machine, this.label);
    if (device === null) {
      this.process.error(`${name}: ${ERRNO_TEXT.ENODEV}\n`);
      this.status |= 1;
      return null;
    }
    return this.apply(name, device, change);
  }

  /** What netlink says in a sentence goes to the kernel's log here (dev_set_mtu). */
  private apply(name: string, device: NetDevice, change: LinkChange): null {
    const refusal = changeLink(device, change);
    if (refusal?.message != null) device.table.log.print(`${device.name}: ${refusal.message}`);
    this.ioctl(name, refusal);
    return null;
  }

  private misused(): number {
    this.process.error(USAGE);
    return MISUSE;
  }
}
