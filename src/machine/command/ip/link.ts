/** `ip link`. Follows iproute2 6.1's ip/iplink.c and ip/ipaddress.c. Not modelled: xstats, afstats, properties. */
import { addLink, deleteLink, LINK_USAGE, setLink } from "./link-change.ts";
import { linkBrief, linkJson, linkText } from "./link-print.ts";
import { readSelection, selectDevices } from "./link-select.ts";
import { type IpRun, printJson } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled } from "./words.ts";

export function ipLink(run: IpRun): number {
  if (!run.words.more) return show(run);
  const verb = run.words.take();
  if (abbreviates(verb, "add")) return addLink(run);
  if (abbreviatesAny(verb, "set", "change")) return setLink(run);
  if (abbreviates(verb, "delete")) return deleteLink(run);
  if (abbreviatesAny(verb, "show", "lst", "list")) return show(run);
  if (abbreviates(verb, "help")) throw new Misuse(LINK_USAGE);
  if (abbreviatesAny(verb, "replace", "xstats", "afstats", "property")) throw notModelled(`link ${verb}`);
  throw new Misuse(`Command "${verb}" is unknown, try "ip link help".`);
}

function show(run: IpRun): number {
  const { options, process } = run;
  const selection = readSelection(run, LINK_USAGE);
  const devices = selectDevices(run, selection);
  const isWanted = (up: boolean): boolean => up || !selection.up;
  if (options.json) {
    // A link that the filter leaves out still gets its pair of braces.
    return printJson(
      run,
      devices.map((device) => (isWanted(device.up) ? linkJson(device, options, "link") : {})),
    );
  }
  // So asks a script whether there is such a device.
  if (process.stdout.discards === true) return 0;
  const wanted = devices.filter((device) => isWanted(device.up));
  const line = options.brief ? `\n` : "";
  process.print(
    wanted
      .map((device) => (line === "" ? linkText(device, options, "link") : linkBrief(device, "link") + line))
      .join(""),
  );
  return 0;
}
