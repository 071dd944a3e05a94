/** `ip address`. Follows iproute2 6.1's ip/ipaddress.c. Not modelled: save, restore, IPv6, lifetimes. */
import type { NetDevice } from "../../../device/device.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import { changeAddress } from "./addr-change.ts";
import { addressBrief, addressJson, addressText } from "./addr-print.ts";
import { roundsText } from "./flush.ts";
import { linkBrief, linkJson, linkText } from "./link-print.ts";
import { readSelection, type Selection, selectDevices, selects } from "./link-select.ts";
import { statisticsJson, statisticsLines } from "./link-statistics.ts";
import { type IpRun, lineEnd, printJson } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled } from "./words.ts";

const USAGE = `Usage: ip address { add | delete } IFADDR dev DEVICE
       IFADDR := PREFIX [ broadcast { ADDR | + | - } ] [ scope SCOPE-ID ] [ label LABEL ]
       ip address { show | flush } [ [ dev ] DEVICE ] [ scope SCOPE-ID ] [ to PREFIX ]
                  [ label LABEL ] [ up ] [ primary | secondary ]
                  [ { master DEVICE | nomaster } ] [ type TYPE ]
SCOPE-ID := [ host | link | global | NUMBER ]`;

export function ipAddress(run: IpRun): number {
  if (!run.words.more) return show(run);
  const verb = run.words.take();
  if (abbreviates(verb, "add")) return changeAddress(run, "add", USAGE);
  if (abbreviates(verb, "change") || verb === "chg") return changeAddress(run, "change", USAGE);
  if (abbreviates(verb, "replace")) return changeAddress(run, "replace", USAGE);
  if (abbreviates(verb, "delete")) return changeAddress(run, "delete", USAGE);
  if (abbreviatesAny(verb, "list", "show", "lst")) return show(run);
  if (abbreviates(verb, "flush")) return flush(run);
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  if (abbreviatesAny(verb, "save", "showdump", "restore")) throw notModelled(`address ${verb}`);
  throw new Misuse(`Command "${verb}" is unknown, try "ip address help".`);
}

/** One device with those of its addresses that are wanted. */
interface Shown {
  readonly device: NetDevice;
  readonly addresses: readonly IfAddress[];
}

function show(before: IpRun): number {
  const selection = readSelection(before, USAGE);
  // A prefix says which family is meant.
  const run =
    selection.to === null || before.options.family !== "any"
      ? before
      : { ...before, options: { ...before.options, family: "inet" as const } };
  const { options, process } = run;
  const shown = selectDevices(run, selection)
    .map((device) => ({ device, all: run.machine.net.addresses.of(device) }))
    .map(({ device, all }) => ({
      device,
      bare: all.length === 0,
      addresses: all.filter((each) => selects(selection, each)),
    }))
    .filter(
      ({ bare, addresses }) => options.family === "link" || addresses.length > 0 || (bare && options.family === "any"),
    )
    .map(({ device, addresses }): Shown => ({ device, addresses: options.family === "link" ? [] : addresses }));
  if (options.json)
    return printJson(
      run,
      shown.map((each) => shownJson(run, selection, each)),
    );
  process.print(shown.map((each) => shownText(run, selection, each)).join(""));
  return 0;
}

/** A selection by label hides the link's own lines. */
const hidesLink = (selection: Selection, { device }: Shown): boolean =>
  selection.label !== null || (selection.up && !device.up);

function shownText(run: IpRun, selection: Selection, shown: Shown): string {
  const { options } = run;
  const { device, addresses } = shown;
  if (selection.up && !device.up) return "";
  if (options.brief)
    return hidesLink(selection, shown) ? "" : `${linkBrief(device, "addr")}${addresses.map(addressBrief).join("")}\n`;
  const withLink = !options.oneLine && !hidesLink(selection, shown);
  const lines = addresses.map((each) => addressText(each, options, options.oneLine)).join("");
  const counters = withLink && options.statistics > 0 ? statisticsLines(device, options.statistics > 1) : [];
  const tail = counters.length === 0 ? "" : `${counters.join(lineEnd(options))}\n`;
  return `${withLink ? linkText(device, options, "addr") : ""}${lines}${tail}`;
}

function shownJson(run: IpRun, selection: Selection, shown: Shown) {
  const { options } = run;
  const { device, addresses } = shown;
  if (selection.up && !device.up) return {};
  const withLink = (options.brief || !options.oneLine) && !hidesLink(selection, shown);
  const withCounters = withLink && options.statistics > 0 && !options.brief;
  return {
    ...(withLink ? linkJson(device, options, "addr") : {}),
    addr_info: addresses.map((each) => addressJson(each, options)),
    ...(withCounters ? { stats64: statisticsJson(device, options.statistics > 1) } : {}),
  };
}

function flush(run: IpRun): number {
  if (!run.words.more) throw new Misuse("Flush requires arguments.", 1);
  if (run.options.family === "link") throw new Misuse("Cannot flush link addresses.", 1);
  const selection = readSelection(run, USAGE);
  const { addresses } = run.machine.net;
  const devices = selection.device === null ? run.machine.table.devices : [selection.device];
  const doomed = devices.flatMap((device) => addresses.of(device).filter((each) => selects(selection, each)));
  const { statistics } = run.options;
  if (statistics > 1) run.process.print(doomed.map((each) => addressText(each, run.options, true)).join(""));
  // A primary takes its secondaries along: they are gone when their turn comes.
  for (const each of doomed) if (addresses.of(each.device).includes(each)) addresses.remove(each.device, each);
  if (statistics > 0) run.process.print(roundsText(doomed.length, "addresses"));
  return 0;
}
