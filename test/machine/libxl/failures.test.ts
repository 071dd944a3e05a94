/** What an admin reads when a guest's network cannot be had, and what is left behind. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { Dom0 } from "../xen-dom0.ts";

/** The script's process numbers. */
const anyPid = (text: string): string => text.replace(/\[\d+\]/g, "[PID]");

const SCRIPT = "/etc/xen/scripts/vif-bridge";
const EXITED = "libxl: error: libxl_exec.c:117:libxl_report_child_exitstatus:";
const REASON = "libxl: error: libxl_device.c:1337:device_hotplug_child_death_cb: script:";

const GONE = `libxl: error: libxl_domain.c:1183:libxl__destroy_domid: Domain 1:Non-existant domain
libxl: error: libxl_domain.c:1137:domain_destroy_callback: Domain 1:Unable to destroy guest
libxl: error: libxl_domain.c:1064:domain_destroy_cb: Domain 1:Destruction of domain failed
`;

describe("xl create", () => {
  test("without the bridge: the script's word, the domain destroyed, exit code 3", () => {
    const dom0 = new Dom0(false);
    const { code, err } = dom0.type("xl create g1.cfg");
    expect(anyPid(err)).toBe(`Parsing config from g1.cfg
${EXITED} ${SCRIPT} online [PID] exited with error status 1
${REASON} Could not find bridge device xenbr0
libxl: error: libxl_create.c:1919:domcreate_attach_devices: Domain 1:unable to add vif devices
${EXITED} ${SCRIPT} offline [PID] exited with error status 1
${REASON} Could not find bridge device xenbr0
${GONE}`);
    expect(code).toBe(3);
    expect(dom0.type("cat /var/log/xen/xen-hotplug.log").out).toBe(
      `${SCRIPT}: Could not find bridge device xenbr0\n`.repeat(2),
    );
    expect(dom0.machine.table.find("vif1.0")).toBeNull();
    expect(dom0.xen.hypervisor.domains.map(({ id }) => id)).toEqual([0]);
    expect(dom0.log.lines).toContain("/local/domain/0/backend/vif/1/0/hotplug-status = 'error'");
    expect(dom0.log.lines).toContain(
      "/local/domain/0/backend/vif/1/0/hotplug-error = 'Could not find bridge device xenbr0'",
    );
  });

  test("of two NICs one fails: the good one is taken away too", () => {
    const dom0 = new Dom0();
    dom0.write("/root/two.cfg", 'name="two"\nkernel="/k"\nvif=["bridge=xenbr0", "bridge=nobr0"]\n');
    const { code, err } = dom0.type("xl create two.cfg");
    expect(code).toBe(3);
    expect(err).toContain("script: Could not find bridge device nobr0");
    expect(err.match(/unable to add vif devices/g)).toHaveLength(1);
    expect(dom0.type("brctl show").out).not.toContain("vif");
    expect(dom0.type("xenstore-ls -f").out).not.toMatch(/domain\/1|backend/);
  });

  test("a name that is taken costs a domain id", () => {
    const dom0 = new Dom0();
    dom0.type("xl create g1.cfg");
    const { code, err } = dom0.type("xl create -q g1.cfg");
    expect(err).toMatch(
      /^libxl: error: libxl_domain.c:81:libxl__domain_rename: Domain 2:Domain with name "g1" already exists.\n/,
    );
    expect(err).toContain("libxl_create.c:1294:initiate_domain_create: Domain 2:cannot make domain: -6\n");
    expect(code).toBe(3);
    dom0.type("xl create g2.cfg");
    expect(dom0.type("xl domid g2").out).toBe("3\n");
    expect(dom0.xen.guests.size).toBe(2);
  });

  test("an emulated NIC in a PV guest", () => {
    const dom0 = new Dom0();
    const { code, err } = dom0.type("xl create g1.cfg 'vif=[\"type=ioemu\"]'");
    expect(err).toContain(
      "libxl_nic.c:107:libxl__device_nic_setdefault: Domain 1:trying to create PV or PVH guest with an emulated interface\n",
    );
    expect(err).toContain(
      "libxl_nic.c:520:libxl__device_nic_set_devids: Domain 1:Unable to set nic defaults for nic 0\n",
    );
    expect(code).toBe(3);
  });

  test("a script that never ends is killed after 40 s", () => {
    const dom0 = new Dom0();
    dom0.write("/etc/xen/scripts/slow", "sleep 1000\n");
    dom0.type("chmod +x /etc/xen/scripts/slow");
    const before = dom0.world.scheduler.now;
    const { code, err } = dom0.type("xl create g1.cfg 'vif=[\"script=slow\"]'");
    expect(err).toContain(
      "libxl: error: libxl_aoutils.c:539:async_exec_timeout: killing execution of /etc/xen/scripts/slow online because of timeout\n",
    );
    expect(code).toBe(3);
    // Once for online, once for offline.
    expect(dom0.world.scheduler.now - before).toBeGreaterThan(seconds(80));
  });

  test("a script that is not there, or is no program", () => {
    const dom0 = new Dom0();
    const missing = dom0.type("xl create g1.cfg 'vif=[\"script=nothing\"]'");
    expect(missing.err).toContain("libxl: cannot execute /etc/xen/scripts/nothing: No such file or directory\n");
    expect(missing.err).toContain("/etc/xen/scripts/nothing online [");
    expect(missing.err).toContain("] exited with error status 255\n");
    expect(missing.code).toBe(3);
    dom0.type("chmod -x /etc/xen/scripts/vif-bridge");
    expect(dom0.type("xl create g1.cfg").err).toContain(
      "libxl: cannot execute /etc/xen/scripts/vif-bridge: Permission denied\n",
    );
  });

  test("a script that forgets hotplug-status: everything looks well and nothing moves", () => {
    const dom0 = new Dom0();
    dom0.write(
      "/etc/xen/scripts/mine",
      `brctl addif xenbr0 $vif\nip link set $vif up\necho for $XENBUS_PATH as $XENBUS_TYPE\n`,
    );
    dom0.type("chmod +x /etc/xen/scripts/mine");
    const { code, err } = dom0.type("xl create g1.cfg 'vif=[\"script=mine\"]'");
    // A script's stdout is xl's stderr.
    expect(err).toBe("Parsing config from g1.cfg\nfor backend/vif/1/0 as vif\n");
    expect(code).toBe(0);
    dom0.wait(seconds(3));
    const state = (): string => dom0.type("xenstore-read backend/vif/1/0/state device/vif/0/state").out;
    expect(dom0.xen.store.read("/local/domain/1/device/vif/0/state")).toBe("4");
    expect(state()).toBe("2\n");
    dom0.type("xenstore-write backend/vif/1/0/hotplug-status connected");
    dom0.wait(seconds(1));
    expect(state()).toBe("4\n");
  });
});

describe("xl network-attach and network-detach", () => {
  test("a wrong bridge: exit code 1, and the half-made device stays", () => {
    const dom0 = new Dom0();
    dom0.type("xl create g1.cfg");
    dom0.wait(seconds(2));
    const { code, err } = dom0.type("xl network-attach g1 bridge=nobr0");
    expect(anyPid(err)).toBe(`${EXITED} ${SCRIPT} online [PID] exited with error status 1
${REASON} Could not find bridge device nobr0
libxl: error: libxl_device.c:1481:device_addrm_aocomplete: Domain 1:Unable to add vif with id 1
libxl_device_nic_add failed.
`);
    expect(code).toBe(1);
    expect(dom0.type("xl network-list g1").out.split("\n")).toHaveLength(4);
    expect(dom0.type("xl network-detach g1 1")).toMatchObject({ code: 0 });
    expect(dom0.type("xl network-list g1").out.split("\n")).toHaveLength(3);
  });

  test("what they refuse", () => {
    const dom0 = new Dom0();
    dom0.type("xl create g1.cfg");
    dom0.wait(seconds(2));
    const refused = (line: string): string => {
      const { code, err } = dom0.type(line);
      expect(code).toBe(1);
      return err;
    };
    expect(refused("xl network-attach g1 brige=xenbr0")).toBe("unrecognized argument `brige=xenbr0'\n");
    expect(refused("xl network-attach g1 mac=nonsense")).toBe("Invalid parameter `mac'.\n");
    expect(refused("xl network-attach g1 rate=200kB/s")).toBe(
      "command line: config parsing error in vif: invalid rate in `200kB/s'\n",
    );
    expect(refused("xl network-attach g1 devid=0")).toContain("Domain 1:device already exists in xenstore\n");
    expect(refused("xl network-attach nobody")).toBe("nobody is an invalid domain identifier (rc=-6)\n");
    expect(refused("xl network-detach g1 7")).toBe("Unknown device 7.\n");
    expect(refused("xl network-detach g1 00:16:3e:99:99:99")).toBe("Unknown device 00:16:3e:99:99:99.\n");
  });

  test("what was attached is remembered, and forgotten when it goes", () => {
    const dom0 = new Dom0();
    dom0.type("xl create g1.cfg");
    dom0.wait(seconds(2));
    expect(dom0.type("xl network-attach g1 mac=00:16:3e:00:01:01 rate=200KB/s ip=10.0.0.1").code).toBe(0);
    expect(dom0.xen.store.read("/local/domain/0/backend/vif/1/1/rate")).toBe("10000,50000");
    expect(dom0.xen.store.read("/local/domain/0/backend/vif/1/1/ip")).toBe("10.0.0.1");
    const details = dom0.type("xl list -l g1").out;
    expect(details).toContain('"rate_bytes_per_interval": 10000,\n                    "rate_interval_usecs": 50000');
    dom0.type("xl network-detach g1 1");
    expect(dom0.type("xl list -l g1").out).not.toContain("rate_bytes");
  });
});

describe("a process in the middle of it", () => {
  test("xl create that is killed leaves its half behind, and no watch", () => {
    const dom0 = new Dom0();
    const process = dom0.machine.run("xl create g1.cfg");
    dom0.wait(seconds(0.112));
    expect(process.hasEnded).toBe(false);
    for (const each of [...dom0.machine.processes.values()]) each.signal("KILL");
    dom0.wait(seconds(60));
    expect(dom0.machine.processes.size).toBe(0);
    expect(dom0.type("xl list").out).toContain("g1 ");
    expect(dom0.type("xl destroy g1").code).toBe(0);
  });
});
