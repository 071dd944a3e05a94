/**
 * dnsmasq(8): reads its options, then goes into the background, unless told to stay. What it does there stands in
 * program/dnsmasq/.
 */
import type { Command } from "../command.ts";
import { detached } from "../detached.ts";
import { Program } from "../process.ts";
import { COMPILE_OPTIONS, Dnsmasq, type StartListener } from "../program/dnsmasq/dnsmasq.ts";
import { Fatal, readSettings } from "../program/dnsmasq/read-settings.ts";
import type { Settings } from "../program/dnsmasq/settings.ts";

const VERSION = `Dnsmasq version 2.90  Copyright (c) 2000-2024 Simon Kelley
Compile time options: ${COMPILE_OPTIONS}

This software comes with ABSOLUTELY NO WARRANTY.
Dnsmasq is free software, and you are welcome to redistribute it
under the terms of the GNU General Public License, version 2 or 3.
`;

export const dnsmasq: Command = {
  name: "dnsmasq",
  summary: "A lightweight DHCP and caching DNS server.",
  usage: "dnsmasq [OPTION]...",
  options: [
    { flag: "-C, --conf-file=<path>", text: "read options from here (/etc/dnsmasq.conf)" },
    { flag: "-i, --interface=<interface name>", text: "serve this interface" },
    { flag: "-I, --except-interface=<interface name>", text: "do not serve this one" },
    { flag: "-a, --listen-address=<ipaddr>", text: "serve this address" },
    { flag: "-z, --bind-interfaces", text: "bind only to interfaces in use" },
    { flag: "-F, --dhcp-range=<start>,<end>,<netmask>,<time>", text: "give out these addresses" },
    { flag: "-G, --dhcp-host=<hostspec>", text: "address, name or options of one host" },
    { flag: "-O, --dhcp-option=<optspec>", text: "an option to send" },
    { flag: "-l, --dhcp-leasefile=<path>", text: "where leases are kept" },
    { flag: "-A, --address=/<domain>/<ipaddr>", text: "answer for a whole domain" },
    { flag: "-S, --server=/<domain>/<ipaddr>", text: "whom to ask" },
    { flag: "-p, --port=<integer>", text: "DNS port; 0: no DNS" },
    { flag: "-R, --no-resolv", text: "do not read /etc/resolv.conf" },
    { flag: "-k, --keep-in-foreground", text: "do not go into the background" },
    { flag: "-d, --no-daemon", text: "debug mode: the log goes to stderr" },
    { flag: "-q, --log-queries", text: "log DNS queries" },
    { flag: "-v, --version", text: "show the version" },
    { flag: "--test", text: "check the syntax of the configuration" },
  ],
  start(process) {
    let settings: Settings;
    try {
      settings = readSettings(process.machine, process.argv.slice(1), process.cwd);
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      process.error(`\n${process.name}: ${error.message}\n`);
      return error.code;
    }
    if (settings.has("version")) {
      process.print(VERSION);
      return 0;
    }
    if (settings.has("test")) {
      process.error("dnsmasq: syntax check OK.\n");
      return 0;
    }
    const stays = settings.has("keep-in-foreground") || settings.has("no-daemon");
    return stays ? new Dnsmasq(settings, null) : new Launcher(settings);
  },
};

/** The process at the prompt: it stays until the one in the background has its sockets, and says what went wrong. */
class Launcher extends Program implements StartListener {
  private readonly settings: Settings;

  constructor(settings: Settings) {
    super();
    this.settings = settings;
  }

  start(): void {
    const { machine, argv, env, cwd } = this.process;
    machine.spawn(argv, { ...detached(machine), env, cwd, program: new Dnsmasq(this.settings, this) });
  }

  started(failure: Fatal | null): void {
    if (this.process.hasEnded) return;
    if (failure !== null) this.process.error(`\n${this.process.name}: ${failure.message}\n`);
    this.process.exit(failure?.code ?? 0);
  }
}
