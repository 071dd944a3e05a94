/** Who is who in a topology: machine names over hosts, domains and machines, each once, and where they stand. */
import type { Desk } from "./desk.ts";
import { adviseWord, type Path, quoteWord } from "./diagnostic.ts";
import type { TopologyInput } from "./schema.ts";
import { isMixed } from "./short-form/index.ts";

export interface Names {
  /** every machine, also those whose description is wrong: a reference to them is right */
  readonly machines: readonly string[];
  readonly hosts: readonly string[];
}

export function collectNames(input: TopologyInput, desk: Desk): Names {
  const places = new Map<string, { path: Path; what: string }>();
  const add = (name: string, path: Path, what: string): void => {
    const first = places.get(name);
    if (first === undefined) {
      places.set(name, { path, what });
      return;
    }
    const where = `${first.what} on line ${desk.source.key(first.path).line}`;
    const message = `the name ${quoteWord(name)} is taken by the ${where}`;
    desk.errorAtKey(path, "duplicate-name", message, {
      expected: "another name: hosts, guests and machines share one list",
    });
  };
  const hosts = keysOf(input.hosts, desk, ["hosts"]);
  for (const host of hosts) {
    add(host, ["hosts", host], "host");
    const path = ["hosts", host, "domains"];
    for (const domain of keysOf(input.hosts?.[host]?.domains, desk, path)) add(domain, [...path, domain], "guest");
  }
  for (const name of keysOf(input.machines, desk, ["machines"])) add(name, ["machines", name], "machine");
  return { machines: [...places.keys(), ...othersMeant(desk)], hosts };
}

/** In a file that mixes the forms: what the keys of the short one name, and what stands under `host` for `hosts`. */
function othersMeant(desk: Desk): string[] {
  if (!isMixed(desk)) return [];
  const hosts = desk.source.keys(["host"]);
  const domains = hosts.flatMap((host) => desk.source.keys(["host", host, "domains"]));
  return [...desk.source.keys(["guests"]), ...desk.source.keys(["outside"]), ...hosts, ...domains];
}

/** Of the resolved mapping and of the text: the text also has the ones that were taken out as wrong. */
export const keysOf = (mapping: object | undefined, desk: Desk, path: Path): string[] => [
  ...new Set([...Object.keys(mapping ?? {}), ...desk.source.keys(path)]),
];

/** A reference to a machine; says so when there is none. `at` and `length` are its place in the text at the path. */
export function checkMachine(desk: Desk, names: Names, path: Path, name: string): boolean {
  if (names.machines.includes(name)) return true;
  const advice = adviseWord(name, names.machines);
  const dom0 = /^(dom0|domain-0)$/i.test(name) && names.hosts[0];
  const hint = dom0 ? { hint: `did you mean \`${dom0}\`? dom0 goes by the name of its host` } : {};
  const span = desk.source.piece(path, 0, name.length);
  desk.add("error", span, path, "unknown-machine", `there is no machine ${quoteWord(name)}`, { ...advice, ...hint });
  return false;
}
