/** The xl.cfg of a planned domain: what an admin would have in /etc/xen. */
import type { DomainPlan } from "./topology/plan.ts";

export function xlConfig(plan: DomainPlan): string {
  const vifs = plan.vifs.map((vif) => `'${vif.text}'`);
  return [
    `name = "${plan.name}"`,
    'type = "pv"',
    'kernel = "/boot/vmlinuz-guest"',
    `memory = ${plan.memory}`,
    `vcpus = ${plan.vcpus}`,
    `vif = [ ${vifs.join(", ")} ]`,
    'extra = "console=hvc0"',
    'on_poweroff = "destroy"',
    'on_reboot = "restart"',
    'on_crash = "destroy"',
    "",
  ].join("\n");
}
