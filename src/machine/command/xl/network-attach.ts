/** xl network-attach, xl network-detach: xl_nic.c and libxl_device.c (device_addrm_aocomplete), Xen 4.17. */
import { parseMac } from "../../../packet/address.ts";
import { parseVifConfig, type VifConfig } from "../../../xen/vif-config.ts";
import { Rc } from "../../libxl/context.ts";
import { nicJson } from "../../libxl/domain-config.ts";
import { type NewNic, type Nic, newNic, nextDevid, nicsOf } from "../../libxl/nic.ts";
import { NicAdd } from "../../libxl/nic-add.ts";
import { NicRemove } from "../../libxl/nic-remove.ts";
import { type Step, ToolstackProgram } from "../../libxl/step.ts";
import { loadConfiguration, nicsIn, saveConfiguration, withNics } from "../../libxl/userdata.ts";
import { isOtherBackend, sourced } from "./domain-file.ts";
import type { Subcommand, XlCall } from "./subcommand.ts";

export const networkAttach: Subcommand = {
  name: "network-attach",
  summary: "Create a new virtual network device",
  usage:
    "<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] [script=<script>] [backend=<BackDomain>] " +
    "[vifname=<name>] [rate=<rate>] [model=<model>] [accel=<accel>] [mtu=<mtu>]",
  required: 1,
  modifies: true,
  canDryRun: true,
  run: attach,
};

export const networkDetach: Subcommand = {
  name: "network-detach",
  summary: "Destroy a domain's virtual network device",
  usage: "<Domain> <DevId|mac>",
  required: 2,
  modifies: true,
  run: detach,
};

function attach(call: XlCall): Attach | number {
  const domid = call.domid(call.operands[0]!);
  if (domid === null) return 1;
  const { config, remarks } = parseVifConfig(call.operands.slice(1).join(","));
  for (const remark of remarks) {
    call.process.error(`${sourced(remark, "command line")}\n`);
    if (remark.weight !== "notice") return 1;
  }
  if (isOtherBackend(config)) return call.notModelled(`a driver domain (backend=${config.backend})`);
  return new Attach(call, domid, config);
}

class Attach extends ToolstackProgram {
  private readonly domid: number;
  private readonly config: VifConfig;
  private device: NewNic | null = null;

  constructor(call: XlCall, domid: number, config: VifConfig) {
    super(call.process, call.xen);
    this.domid = domid;
    this.config = config;
  }

  start(): void {
    const { libxl, config, domid } = this;
    if (libxl.xen.hypervisor.find(domid) === null || domid === 0) return this.fail();
    if (config.type === "ioemu") {
      const sentence = "trying to create PV or PVH guest with an emulated interface";
      libxl.error("libxl_nic.c:107:libxl__device_nic_setdefault", sentence, domid);
      libxl.error("libxl_device.c:1486:device_addrm_aocomplete", "unable to add device");
      return this.fail();
    }
    const devid = config.devid ?? nextDevid(libxl.store, domid);
    this.device = newNic(config, domid, devid, libxl.xen.vifScript, this.process.machine.world.random("libxl"));
    new NicAdd(libxl, this, this.device).start();
  }

  stepDone(_step: Step, rc: Rc): void {
    const { nic } = this.device!;
    if (rc === Rc.OK) return this.remember();
    const where = "libxl_device.c:1481:device_addrm_aocomplete";
    if (rc === Rc.DEVICE_EXISTS)
      this.libxl.error("libxl_device.c:1486:device_addrm_aocomplete", "unable to add device");
    else this.libxl.error(where, `Unable to add vif with id ${nic.devid}`, nic.domid);
    this.fail();
  }

  private fail(): void {
    this.process.error("libxl_device_nic_add failed.\n");
    this.process.exit(1);
  }

  private remember(): void {
    const { machine } = this.process;
    const uuid = this.libxl.xen.hypervisor.find(this.domid)?.uuid ?? "";
    const json = loadConfiguration(machine, this.domid, uuid);
    const { nic, config } = this.device!;
    if (json !== null) {
      const others = nicsIn(json).filter((each) => each["devid"] !== nic.devid);
      saveConfiguration(machine, this.domid, uuid, withNics(json, [...others, nicJson(config, nic)]));
    }
    this.process.exit(0);
  }
}

function detach(call: XlCall): Detach | number {
  const [name, selector] = call.operands;
  const domid = call.domid(name!);
  if (domid === null) return 1;
  const nic = selected(nicsOf(call.xen.store, domid), selector!);
  return nic === null ? call.fail(`Unknown device ${selector}.`) : new Detach(call, nic);
}

/** A colon makes it a MAC address; otherwise atoi(3). */
function selected(nics: readonly Nic[], selector: string): Nic | null {
  if (selector.includes(":")) {
    const mac = parseMac(selector);
    return nics.find((nic) => nic.mac === mac) ?? null;
  }
  const devid = Number.parseInt(selector, 10) || 0;
  return nics.find((nic) => nic.devid === devid) ?? null;
}

class Detach extends ToolstackProgram {
  private readonly nic: Nic;

  constructor(call: XlCall, nic: Nic) {
    super(call.process, call.xen);
    this.nic = nic;
  }

  start(): void {
    new NicRemove(this.libxl, this, this.nic, "auto").start();
  }

  stepDone(_step: Step, rc: Rc): void {
    if (rc === Rc.OK) return this.process.exit(0);
    const { domid, devid } = this.nic;
    const where = "libxl_device.c:1481:device_addrm_aocomplete";
    this.libxl.error(where, `Unable to remove vif with id ${devid}`, domid);
    this.process.error("libxl_device_nic_del failed.\n");
    this.process.exit(1);
  }
}
