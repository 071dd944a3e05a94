/** What xend writes about a device, in its order: that of a Python 2 dictionary, as xenstore-ls of such hosts shows it. */
import { expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2, type XendEra } from "../../../src/machine/xend/era.ts";
import { judges } from "../../kit/fidelity.ts";
import { XendDom0 } from "../xend-dom0.ts";

judges("xend");

const VIF = "vif=mac=00:16:3e:00:00:07,bridge=xenbr0,ip=10.0.0.7,vifname=web,rate=16Mb/s";

/** Up to netback's first word. */
function written(era: XendEra, vif: string): string[] {
  const dom0 = new XendDom0(era);
  dom0.log.lines.length = 0;
  expect(dom0.type(`xm create -p web1 ${vif}`).code).toBe(0);
  const lines = dom0.log.lines.map((line) => line.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UUID"));
  const first = lines.findIndex((line) => line.includes("/vif"));
  const last = lines.findIndex((line) => line.includes("shadow_memory"));
  return lines.slice(first, last);
}

const BE = "/local/domain/0/backend/vif/1/0";
const FE = "/local/domain/1/device/vif/0";
const VM = "/vm/UUID/device/vif/0";

test("3.0", () => {
  expect(written(XEND_3_0, "vif=mac=00:16:3e:00:00:07,bridge=xenbr0,ip=10.0.0.7")).toEqual([
    "/local/domain/1/device-misc/vif/nextDeviceID = '1'",
    `${BE} = ''`,
    `${FE} = ''`,
    `${FE}/backend-id = '0'`,
    `${FE}/mac = '00:16:3e:00:00:07'`,
    `${FE}/handle = '0'`,
    `${FE}/state = '1'`,
    `${FE}/backend = '${BE}'`,
    `${BE}/bridge = 'xenbr0'`,
    `${BE}/domain = 'web1'`,
    `${BE}/handle = '0'`,
    `${BE}/script = '/etc/xen/scripts/vif-bridge'`,
    `${BE}/ip = '10.0.0.7'`,
    `${BE}/state = '1'`,
    `${BE}/frontend = '${FE}'`,
    `${BE}/mac = '00:16:3e:00:00:07'`,
    `${BE}/frontend-id = '1'`,
  ]);
});

test("3.1: /vm keeps the words as they were written", () => {
  expect(written(XEND_3_1, VIF)).toEqual([
    "/local/domain/1/device-misc/vif/nextDeviceID = '1'",
    `${VM}/bridge = 'xenbr0'`,
    `${VM}/uuid = 'UUID'`,
    `${VM}/script = 'vif-bridge'`,
    `${VM}/ip = '10.0.0.7'`,
    `${VM}/rate = '16Mb/s'`,
    `${VM}/mac = '00:16:3e:00:00:07'`,
    `${VM}/vifname = 'web'`,
    `${VM}/type = 'netfront'`,
    `${BE} = ''`,
    `${FE} = ''`,
    `${FE}/backend-id = '0'`,
    `${FE}/mac = '00:16:3e:00:00:07'`,
    `${FE}/handle = '0'`,
    `${FE}/state = '1'`,
    `${FE}/backend = '${BE}'`,
    `${BE}/bridge = 'xenbr0'`,
    `${BE}/domain = 'web1'`,
    `${BE}/handle = '0'`,
    `${BE}/uuid = 'UUID'`,
    `${BE}/script = '/etc/xen/scripts/vif-bridge'`,
    `${BE}/ip = '10.0.0.7'`,
    `${BE}/rate = '100000,50000'`,
    `${BE}/state = '1'`,
    `${BE}/frontend = '${FE}'`,
    `${BE}/mac = '00:16:3e:00:00:07'`,
    `${BE}/vifname = 'web'`,
    `${BE}/online = '1'`,
    `${BE}/frontend-id = '1'`,
    `${BE}/type = 'netfront'`,
  ]);
});

test("4.2: /vm says where both ends are", () => {
  const lines = written(XEND_4_2, VIF);
  expect(lines.slice(3, 9)).toEqual([
    `${FE}/handle = '0'`,
    `${FE}/state = '1'`,
    `${FE}/mac = '00:16:3e:00:00:07'`,
    `${FE}/protocol = 'x86_64-abi'`,
    `${FE}/backend-id = '0'`,
    `${FE}/backend = '${BE}'`,
  ]);
  expect(lines.slice(-5)).toEqual([
    `${VM} = ''`,
    `${VM}/frontend = '${FE}'`,
    `${VM}/frontend-id = '1'`,
    `${VM}/backend-id = '0'`,
    `${VM}/backend = '${BE}'`,
  ]);
});

test.each([
  ["network-detach", ["online = '0'", "state = '5'"]],
  ["destroy", ["online = '0'", "state = '5'"]],
])("4.2, xm %s closes the backend, online first", (subcommand, expected) => {
  const dom0 = new XendDom0(XEND_4_2);
  dom0.type("xm create web1");
  dom0.wait(seconds(2));
  dom0.log.lines.length = 0;
  dom0.type(`xm ${subcommand} web1${subcommand === "destroy" ? "" : " 0"}`);
  const own = dom0.log.lines.filter((line) => line.startsWith(BE)).map((line) => line.slice(BE.length + 1));
  expect(own.slice(0, 2)).toEqual(expected);
});
