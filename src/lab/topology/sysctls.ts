/**
 * Names of kernel parameters in a topology: does a machine of the lab have such a file? The list is that of a machine made
 * for the purpose, so that no second one has to be kept.
 */
import { World } from "../../device/world.ts";
import { Machine } from "../../machine/machine.ts";
import { Userland } from "../../machine/userland.ts";
import { sysctlPath } from "../../stack/sysctl.ts";
import type { Desk } from "./desk.ts";
import { type Path, quoteWord } from "./diagnostic.ts";
import { nearestWord } from "./nearest.ts";

interface Known {
  /** Of every machine: net/ipv4/ip_forward, net/ipv4/conf/default/rp_filter. */
  readonly always: readonly string[];
  /** By the module that brings them. */
  readonly loaded: ReadonlyMap<string, readonly string[]>;
}

function knownSysctls(): Known {
  const { net, files } = new Machine(new World(0), { name: "names" }, new Userland());
  const always = [...net.sysctls.list().map(({ path }) => path), ...filesIn(files, "kernel")];
  const { tracker, bridgeCall } = net.netfilter;
  const conntrack = Object.keys(tracker.settings).map((name) => `net/netfilter/${name}`);
  return {
    always,
    loaded: new Map([
      ["br_netfilter", Object.keys(bridgeCall.settings).map((name) => `net/bridge/${name}`)],
      ["nf_conntrack", [...conntrack, "net/nf_conntrack_max"]],
    ]),
  };
}

function filesIn(files: Machine["files"], directory: string): string[] {
  const names = files.list(`/proc/sys/${directory}`);
  return Array.isArray(names) ? names.map((name) => `${directory}/${name}`) : [];
}

/** Parameters of a device are looked for under `default`: which devices there will be is another question. */
const PER_DEVICE = /^(net\/ipv[46]\/(?:conf|neigh)\/)(?!all\/|default\/)(.+)(\/[^/]+)$/;

export class SysctlNames {
  private known: Known | null = null;

  /** Says what is wrong with the names at `path`, a mapping of names to values. */
  check(desk: Desk, path: Path, input: Readonly<Record<string, unknown>> | undefined): void {
    for (const name of Object.keys(input ?? {})) this.checkName(desk, [...path, name], name);
  }

  private checkName(desk: Desk, path: Path, name: string): void {
    this.known ??= knownSysctls();
    const { always, loaded } = this.known;
    const [, before = "", device = "", after = ""] = PER_DEVICE.exec(sysctlPath(name)) ?? [];
    const file = device === "" ? sysctlPath(name) : `${before}default${after}`;
    if (always.includes(file)) return;
    const module = [...loaded.keys()].find((each) => loaded.get(each)!.includes(file));
    if (module !== undefined) return lateOne(desk, path, name, module);
    const near = nearest(file, [...always, ...[...loaded.values()].flat()]);
    const spelt = near === null ? null : device === "" ? near : near.replace("/default/", `/${device}/`);
    desk.errorAtKey(path, "unknown-sysctl", `no machine here has a kernel parameter ${quoteWord(name)}`, {
      expected: "a name that `sysctl -a` lists on a machine of the lab",
      ...(spelt === null ? {} : { hint: `did you mean \`${dotted(spelt, name)}\`?` }),
    });
  }
}

function lateOne(desk: Desk, path: Path, name: string, module: string): void {
  const span = desk.source.key(path);
  desk.add("warning", span, path, "late-sysctl", `${quoteWord(name)} is not there yet when this is read, at boot`, {
    expected: `a line of \`setup\`: sysctl -w ${name}=..., after what loads ${module}`,
  });
}

/** Most slips are in the last name; long paths would hide them. */
function nearest(file: string, known: readonly string[]): string | null {
  const directory = file.slice(0, file.lastIndexOf("/") + 1);
  const beside = known.filter((each) => each.slice(0, each.lastIndexOf("/") + 1) === directory);
  const word = nearestWord(
    file.slice(directory.length),
    beside.map((each) => each.slice(directory.length)),
  );
  return word === null ? nearestWord(file, known) : directory + word;
}

/** As the user has begun to spell it. */
const dotted = (file: string, name: string): string =>
  /[./]/.exec(name)?.[0] === "/" ? file : file.replace(/[./]/g, (each) => (each === "." ? "/" : "."));
