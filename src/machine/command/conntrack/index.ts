/**
 * conntrack(8) 1.4.7: the flows that netfilter follows. Flows are listed in the order in which they began; the real one
 * lists them as they stand in the kernel's hash table.
 * Not modelled, and said so: -G, -I, -U, the outputs xml and save, zones, labels, timeouts to delete by. An event does
 * not say which program deleted a flow ([USERSPACE]), and all counters stand under the first CPU.
 */
import type { Flow } from "../../../stack/netfilter/conntrack/flow.ts";
import type { Tracker } from "../../../stack/netfilter/conntrack/tracker.ts";
import type { Command } from "../../command.ts";
import type { Process, Program } from "../../process.ts";
import { Events } from "./events.ts";
import { holds } from "./flow-filter.ts";
import { HELP } from "./help.ts";
import { listText } from "./print-flow.ts";
import { Problem, problemText, VERSION } from "./problem.ts";
import { type Request, readRequest } from "./request.ts";

export const conntrack: Command = {
  name: "conntrack",
  summary: "Show and delete the connections that netfilter follows.",
  usage: "conntrack -[LDEFCS] [table] [options]",
  options: [
    { flag: "-L", text: "list flows" },
    { flag: "-D", text: "delete flows" },
    { flag: "-E", text: "show what changes" },
    { flag: "-F", text: "forget all flows" },
    { flag: "-C", text: "how many flows" },
    { flag: "-S", text: "statistics" },
    { flag: "-s ip", text: "source as the flow began" },
    { flag: "-d ip", text: "destination as the flow began" },
    { flag: "-r ip", text: "source of replies" },
    { flag: "-q ip", text: "destination of replies" },
    { flag: "-p proto", text: "protocol; brings --sport, --dport, --state, --icmp-type" },
    { flag: "-n ip", text: "its source is translated" },
    { flag: "-g ip", text: "its destination is translated" },
    { flag: "-j ip", text: "either is translated" },
    { flag: "-m mark", text: "mark of the connection" },
    { flag: "-u status", text: "ASSURED, SEEN_REPLY or UNREPLIED" },
    { flag: "-e events", text: "NEW, UPDATES or DESTROY" },
    { flag: "-o output", text: "extended, id or timestamp" },
  ],
  words: ["tcp", "udp", "icmp", "extended", "timestamp", "id", "ASSURED", "UNREPLIED", "NEW", "DESTROY"],
  operands: ["text"],
  misuse: 2,
  start(process) {
    try {
      return run(process, readRequest(process.argv.slice(1)));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      process.error(problemText(problem));
      return problem.code;
    }
  },
};

function run(process: Process, request: Request): Program | number {
  const { tracker } = process.machine.net.netfilter;
  switch (request.command) {
    case "h":
      process.print(HELP);
      return 0;
    case "V":
      process.print(`conntrack ${VERSION}\n`);
      return 0;
    case "L":
      return list(process, tracker, request);
    case "D":
      return remove(process, tracker, request);
    case "E":
      return new Events(request);
    case "F":
      for (const flow of tracker.list()) tracker.kill(flow);
      tell(process, "connection tracking table has been emptied.");
      return 0;
    case "C":
      process.print(`${request.table === "expect" ? 0 : tracker.list().length}\n`);
      return 0;
    case "S":
      process.print(statistics(tracker));
      return 0;
  }
}

const tell = (process: Process, sentence: string): void => process.error(`conntrack ${VERSION}: ${sentence}\n`);

function list(process: Process, tracker: Tracker, request: Request): number {
  const flows = request.table === "conntrack" ? wanted(tracker, request) : [];
  show(process, flows, request);
  if (request.zeroes) for (const flow of flows) zero(flow);
  const what = request.table === "expect" ? "expectations" : "flow entries";
  tell(process, `${flows.length} ${what} have been shown.`);
  return 0;
}

function remove(process: Process, tracker: Tracker, request: Request): number {
  const flows = request.table === "conntrack" ? wanted(tracker, request) : [];
  show(process, flows, request);
  for (const flow of flows) tracker.kill(flow);
  tell(process, `${flows.length} flow entries have been deleted.`);
  return flows.length === 0 ? 1 : 0;
}

const wanted = (tracker: Tracker, { tests }: Request): Flow[] => tracker.list().filter((flow) => holds(tests, flow));

function show(process: Process, flows: readonly Flow[], { outputs }: Request): void {
  const { now } = process.machine.world.scheduler;
  const format = { extended: outputs.has("extended"), id: outputs.has("id") };
  for (const flow of flows) process.print(`${listText(flow, now, format)}\n`);
}

function zero(flow: Flow): void {
  flow.packets = 0;
  flow.bytes = 0;
  flow.replyPackets = 0;
  flow.replyBytes = 0;
}

function statistics({ counters }: Tracker): string {
  const words: readonly (readonly [name: string, value: number])[] = [
    ["found", counters.found],
    ["invalid", counters.invalid],
    ["insert", counters.insert],
    ["insert_failed", counters.insertFailed],
    ["drop", counters.drop],
    ["early_drop", counters.earlyDrop],
    ["error", counters.error],
    ["search_restart", counters.searchRestart],
    ["clash_resolve", counters.clashResolve],
    ["chaintoolong", counters.chainTooLong],
  ];
  return `cpu=0   \t${words.map(([name, value]) => `${name}=${value} `).join("")}\n`;
}
