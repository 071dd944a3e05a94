/** tracepath(8), iputils 20221126 as Debian has it, for IPv4. What it does stands in program/tracepath.ts. */
import { parseIpv4 } from "../../packet/address.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { MOST, readNumber } from "../program/iputils.ts";
import { Quit } from "../program/quit.ts";
import { addressOf, failureOf, parseNumericHost } from "../program/resolve.ts";
import { OVERHEAD, Tracepath, type TracepathSettings } from "../program/tracepath.ts";
import { readShortOptions } from "../short-options.ts";

const USAGE = `
Usage
  tracepath [options] <destination>

Options:
  -4             use IPv4
  -6             use IPv6
  -b             print both name and ip
  -l <length>    use packet <length>
  -m <hops>      use maximum <hops>
  -n             no dns name resolution
  -p <port>      use destination <port>
  -V             print version and exit
  <destination>  dns name or ip address

For more details see tracepath(8).
`;
const VERSION = `tracepath from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

const FIRST_PORT = 44_444;
const MAX_PORT = 65_535;
const MAX_HOPS = 255;
/** No IPv4 packet is longer: the first device on the way says what fits. */
const LONGEST = 65_535;

export const tracepath: Command = {
  name: "tracepath",
  summary: "Trace the path to a network host, discovering the MTU along this path.",
  usage: "tracepath [options] <destination>",
  options: [
    { flag: "-4", text: "use IPv4" },
    { flag: "-b", text: "print both name and ip" },
    { flag: "-l length", text: "use packet length" },
    { flag: "-m hops", text: "use maximum hops (30)" },
    { flag: "-n", text: "no dns name resolution" },
    { flag: "-p port", text: "use destination port (44444)" },
    { flag: "-V", text: "print version and exit" },
  ],
  operands: ["machine"],
  start(process) {
    try {
      const settings = readSettings(process);
      return typeof settings === "number" ? settings : new Tracepath(settings);
    } catch (error) {
      if (!(error instanceof Quit)) throw error;
      process.error(error.message === "" ? USAGE : `${process.name}: ${error.message}\n`);
      return error.code;
    }
  },
};

const MOST_OF: Readonly<Record<string, number>> = { l: MOST, m: MAX_HOPS, p: MAX_PORT };

/** Throws `Quit`, without a sentence for the usage. */
function readSettings(process: Process): TracepathSettings | number {
  const { given, operands, problem } = readShortOptions(process.argv.slice(1), "46nbh?l:m:p:V");
  const numbers: Record<string, number> = { l: 0, m: 30, p: 0 };
  for (const { letter, value } of given) {
    if (letter === "V") {
      process.print(VERSION);
      return 0;
    }
    if (letter === "6") throw new Quit("IPv6 is not modelled", 1);
    if (letter === "h" || letter === "?") throw new Quit("", 255);
    if (letter in numbers) numbers[letter] = readNumber(value, 0, MOST_OF[letter]!);
  }
  if (problem !== null) process.error(`${process.name}: ${problem}\n`);
  if (problem !== null || operands.length !== 1) throw new Quit("", 255);
  const [name = "", ownPort] = operands[0]!.split("/");
  const port = ownPort === undefined ? numbers["p"] : readNumber(ownPort, 0, MAX_PORT);
  const destination = parseNumericHost(name) ?? parseIpv4(name) ?? addressOf(process.machine, name)?.address;
  if (destination === undefined) throw new Quit(`${name}: ${failureOf(process.machine, name)}`, 1);
  const mtu = numbers["l"] || LONGEST;
  if (mtu <= OVERHEAD) throw new Quit(`pktlen must be within: ${OVERHEAD} < value <= ${MOST}`, 1);
  const has = (letter: string): boolean => given.some((option) => option.letter === letter);
  return { destination, mtu, maxHops: numbers["m"]!, port: port || FIRST_PORT, numeric: has("n"), both: has("b") };
}
