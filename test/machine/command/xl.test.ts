/** xl as typed: sentences, exit codes, pause and console. What it does to xenstore is in test/machine/libxl. */
import { describe, expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import type { Process } from "../../../src/machine/process.ts";
import { newMachine, typed } from "../on-machine.ts";
import { Dom0 } from "../xen-dom0.ts";

const running = (): Dom0 => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  return dom0;
};

describe("subcommands", () => {
  const dom0 = running();
  const answers: readonly (readonly [line: string, code: number, err: string])[] = [
    ["xl nonsense", 1, "command not implemented\n"],
    ["xl net", 1, "command not implemented\n"],
    ["xl migrate-r", 1, "xl: migrate-receive is not modelled\n"],
    ["xl -x list", 1, "xl: invalid option -- 'x'\nunknown global option\n"],
    ["xl -N list", 1, "command does not implement -N (dryrun) option\n"],
    ["xl list -q", 2, "option `q' not supported.\n"],
    ["xl pause", 2, "'xl pause' requires at least 1 argument.\n\n"],
    ["xl network-detach g1", 2, "'xl network-detach' requires at least 2 arguments.\n\n"],
    ["xl destroy nobody", 1, "nobody is an invalid domain identifier (rc=-6)\n"],
    ["xl list nobody", 1, "nobody is an invalid domain identifier (rc=-6)\n"],
    ["xl list 77", 1, "Error: Domain '77' does not exist.\n"],
    ["xl domid nobody", 1, "Can't get domid of domain name 'nobody', maybe this domain does not exist.\n"],
    ["xl domname 9", 1, "Can't get domain name of domain id '9', maybe this domain does not exist.\n"],
    ["xl domname g1", 1, "Invalid domain id.\n\n"],
    [
      "xl pause 9",
      0,
      "libxl: error: libxl_domain.c:587:libxl_domain_pause: Domain 9:Pausing domain: No such process\n",
    ],
    ["xl create", 6, "Config file not specified and none in save file\n"],
    ["xl create nothing.cfg", 3, "Failed to read config file: nothing.cfg: No such file or directory\n"],
    ["xl create g1.cfg -c", 1, "xl: a console at once (-c) is not modelled\n"],
    ["xl create -q /dev/null", 1, "Domain name must be specified.\n"],
    ["xl create -q /dev/null 'name=\"x\"'", 1, "Neither kernel nor bootloader specified\n"],
    [
      "xl create -q /dev/null name=x",
      1,
      "/dev/null:2: config parsing error near `x': syntax error, unexpected IDENT, expecting STRING or NUMBER or '['\nFailed to parse config: Invalid argument\n",
    ],
    ["xl create -q g1.cfg 'type=\"hvm\"'", 1, "xl: HVM guests are not modelled\n"],
    ["xl create -q g1.cfg 'type=\"vmx\"'", 1, "Invalid domain type vmx.\n"],
    ["xl create -q g1.cfg 'uuid=\"1-2\"'", 1, "Failed to parse UUID: 1-2\n"],
    ["xl create -q g1.cfg maxvcpus=1 vcpus=2", 1, "xl: maxvcpus < vcpus\n"],
    ["xl create -q g1.cfg 'on_crash=\"explode\"'", 1, 'Unknown on_crash action "explode" specified\n'],
    ["xl create -q g1.cfg 'vif=[\"rate=fast\"]'", 1, "g1.cfg: config parsing error in vif: invalid rate in `fast'\n"],
    [
      "xl destroy 0",
      1,
      "Not destroying domain 0; use -f to force.\nThis can only be done when using a disaggregated hardware domain and toolstack.\n\n",
    ],
  ];

  test.each(answers)("%s", (line, code, err) => {
    const result = dom0.type(line);
    expect(result.err).toBe(err);
    expect(result.code).toBe(code);
  });

  test("any unambiguous beginning will do", () => {
    expect(dom0.type("xl li").out).toBe(dom0.type("xl list").out);
    expect(dom0.type("xl network-l g1").code).toBe(0);
    expect(dom0.type("xl domid g1; xl domname 1").out).toBe("1\ng1\n");
  });

  test("help", () => {
    expect(dom0.type("xl help").out).toContain(
      "Usage xl [-vfNtT] <subcommand> [args]\n\nxl full list of subcommands:\n\n create",
    );
    expect(dom0.type("xl help pause").out).toBe("Usage: xl [-vtTf] pause <Domain>\n\nPause execution of a domain.\n\n");
    expect(dom0.type("xl pause -h").out).toBe(dom0.type("xl help pause").out);
    expect(dom0.type("xl help nonsense").out).toBe('command "nonsense" not implemented\n');
    expect(dom0.type("xl").code).toBe(1);
  });

  test("a dry run prints what was written and makes nothing", () => {
    const { code, out } = dom0.type("xl create -n g2.cfg");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      c_info: { name: "g2" },
      nics: [{ mac: "00:16:3e:00:00:02", bridge: "xenbr0" }],
    });
    expect(dom0.type("xl -N create g2.cfg -q").out.replace(/"uuid.*/, "")).toBe(out.replace(/"uuid.*/, ""));
    expect(dom0.type("xl domid g2").code).toBe(1);
  });

  test("what a vif's words mean that xl does not know: said, and gone on without", () => {
    const { code, err } = dom0.type("xl create -q -p g2.cfg 'vif=[\"brige=xenbr9\"]'");
    expect(err).toBe("unrecognized argument `brige=xenbr9'\n");
    expect(code).toBe(0);
    expect(dom0.type("xl list g2").out).toMatch(/g2 .* --p--- {7}0\.0$/m);
    dom0.type("xl destroy g2");
  });

  test("xl uptime and xl info", () => {
    expect(dom0.type("xl uptime g1").out).toMatch(/^Name {32}ID Uptime\ng1 {35}1 {2}0:00:\d\d\n$/);
    expect(dom0.type("xl uptime -s 0").out).toMatch(/^ \d\d:\d\d:\d\d up {2}0:00, Domain-0 \(0\)\n$/);
    expect(dom0.type("xl info").out).toContain("xen_version            : 4.17.7\n");
    expect(dom0.type("xl info xen_major").out).toBe("4\n");
  });

  test("xl list -v", () => {
    const [head, row] = dom0.type("xl list -v 0").out.split("\n");
    expect(head).toBe(
      "Name                                        ID   Mem VCPUs\tState\tTime(s)   UUID                            Reason-Code\tSecurity Label",
    );
    expect(row).toMatch(/ 00000000-0000-0000-0000-000000000000 {8}- {16}-$/);
  });
});

test("without Xen", () => {
  const { code, err } = typed(newMachine(), "xl list");
  expect(err).toContain("cannot init xl context\n");
  expect(code).toBe(1);
});

describe("pause and unpause", () => {
  test("the guest's clock stands still; xenstore and the link know nothing of it", () => {
    const dom0 = running();
    const guest = dom0.xen.guests.get(1)!.machine;
    const before = dom0.type("xenstore-ls -f").out;
    const sleeper = guest.run("sleep 1; echo awake");
    expect(dom0.type("xl pause g1")).toMatchObject({ code: 0, out: "", err: "" });
    expect(dom0.type("xl list g1").out).toMatch(/ -bp--- /);
    dom0.wait(seconds(5));
    expect(sleeper.hasEnded).toBe(false);
    expect(dom0.type("xenstore-ls -f").out).toBe(before);
    expect(dom0.machine.table.find("vif1.0")?.carrier).toBe(true);
    expect(dom0.type("xl unpause g1").code).toBe(0);
    dom0.wait(seconds(2));
    expect(sleeper.console!.text("stdout")).toBe("awake\n");
    expect(dom0.type("xl list g1").out).toMatch(/ -b---- /);
  });

  test("xl create -p: nothing of the guest runs before it is unpaused", () => {
    const dom0 = new Dom0();
    dom0.type("xl create -p g1.cfg");
    dom0.wait(seconds(5));
    expect(dom0.xen.store.read("/local/domain/1/device/vif/0/state")).toBe("1");
    dom0.type("xl unpause g1");
    dom0.wait(seconds(1));
    expect(dom0.xen.store.read("/local/domain/1/device/vif/0/state")).toBe("4");
  });
});

describe("console", () => {
  const attach = (dom0: Dom0): Process => dom0.machine.spawn(["xl", "console", "g1"]);

  test("a shell of the guest, until control-]", () => {
    const dom0 = running();
    const console = attach(dom0);
    console.stdin.type("hostname; ip -br link show eth0\n");
    dom0.wait(ms(500));
    const shown = console.console!.text("stdout");
    expect(shown).toContain("root@g1:~# ");
    expect(shown).toContain("g1\n");
    expect(shown).toContain("00:16:3e:00:00:01");
    console.stdin.type("\x1d");
    dom0.wait(ms(500));
    expect(console.exitCode).toBe(0);
    expect(dom0.xen.guests.get(1)!.machine.processes.size).toBe(0);
  });

  test("it ends with the shell, and with the guest", () => {
    const dom0 = running();
    const first = attach(dom0);
    first.stdin.type("exit\n");
    dom0.wait(ms(500));
    expect(first.hasEnded).toBe(true);
    const second = attach(dom0);
    dom0.wait(ms(500));
    dom0.type("xl destroy g1");
    dom0.wait(ms(500));
    expect(second.hasEnded).toBe(true);
    expect(dom0.type("xl console g1").code).toBe(1);
  });
});
