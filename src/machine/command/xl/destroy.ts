/** xl destroy: main_destroy of xl_vmcontrol.c, Xen 4.17. */
import { Rc } from "../../libxl/context.ts";
import { DomainDestroy } from "../../libxl/domain-destroy.ts";
import { type Step, ToolstackProgram } from "../../libxl/step.ts";
import type { Subcommand, XlCall } from "./subcommand.ts";

const DOMAIN_0 = `Not destroying domain 0; use -f to force.
This can only be done when using a disaggregated hardware domain and toolstack.
`;

export const destroy: Subcommand = {
  name: "destroy",
  summary: "Terminate a domain immediately",
  usage: "[options] <Domain>\n",
  options: `-f                      Permit destroying domain 0, which will only succeed
                        when run from disaggregated toolstack domain with a
                        hardware domain distinct from domain 0.`,
  letters: "f",
  required: 1,
  modifies: true,
  run: (call) => {
    const domid = call.domid(call.operands[0]!);
    if (domid === null) return 1;
    if (domid > 0) return new Destroy(call, domid);
    return call.has("f") ? call.notModelled("the end of domain 0") : call.fail(DOMAIN_0);
  },
};

class Destroy extends ToolstackProgram {
  private readonly domid: number;

  constructor(call: XlCall, domid: number) {
    super(call.process, call.xen);
    this.domid = domid;
  }

  start(): void {
    new DomainDestroy(this.libxl, this, this.domid).start();
  }

  stepDone(_step: Step, rc: Rc): void {
    if (rc === Rc.OK) return this.process.exit(0);
    this.libxl.error("libxl_domain.c:1064:domain_destroy_cb", "Destruction of domain failed", this.domid);
    this.process.error(`destroy failed (rc=${rc})\n`);
    this.process.exit(1);
  }
}
