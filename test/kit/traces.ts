/** The recorded command sequences of Xen's scripts: xen-traces.txt, section by section. */
import { readFileSync } from "node:fs";

const TEXT = readFileSync(new URL("../fixtures/xen-traces.txt", import.meta.url), "utf8");

export interface BridgeTrace {
  readonly start: readonly string[];
  readonly stop: readonly string[];
  /** `ip -br link`, `ip -br addr`, `ip route` and `brctl show` after start, and after stop. */
  readonly started: readonly string[];
  readonly stopped: readonly string[];
}

const between = (
  lines: readonly string[],
  from: (line: string) => boolean,
  to: (line: string) => boolean,
): string[] => {
  const start = lines.findIndex(from) + 1;
  const length = lines.slice(start).findIndex(to);
  return lines.slice(start, length < 0 ? undefined : start + length);
};

/** `variant` is s300, s311 or s425. */
export function bridgeTrace(variant: string): BridgeTrace {
  const section = TEXT.split("#### ").find((each) => each.startsWith(`network-bridge variant ${variant}`))!;
  const lines = section.split("\n").slice(1);
  const isState = (line: string): boolean => line.startsWith("lo  ");
  const [startPart, stopPart] = section.split("--- stop log\n");
  const stopLines = stopPart!.split("\n");
  return {
    start: between(
      startPart!.split("\n"),
      (line) => line.endsWith("rc=0"),
      (line) => line.startsWith("------"),
    ),
    started: between(
      lines,
      (line) => line.startsWith("------ state"),
      (line) => line.endsWith("rc=0"),
    ),
    stop: stopLines.slice(0, stopLines.findIndex(isState)),
    stopped: stopLines.slice(stopLines.findIndex(isState)).filter((line) => line !== ""),
  };
}

export interface VifTrace {
  readonly title: string;
  readonly commands: readonly string[];
}

/** The runs of vif-bridge of Xen 4.17, in the order of the recording. */
export function vifBridgeTraces(): VifTrace[] {
  return TEXT.split("\n== ")
    .filter((each) => each.startsWith("vif-bridge"))
    .map((each) => {
      const [title, ...commands] = each.split("\n");
      return { title: title!, commands: commands.filter((line) => line !== "") };
    });
}

/** The runs of vif-route and vif-nat of Xen 3.0 to 4.17 in every verb, recorded from the real scripts. */
export interface ScriptRun {
  readonly title: string;
  readonly era: "3.0" | "3.1" | "4.2" | "4.17";
  readonly script: string;
  readonly verb: string;
  readonly kind: "vif" | "tap";
  readonly code: number;
  /** What was given: `ip=...`, and what else was special. */
  readonly given: string;
  readonly commands: readonly string[];
}

export function routeNatRuns(): ScriptRun[] {
  const text = readFileSync(new URL("../fixtures/xen-route-nat-traces.txt", import.meta.url), "utf8");
  return text
    .split("\n== ")
    .slice(1)
    .map((each) => {
      const [title = "", ...commands] = each.trimEnd().split("\n");
      const [, era, script, verb, kind, code, given] = /^(\S+) (\S+) (\w+) (\w+) (\d) \((.*)\)$/.exec(title)!;
      return { title, era, script, verb, kind, code: Number(code), given, commands } as ScriptRun;
    });
}
