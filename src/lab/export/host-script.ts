/** A script that is run on a real host of the lab, with the host's name as its argument: what it does is a function per host. */
import type { HostPlan, Plan } from "../topology/plan.ts";
import { comment, quote } from "./netns/words.ts";

export function hostScript(plan: Plan, what: string, lines: (host: HostPlan) => readonly string[]): string {
  const names = plan.hosts.map(({ name }) => name);
  return [
    "#!/usr/bin/env bash",
    ...comment(`${plan.name}: ${plan.about}`),
    "#",
    ...comment(`${what}. Run it on that host, as root: bash THIS-FILE ${names.join("|")}`),
    ...plan.hosts.flatMap(insideOf),
    "set -euo pipefail",
    "",
    ...plan.hosts.flatMap((host, i) => [`host_${i + 1}() { # ${host.name}`, ...body(lines(host)), "}", ""]),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    'case "${1:-}" in',
    ...plan.hosts.map(({ name }, i) => `  ${quote(name)}) host_${i + 1} ;;`),
    `  *) echo "Usage: bash $0 ${names.join("|")}" >&2 && exit 2 ;;`,
    "esac",
    "",
  ].join("\n");
}

/** A here-document stands as it is. */
const body = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ["  :"] : lines);

/** What the guests set themselves is no business of the host, but who builds them will want to know. */
function insideOf({ domains }: HostPlan): string[] {
  return domains.flatMap(({ name, inside }) =>
    inside.map(({ device, addresses, gateway, dhcp }) => {
      const given = addresses.map(({ address, prefix }) => `${dotted(address)}/${prefix}`).join(" ");
      const way = gateway === null ? "" : ` gateway ${dotted(gateway)}`;
      return `# inside ${name}: ${device} ${dhcp === true ? "by DHCP" : given}${way}`;
    }),
  );
}

const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
