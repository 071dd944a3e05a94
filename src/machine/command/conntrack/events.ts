/** conntrack -E: a line for every change of a flow, until somebody interrupts it. */
import { Change, type Flow } from "../../../stack/netfilter/conntrack/flow.ts";
import type { ConntrackWatcher } from "../../../stack/netfilter/conntrack/tracker.ts";
import { Program, type SignalName } from "../../process.ts";
import { holds } from "./flow-filter.ts";
import { eventText } from "./print-flow.ts";
import { VERSION } from "./problem.ts";
import type { Request } from "./request.ts";

const KINDS = { NEW: "    [NEW] ", UPDATES: " [UPDATE] ", DESTROY: "[DESTROY] " } as const;

export class Events extends Program implements ConntrackWatcher {
  private readonly request: Request;
  private shown = 0;

  constructor(request: Request) {
    super();
    this.request = request;
  }

  start(): void {
    this.process.machine.net.netfilter.tracker.watchers.add(this);
  }

  flowChanged(flow: Flow, change: number): void {
    const { tests, events, outputs } = this.request;
    const kind = kindOf(change);
    const isWanted = events.size === 0 || events.has("ALL") || events.has(kind);
    if (!isWanted || !holds(tests, flow)) return;
    this.shown++;
    const { machine } = this.process;
    const { now } = machine.world.scheduler;
    const format = { extended: outputs.has("extended"), id: outputs.has("id") };
    const time = outputs.has("timestamp") ? timeText(machine.clockSeconds, now) : "";
    this.process.print(`${time}${KINDS[kind]}${eventText(flow, now, kind === "DESTROY", format)}\n`);
  }

  override signal(name: SignalName): void {
    if (name !== "INT" && name !== "TERM") return super.signal(name);
    this.process.error(`conntrack ${VERSION}: ${this.shown} flow events have been shown.\n`);
    this.process.exit(0);
  }

  override ended(): void {
    this.process.machine.net.netfilter.tracker.watchers.remove(this);
  }
}

function kindOf(change: number): keyof typeof KINDS {
  if ((change & Change.DESTROY) !== 0) return "DESTROY";
  return (change & Change.NEW) !== 0 ? "NEW" : "UPDATES";
}

const timeText = (seconds: number, now: number): string =>
  `[${seconds}.${String(Math.floor((now % 1e9) / 1000)).padStart(6, "0")}]\t`;
