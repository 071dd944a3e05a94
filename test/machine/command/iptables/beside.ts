/** Whether the real iptables can be asked, and what its answers may differ in. */
import { spawnSync } from "node:child_process";
import { canMakeNamespaces } from "../../../kit/netns.ts";
import { requireTool } from "../../../kit/tools.ts";

/** Other versions and the old backend print other sentences. */
const isDebian12 = (): boolean =>
  spawnSync("iptables", ["--version"], { encoding: "utf8" }).stdout.trim() === "iptables v1.8.9 (nf_tables)";

export const canCompare = requireTool("iptables") && isDebian12() && canMakeNamespaces();

/** Without the date in iptables-save's comments. */
export const timeless = (text: string): string => text.replace(/^(# .* on ).*$/gm, "$1TIME");
