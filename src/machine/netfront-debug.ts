/**
 * /sys/kernel/debug/xen-netfront/ethN/tx_request, in a guest: a request written word by word onto the transmit ring, as no
 * honest driver would make it. Linux has no such file: it stands for the guest with a driver of its own, which a lab needs to
 * show what netback does with one.
 *
 *   echo "offset=4000 size=200" > /sys/kernel/debug/xen-netfront/eth0/tx_request
 */
import type { NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import { Netfront } from "../xen/netfront.ts";
import { EINVAL, ENODEV, type Errno } from "./errno.ts";
import { LiveDirectory, LiveFile, type Node } from "./files.ts";

export class NetfrontDebug extends LiveDirectory {
  private readonly table: DeviceTable;

  constructor(table: DeviceTable) {
    super();
    this.table = table;
  }

  list(): readonly string[] {
    return this.table.devices
      .filter(isNetfront)
      .map(({ name }) => name)
      .sort();
  }

  find(name: string): Node | null {
    const device = this.table.find(name);
    return device !== null && isNetfront(device) ? new RequestDirectory(device) : null;
  }
}

const isNetfront = (device: NetDevice): device is Netfront => device instanceof Netfront;

class RequestDirectory extends LiveDirectory {
  private readonly device: Netfront;

  constructor(device: Netfront) {
    super();
    this.device = device;
  }

  list(): readonly string[] {
    return ["tx_request"];
  }

  find(name: string): Node | null {
    return name === "tx_request" ? new RequestFile(this.device) : null;
  }
}

const FIELDS = ["gref", "offset", "flags", "id", "size"] as const;

class RequestFile extends LiveFile {
  private readonly device: Netfront;

  constructor(device: Netfront) {
    super();
    this.device = device;
  }

  override get writable(): boolean {
    return true;
  }

  read(): string {
    return `${FIELDS.join("=0 ")}=0\n`;
  }

  override write(text: string): Errno | null {
    const words = new Map<string, number>(FIELDS.map((field) => [field, 0]));
    for (const word of text.trim().split(/\s+/)) {
      const [, field = "", value = ""] = /^(\w+)=(\d+)$/.exec(word) ?? [];
      if (!words.has(field)) return EINVAL;
      words.set(field, Number(value));
    }
    const ring = this.device.transmitRing;
    if (ring === null) return ENODEV;
    const [reference, offset, flags, id, size] = FIELDS.map((field) => words.get(field)!);
    ring.forge(reference!, offset!, flags!, id!, size!);
    return null;
  }
}
