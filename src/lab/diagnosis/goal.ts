/** What was to work and did not: checks that failed, and where a topology has none, pings that nobody answered. */
import { seconds } from "../../engine/time.ts";
import { formatIpv4, type Ipv4, parseIpv4 } from "../../packet/address.ts";
import type { Lab } from "../lab.ts";
import type { CheckPlan } from "../topology/plan.ts";

export interface Goal {
  readonly check: CheckPlan;
  /** Addresses that its line names, or that the machines have which it names. */
  readonly targets: readonly Ipv4[];
  /** Where it is run, and whom the line speaks of. */
  readonly machines: readonly string[];
}

const PATIENCE = seconds(30);

export function goalsOf(lab: Lab): Goal[] {
  const { plan, scenario } = lab;
  const failed = plan.checks.filter((check, i) => scenario.results[i]?.ok === false && isHope(check));
  const wanted = plan.checks.length > 0 ? failed : unanswered(lab);
  return wanted.map((check) => goalOf(lab, check));
}

/** Something is to work: that something fails, or is dropped, shows no trouble where it does not. */
const isHope = ({ expect }: CheckPlan): boolean =>
  expect.kind === "ok" || expect.kind === "stdout" || (expect.kind === "exit" && expect.code === 0);

/** Of pings that were repeated the last one counts: what failed before may be mended by then. */
function unanswered({ scenario }: Lab): CheckPlan[] {
  const last = new Map<string, CheckPlan | null>();
  for (const { machine, line, process } of scenario.runs) {
    const target = /^ping [^;|&<>]*?(\S+)$/.exec(line.trim())?.[1];
    if (target === undefined || /\s-f/.test(line)) continue;
    const key = `${machine} reaches ${target}`;
    last.set(key, process.exitCode === 1 || process.exitCode === 2 ? pingCheck(key, machine, line) : null);
  }
  return [...last.values()].filter((check) => check !== null);
}

const pingCheck = (name: string, on: string, run: string): CheckPlan => ({
  ...{ name, on, run, within: PATIENCE, after: null },
  expect: { kind: "ok" },
});

function goalOf(lab: Lab, check: CheckPlan): Goal {
  const words = check.run.split(/[\s'";|&()]+/);
  const named = words.filter((word) => lab.plan.hosts.some((host) => isOf(host, word)) || lab.find(word) !== null);
  const written = words.map((word) => parseIpv4(word.replace(/\/.*/, ""))).filter((address) => address !== null);
  const targets = [...written, ...named.flatMap((name) => addressesOf(lab, name))];
  const owners = lab.machineNames.filter((name) => addressesOf(lab, name).some((each) => targets.includes(each)));
  return { check, targets, machines: [...new Set([check.on, ...named, ...owners, ...planned(lab, written)])] };
}

const isOf = ({ domains }: Lab["plan"]["hosts"][number], word: string): boolean =>
  domains.some(({ name }) => name === word);

function addressesOf(lab: Lab, name: string): Ipv4[] {
  const machine = lab.find(name);
  if (machine === null) return [];
  const own = machine.table.devices.filter((device) => device.name !== "lo");
  return own.flatMap((device) => machine.net.addresses.of(device).map(({ address }) => address));
}

/** Guests that were to have an address of these. */
function planned({ plan }: Lab, addresses: readonly Ipv4[]): string[] {
  const texts = addresses.map(formatIpv4);
  return plan.hosts.flatMap(({ domains }) =>
    domains
      .filter(({ inside }) =>
        inside.some((device) => device.addresses.some(({ address }) => texts.includes(formatIpv4(address)))),
      )
      .map(({ name }) => name),
  );
}
