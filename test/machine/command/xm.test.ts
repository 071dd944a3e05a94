/** xm as typed: formats, sentences and exit codes of each era. What it does to xenstore is in test/machine/xend. */
import { describe, expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import { XEND_3_0, XEND_3_1, XEND_4_2, type XendEra } from "../../../src/machine/xend/era.ts";
import { judges } from "../../kit/fidelity.ts";
import { newMachine, typed } from "../on-machine.ts";
import { XendDom0 } from "../xend-dom0.ts";

judges("xend");

function running(era: XendEra): XendDom0 {
  const dom0 = new XendDom0(era);
  dom0.type("xm create web1");
  dom0.wait(seconds(2));
  return dom0;
}

const withoutTimes = (text: string): string => text.replace(/ +\d+\.\d$/gm, " T");

describe("formats", () => {
  test("xm list", () => {
    expect(withoutTimes(running(XEND_3_0).type("xm list").out)).toBe(
      `Name                              ID Mem(MiB) VCPUs State  Time(s)
Domain-0                           0     1024     1 r----- T
web1                               1      256     1 -b---- T
`,
    );
    expect(withoutTimes(running(XEND_3_1).type("xm list").out)).toBe(
      `Name                                      ID   Mem VCPUs      State   Time(s)
Domain-0                                   0  1024     1     r----- T
web1                                       1   256     1     -b---- T
`,
    );
    expect(withoutTimes(running(XEND_4_2).type("xm list web1").out)).toBe(
      `Name                                        ID   Mem VCPUs      State   Time(s)
web1                                         1   256     1     -b---- T
`,
    );
  });

  test("xm network-list", () => {
    const numbers = (text: string): string => text.replace(/\d+ *\/\d+ */, "TX/RX ");
    const [head, row] = running(XEND_4_2).type("xm network-list web1").out.split("\n");
    expect(head).toBe("Idx BE     MAC Addr.     handle state evt-ch tx-/rx-ring-ref BE-path");
    expect(numbers(row!)).toBe(
      "0   0  00:16:3e:00:00:01    0     4      -1    TX/RX /local/domain/0/backend/vif/1/0  ",
    );
    const { out, err } = running(XEND_3_1).type("xm vif-list 1");
    expect(out).toContain("Idx BE ");
    expect(err).toBe("Command vif-list is deprecated.  Please use xm network-list instead.\n");
    expect(running(XEND_3_0).type("xm network-list web1").out).toMatch(
      /^\(0 \(\(backend-id 0\) \(mac 00:16:3e:00:00:01\) \(handle 0\) \(state 4\) \(backend \/local\/domain\/0\/backend\/vif\/1\/0\) .*\)\)\n$/,
    );
  });

  test("xm info", () => {
    const names = (era: XendEra): string[] =>
      running(era)
        .type("xm info")
        .out.split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(/ *:/)[0]!);
    expect(names(XEND_3_0).slice(0, 3)).toEqual(["system", "host", "release"]);
    expect(names(XEND_3_0)).not.toContain("xen_scheduler");
    expect(names(XEND_3_1).at(-1)).toBe("xend_config_format");
    expect(running(XEND_4_2).type("xm info").out).toMatch(/^host {19}: xen1\n/);
    expect(running(XEND_4_2).type("xm info").out).toContain("xen_minor              : 2\n");
  });

  test("xm create", () => {
    const said = (era: XendEra, line: string): string => new XendDom0(era).type(line).out;
    expect(said(XEND_3_1, "xm create web1")).toBe('Using config file "/etc/xen/web1".\nStarted domain web1\n');
    expect(said(XEND_4_2, "xm create /etc/xen/web1")).toBe(
      'Using config file "/etc/xen/web1".\nStarted domain web1 (id=1)\n',
    );
    expect(said(XEND_3_0, "cd /etc/xen; xm create web1")).toMatch(/^Using config file "web1"\.\n/);
    expect(said(XEND_3_1, "cd /etc/xen; xm create web1")).toMatch(/^Using config file "\.\/web1"\.\n/);
    expect(said(XEND_3_1, "xm create -q web1")).toBe("");
    expect(said(XEND_3_1, "cd /tmp; cp /etc/xen/web1 .; xm create --path=/tmp -f web1")).toMatch(/"\.\/web1"/);
  });
});

describe("sentences", () => {
  const hosts = { "3.0": running(XEND_3_0), "3.1": running(XEND_3_1), "4.2": running(XEND_4_2) };
  const answers: readonly (readonly [era: keyof typeof hosts, line: string, code: number, err: string])[] = [
    ["3.0", "xm nonsense", 1, "Error: Sub Command nonsense not found!\n"],
    ["3.1", "xm nonsense", 1, "Error: Subcommand nonsense not found!\n"],
    ["3.1", "xm net", 1, "Error: Subcommand net not found!\n"],
    ["3.1", "xm migrate web1 x", 1, "xm: migrate is not modelled\n"],
    ["3.0", "xm pause nobody", 1, "Error: Domain 'nobody' not found when running 'xm pause'\n"],
    ["3.1", "xm pause nobody", 1, "Error: Domain 'nobody' does not exist.\n"],
    ["4.2", "xm pause nobody", 3, "Error: Domain 'nobody' does not exist.\n"],
    ["3.1", "xm list web1 77", 1, "Error: Domain '77' does not exist.\n"],
    ["3.1", "xm list -l", 1, "xm: xm list with options is not modelled\n"],
    ["3.1", "xm list -q", 1, "Error: option -q not recognized\n"],
    ["3.1", "xm pause", 1, "Error: 'xm pause' requires 1 argument.\n\n"],
    ["3.1", "xm network-detach web1", 1, "Error: 'xm network-detach' requires between 2 and 3 arguments.\n\n"],
    ["3.0", "xm network-detach web1", 1, "Error: 'xm network-detach' requires 2 arguments.\n\n"],
    ["3.1", "xm destroy 0", 1, "Error: Cannot destroy privileged domain 0\n"],
    ["3.1", "xm destroy 77", 1, "Error: (3, 'No such process')\n"],
    ["3.1", "xm pause Domain-0", 1, "Error: Cannot pause privileged domain Domain-0\n"],
    ["3.1", "xm shutdown 0", 1, "Error: Domain 0 cannot be shutdown\n"],
    ["3.1", "xm shutdown -H -R web1", 1, "Error: Can't specify halt and reboot\n"],
    ["3.1", "xm domid nobody", 1, "Error: Domain 'nobody' does not exist.\n"],
    ["3.1", "xm console nobody", 1, "Error: Domain 'nobody' does not exist.\n"],
    ["3.1", "xm create nothing", 1, "Error: Unable to open config file: nothing\n"],
    ["3.0", "xm create nothing", 1, 'Error: Cannot open config file "nothing"\n'],
    ["3.1", "xm create", 1, "Error: Unable to open config file: xmdefconfig\n"],
    ["3.1", "xm create web1 -c", 1, "xm: a console at once (-c) is not modelled\n"],
    ["3.0", "xm create web1", 1, "Error: VM name 'web1' already in use by domain 1\n"],
    ["3.1", "xm create web1", 1, "Error: VM name 'web1' already exists as domain 1\n"],
    ["4.2", "xm create web1", 1, "Error: Domain 'web1' already exists with ID '1'\n"],
    ["3.1", "xm create db1 'name=a b'", 1, "Error: Invalid VM Name\n"],
    ["3.1", "xm create db1 memory=much", 1, "Error: Invalid value: much\n"],
    ["3.0", "xm create db1 vif=brige=xenbr0", 1, "Error: Invalid vif specifier: brige=xenbr0\n"],
    ["3.0", "xm create db1 vif=rate=1Mb/s", 1, "Error: Invalid vif specifier: rate=1Mb/s\n"],
    ["3.1", "xm create db1 vif=brige=xenbr0", 1, "Error: Invalid vif option: brige\n"],
    ["3.1", "xm create db1 vif=accel=x", 1, "Error: Invalid vif option: accel\n"],
    ["3.0", "xm create db1 vif=bridge", 1, "Error: need more than 1 value to unpack\n"],
    ["3.1", "xm create db1 vif=bridge", 1, "Error: bridge should be a pair, separated by an equals sign.\n"],
    ["3.1", "xm create db1 vif=backend=fw", 1, "xm: a driver domain (backend=fw) is not modelled\n"],
    ["3.1", "xm create db1 builder=hvm", 1, "xm: an HVM guest is not modelled\n"],
    ["3.1", "xm network-attach web1 brige=xenbr0", 1, "Error: Invalid argument: brige=xenbr0\n"],
    ["3.1", "xm network-attach web1 accel=x", 1, "Error: Invalid argument: accel=x\n"],
    ["3.1", "xm network-attach web1 bridge=", 1, "Error: Invalid argument: bridge=\n"],
    [
      "4.2",
      "xm network-attach web1 mac=1:2",
      1,
      "Error: Cannot create a new virtual network interface - MAC address is not valid!\n",
    ],
    ["3.1", "xm network-detach web1 7", 1, "Error: Device 7 not connected\n"],
    ["3.1", "xm network-detach web1 eth0", 1, "Error: invalid literal for int(): eth0\n"],
    [
      "4.2",
      "xm network-detach web1 00:16:3e:00:00:77",
      1,
      "Error: Cannot find device '00:16:3e:00:00:77' in domain 'web1'\n",
    ],
    ["3.1", "xm network-list web1 -l", 1, "xm: xm network-list --long is not modelled\n"],
  ];

  test.each(answers)("%s: %s", (era, line, code, err) => {
    const result = hosts[era].type(line);
    expect(result.err).toBe(err);
    expect(result.code).toBe(code);
  });

  test("usage follows xend's own errors, but not in 3.0", () => {
    expect(hosts["3.1"].type("xm network-detach web1 7").out).toBe(
      "Usage: xm network-detach <Domain> <DevId> [-f|--force]\n\nDestroy a domain's virtual network device.\n",
    );
    expect(hosts["3.0"].type("xm network-detach web1 7").out).toBe("");
    expect(hosts["3.1"].type("xm pause nobody").out).toBe("");
  });

  test("a configuration file that Python would refuse, and one that is more than assignments", () => {
    const host = hosts["3.1"];
    host.write("/etc/xen/typo", 'name = "typo"\nvif = [ "bridge=xenbr0"\nmemory = 64\n');
    expect(host.type("xm create typo").err).toMatch(
      /^Error: Errors were found at line 3 while processing \/etc\/xen\/typo:\n\tmemory = 64\n\n$/,
    );
    host.write("/etc/xen/code", 'import os\nname = "x"\n');
    expect(host.type("xm create code").err).toBe(
      "xm: Python code in a configuration file (/etc/xen/code:1) is not modelled\n",
    );
    host.write("/etc/xen/words", 'name = "words"\nvif = [ "bridge" ]\n');
    expect(host.type("xm create words").err).toBe("Error: bridge should be a pair, separated by an equals sign.\n");
  });

  test("help", () => {
    expect(hosts["3.1"].type("xm help")).toMatchObject({ code: 0 });
    expect(hosts["3.1"].type("xm help").out).toMatch(
      /^Usage: xm <subcommand> \[args\]\n\nControl, list, and manipulate/,
    );
    expect(hosts["3.1"].type("xm").code).toBe(1);
    expect(hosts["3.1"].type("xm pause --help").out).toBe("Usage: xm pause <Domain>\n\nPause execution of a domain.\n");
    expect(hosts["3.0"].type("xm help pause").out).toBe(
      "   pause <Domain>                   Pause execution of a domain\n",
    );
  });

  test("any unambiguous beginning will do", () => {
    expect(hosts["3.1"].type("xm li").out).toMatch(/^Name /);
    expect(hosts["3.1"].type("xm domid web1; xm domname 1").out).toBe("1\nweb1\n");
  });
});

test("overrides of the command line", () => {
  const dom0 = new XendDom0(XEND_4_2);
  dom0.type("xm create -p web1 name=other memory=64 vcpus=2 vif=bridge=xenbr0,accel=x,security_label=red");
  expect(dom0.type("xm list other").out).toMatch(/other +1 +64 +2 +--p---/);
  const backend = "/local/domain/0/backend/vif/1/0";
  expect(["accel", "security_label"].map((key) => dom0.xen.store.read(`${backend}/${key}`))).toEqual(["x", "red"]);
});

test("without name= the file's name is the domain's", () => {
  const dom0 = new XendDom0(XEND_3_1);
  dom0.write("/etc/xen/small", 'kernel = "/boot/x"\n');
  expect(dom0.type("xm create small").out).toMatch(/Started domain small\n$/);
  expect(dom0.type("xm network-list small")).toMatchObject({ code: 0, out: "" });
});

test("pause, unpause and console", () => {
  const dom0 = running(XEND_3_1);
  expect(dom0.type("xm pause web1")).toMatchObject({ code: 0, out: "", err: "" });
  expect(dom0.type("xm list web1").out).toMatch(/-bp---/);
  expect(dom0.type("xm unpause web1").code).toBe(0);
  expect(dom0.type("xm list web1").out).toMatch(/-b----/);
  const console = dom0.machine.spawn(["xm", "console", "web1"]);
  dom0.wait(ms(300));
  console.stdin.type("hostname\n");
  dom0.wait(ms(500));
  expect(console.console!.text("stdout")).toContain("web1\n");
  dom0.type("xm destroy web1");
  dom0.wait(ms(500));
  expect(console.hasEnded).toBe(true);
});

test("which hosts have which tool", () => {
  expect(typed(newMachine(), "xm list").err).toContain("command not found");
  expect(new XendDom0(XEND_3_1).type("xl list").err).toContain("command not found");
  expect(new XendDom0(XEND_4_2).type("xl list").code).toBe(0);
});
