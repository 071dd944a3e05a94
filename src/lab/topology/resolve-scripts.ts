/** The vif script of a host, and scripts of the user's own: written in the topology, or in a file beside it. */
import { type Path, quoteWord } from "./diagnostic.ts";
import { nearestWord } from "./nearest.ts";
import type { ScriptFile } from "./plan.ts";
import type { Ground } from "./resolve-network.ts";
import type { HostInput } from "./schema.ts";

const DEFAULT_SCRIPT = "vif-bridge";
/** What Xen's own are called, of every era. */
export const VIF_SCRIPTS: readonly string[] = [DEFAULT_SCRIPT, "vif-route", "vif-nat"];
const TO_COME = ["vif-openvswitch"];

export interface Scripts {
  readonly vifScript: string;
  readonly scripts: readonly ScriptFile[];
}

const isPath = (word: string): boolean => /^(\.{1,2}\/|\/)/.test(word) || word.endsWith(".sh");
const fileName = (path: string): string => path.split("/").at(-1)!;

/** `xend`: xend-config.sxp may give a script arguments, `vif-route netdev=eth1`; xl takes the line for a file's name. */
export function resolveScripts(ground: Ground, path: Path, input: HostInput, xend: boolean): Scripts {
  const { desk } = ground;
  const scripts = Object.entries(input.scripts ?? {}).map(([name, text]) => ({ name, text }));
  const wanted = input["vif-script"] ?? DEFAULT_SCRIPT;
  const known = [...VIF_SCRIPTS, ...scripts.map(({ name }) => name)];
  const [name = "", ...words] = wanted.trim().split(/\s+/);
  const isLine = xend && words.every((word) => /^\w+=\S+$/.test(word));
  if (known.includes(isLine ? name : wanted)) return { vifScript: [name, ...words].join(" "), scripts };
  const at = [...path, "vif-script"];
  if (isPath(wanted)) {
    const text = ground.readFile(wanted);
    if (text !== null) return { vifScript: fileName(wanted), scripts: [...scripts, { name: fileName(wanted), text }] };
    desk.error(at, "unreadable", `the script ${quoteWord(wanted)} cannot be read`, {
      expected: "a file beside the topology, or one of `scripts`",
    });
  } else if (TO_COME.includes(wanted)) {
    desk.error(at, "not-modelled", `${wanted} is not modelled yet`, { expected: DEFAULT_SCRIPT });
  } else {
    const near = nearestWord(wanted, known);
    desk.error(at, "unknown-script", `there is no script ${quoteWord(wanted)}`, {
      expected: "vif-bridge, vif-route, vif-nat, one of `scripts`, or a file such as ./my-script.sh",
      ...(near === null ? {} : { suggestion: near }),
    });
  }
  return { vifScript: DEFAULT_SCRIPT, scripts };
}
