/**
 * udev's rules as far as Xen's hotplug needs them: lines of `KEY=="pattern"` to match, `RUN+="command"` to run and
 * `ENV{NAME}="value"` to hand on. Follows udev(7). Not modelled: other keys (a line with one never matches), GOTO, IMPORT.
 */

/** One event: what a rule may look at. */
export interface DeviceEvent {
  readonly SUBSYSTEM: string;
  /** The kernel's name of the device: vif-1-0. */
  readonly KERNEL: string;
  readonly ACTION: string;
  readonly env: ReadonlyMap<string, string>;
}

/** What is to be run for an event, and the environment the rules added. */
export interface RuleAnswer {
  readonly commands: readonly (readonly string[])[];
  readonly env: ReadonlyMap<string, string>;
}

const PART = /([A-Z]+)(?:\{([^}]*)\})?\s*(==|!=|\+=|=)\s*"([^"]*)"/g;

export function applyRules(text: string, event: DeviceEvent): RuleAnswer {
  const env = new Map(event.env);
  const commands: string[][] = [];
  for (const line of text.split("\n")) {
    if (!/^\s*[A-Z]/.test(line)) continue;
    const parts = [...line.matchAll(PART)].map(([, key, name, operator, value]) => ({
      key: key!,
      name: name ?? "",
      operator: operator!,
      value: value!,
    }));
    if (!parts.every(({ key, operator, value }) => matches(event, key, operator, value))) continue;
    for (const { key, name, operator, value } of parts) {
      if (key === "ENV" && operator === "=") env.set(name, value);
      if (key === "RUN" && operator !== "==") commands.push(words(substitute(value, env, event)));
    }
  }
  return { commands, env };
}

function matches(event: DeviceEvent, key: string, operator: string, pattern: string): boolean {
  if (operator !== "==" && operator !== "!=") return true;
  if (key !== "SUBSYSTEM" && key !== "KERNEL" && key !== "ACTION") return false;
  const source = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(event[key]) === (operator === "==");
}

/** `$env{NAME}`, `$kernel` and `$$`; a name that is not there is empty. */
function substitute(text: string, env: ReadonlyMap<string, string>, event: DeviceEvent): string {
  return text.replace(/\$(?:(\$)|env\{([^}]*)\}|(kernel))/g, (_all, dollar, name, kernel) => {
    if (dollar !== undefined) return "$";
    if (kernel !== undefined) return event.KERNEL;
    return name === "ACTION" ? event.ACTION : (env.get(name) ?? "");
  });
}

/** Blanks part the words; what stands in single quotes is one. */
const words = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
