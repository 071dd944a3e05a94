/** `--to xl`: a script for each real Xen host of the lab: its guests' xl.cfg, its own set-up, and what starts the guests. */
import { ERAS } from "../../machine/era.ts";
import type { Plan } from "../topology/plan.ts";
import { xlConfig } from "../xl-config.ts";
import { hostScript } from "./host-script.ts";
import type { ExportKind } from "./kind.ts";
import { quote } from "./netns/words.ts";
import { ownLines } from "./own-lines.ts";

export const xl: ExportKind = {
  name: "xl",
  summary: "for a real Xen host: xl.cfg of each guest, and the host's own command lines",
  extension: "sh",
  print,
};

function print(plan: Plan): string {
  return hostScript(plan, "xl.cfg files and the set-up of a Xen host", (host) => {
    const era = ERAS[host.xen];
    const tool = era.toolstack === "xend" ? "xm" : "xl";
    return [
      ...(era.toolstack === "xend"
        ? [
            "# xend-config.sxp:",
            ...host.networkScripts.map((line) => `#   (network-script '${line}')`),
            `#   (vif-script ${host.vifScript})`,
          ]
        : [`# xl.conf: vif.default.script="${host.vifScript}"`]),
      ...host.domains.flatMap((domain) => [
        `cat > /etc/xen/${domain.name}.cfg << 'END'`,
        xlConfig(domain).trimEnd(),
        "END",
      ]),
      ...host.scripts.flatMap(({ name, text }) => [
        `cat > /etc/xen/scripts/${name} << 'END'`,
        text.trimEnd(),
        "END",
        `chmod +x /etc/xen/scripts/${name}`,
      ]),
      // The lines that follow start them. The one that libvirt ships is there already.
      ...host.libvirt.flatMap(({ definition, xml }) => [
        `virsh net-info ${quote(definition.name)} > /dev/null 2>&1 ||`,
        "virsh net-define /dev/stdin << 'END'",
        xml.trimEnd(),
        "END",
      ]),
      ...ownLines(plan, host),
      ...host.domains.map(({ name, autostart }) => `${autostart ? "" : "# "}${tool} create /etc/xen/${name}.cfg`),
    ];
  });
}
