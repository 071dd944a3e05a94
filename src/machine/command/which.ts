/** which(1) of debianutils, and where Debian keeps what is installed here. */
import type { Command } from "../command.ts";
import { FileNode } from "../files.ts";
import type { Process } from "../process.ts";

export const which: Command = {
  name: "which",
  summary: "Locate a command.",
  usage: "which [-a] args",
  options: [{ flag: "-a", text: "print all matching pathnames of each argument" }],
  operands: ["command"],
  start,
};

/** Found in /usr/sbin before /usr/bin, by root's PATH. */
const SBIN =
  /^(arp|arptables(-\w+)?|brctl|bridge|conntrack|dhclient|dnsmasq|ebtables(-\w+)?|ethtool|ifconfig|ifdown|ifup|ip|ip6?tables(-\w+)?|lsmod|modprobe|nft|route|sysctl|tc|udhcpc|xl|xm)$/;

function start(process: Process): number {
  const words = process.argv.slice(1);
  let all = false;
  while (/^-./.test(words[0] ?? "")) {
    const word = words.shift()!;
    if (word === "--") break;
    const bad = [...word.slice(1)].find((letter) => letter !== "a");
    if (bad !== undefined) {
      process.error(`Illegal option -${bad}\n`);
      process.print("Usage: /usr/bin/which [-a] args\n");
      return 2;
    }
    all = true;
  }
  const found = words.map((word) => pathsOf(process, word));
  process.print(found.flatMap((paths) => (all ? paths : paths.slice(0, 1))).join(""));
  return words.length > 0 && found.every((paths) => paths.length > 0) ? 0 : 1;
}

/** A line for each; /bin and /sbin are links to those of /usr. */
function pathsOf({ machine, cwd }: Process, word: string): string[] {
  if (word.includes("/")) {
    const file = machine.files.find(word, cwd);
    const isProgram = machine.command(word) !== null || (file instanceof FileNode && file.executable);
    return isProgram ? [`${word}\n`] : [];
  }
  if (machine.command(word) === null) return [];
  const folder = SBIN.test(word) ? "sbin" : "bin";
  return [`/usr/${folder}/${word}\n`, `/${folder}/${word}\n`];
}
