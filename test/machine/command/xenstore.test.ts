/** xenstore's tools: formats and sentences of xenstore_client.c. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ms, seconds } from "../../../src/engine/time.ts";
import { sanitise, unsanitise } from "../../../src/machine/command/xenstore-text.ts";
import { newMachine, typed } from "../on-machine.ts";
import { Dom0 } from "../xen-dom0.ts";

describe("reading and writing", () => {
  const dom0 = new Dom0(false);
  const answers: readonly (readonly [line: string, code: number, out: string, err: string])[] = [
    ["xenstore-write /lab/a 1 /lab/b 'two words'", 0, "", ""],
    ["xenstore-read /lab/a /lab/b", 0, "1\ntwo words\n", ""],
    ["xenstore-read -p /lab/a", 0, "/lab/a: 1\n", ""],
    ["xenstore-read /lab/a /lab/c", 1, "1\n", "xenstore-read: couldn't read path /lab/c\n"],
    ["xenstore-read name domid", 0, "Domain-0\n0\n", ""],
    ["xenstore-list /lab", 0, "a\nb\n", ""],
    ["xenstore-list -p /lab", 0, "/lab/a\n/lab/b\n", ""],
    ["xenstore-list /x", 1, "", "xenstore-list: could not list path /x\n"],
    ["xenstore-exists /lab/a", 0, "", ""],
    ["xenstore-exists /lab/a /lab/z", 1, "", ""],
    ["xenstore-ls /lab", 0, 'a = "1"\nb = "two words"\n', ""],
    ["xenstore-ls -f /lab", 0, '/lab/a = "1"\n/lab/b = "two words"\n', ""],
    [
      "xenstore-ls -f control",
      0,
      'control/feature-poweroff = "1"\ncontrol/feature-reboot = "1"\ncontrol/feature-suspend = "1"\n',
      "",
    ],
    ["xenstore-ls /x", 1, "", "xenstore-ls: xs_directory (/x): No such file or directory\n"],
    ["xenstore-write /lab/t 'a\\tb\\\\c\\x41'", 0, "", ""],
    ["xenstore-read /lab/t", 0, "a\\tb\\\\cA\n", ""],
    ["xenstore-write /lab//t 1", 1, "", "xenstore-write: could not write path /lab//t\n"],
    ["xenstore-rm /lab/zzz", 0, "", ""],
    ["xenstore-rm /x/y", 1, "", "xenstore-rm: could not remove path /x/y\n"],
    ["xenstore-rm /lab/b /lab/t", 0, "", ""],
    ["xenstore-rm -t /lab/a", 0, "", ""],
    ["xenstore-exists /lab", 1, "", ""],
    ["xenstore-write /lab", 1, "", "xenstore-write: Usage: xenstore-write [-h] [-s] [-R] key value [...]\n"],
    ["xenstore-read", 1, "", "xenstore-read: Usage: xenstore-read [-h] [-p] [-s] [-R] key [...]\n"],
    ["xenstore-read -t /a", 1, "", "xenstore-read: Usage: xenstore-read [-h] [-p] [-s] [-R] key [...]\n"],
  ];

  test.each(answers)("%s", (line, code, out, err) => {
    expect(dom0.type(line)).toMatchObject({ code, out, err });
  });

  test("a tree without -f is 80 columns wide, permissions stand behind dots", () => {
    dom0.type(`xenstore-write /w/long ${"x".repeat(90)} /w/short 1`);
    expect(dom0.type("xenstore-ls -p /w").out).toBe(
      `long = "${"x".repeat(68)}\\..."  (n0)\nshort = "1" ${" .".repeat(24)}  (n0)\n`,
    );
  });

  test("values with unprintable characters come back as they were", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) }),
        (value) => {
          expect(sanitise(value)).toMatch(/^[ -~]*$/);
          // Only octal escapes swallow digits that follow; three of them are always written.
          expect(unsanitise(sanitise(value))).toBe(value);
        },
      ),
    );
  });
});

describe("xenstore-watch", () => {
  test("prints what changes, beginning with the path itself, until it has enough", () => {
    const dom0 = new Dom0(false);
    const watch = dom0.machine.run("xenstore-watch -n 3 /lab");
    dom0.wait(ms(20));
    dom0.type("xenstore-write /lab/a 1 /other 2");
    dom0.type("xenstore-rm /lab");
    expect(dom0.finish(watch)).toMatchObject({ code: 0, out: "/lab\n/lab/a\n/lab\n" });
  });

  test("a relative path is answered with relative paths; domains that come and go", () => {
    const dom0 = new Dom0();
    const watch = dom0.machine.run("xenstore-watch device-model @introduceDomain @releaseDomain");
    dom0.wait(ms(20));
    dom0.type("xenstore-write device-model/1 x");
    dom0.type("xl create g1.cfg");
    dom0.wait(seconds(1));
    dom0.type("xl destroy g1");
    dom0.wait(ms(1));
    for (const process of dom0.machine.processes.values()) process.signal("INT");
    expect(dom0.finish(watch).out).toBe(
      "device-model\n@introduceDomain\n@releaseDomain\ndevice-model/1\n@introduceDomain\n@releaseDomain\n",
    );
  });
});

test("a guest sees its own part, and may not write what is domain 0's", () => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  const guest = dom0.xen.guests.get(1)!.machine;
  expect(typed(guest, "xenstore-read name domid").out).toBe("g1\n1\n");
  expect(typed(guest, "xenstore-write data/note hello").code).toBe(0);
  expect(dom0.type("xenstore-read /local/domain/1/data/note").out).toBe("hello\n");
  expect(typed(guest, "xenstore-write name other").err).toBe("xenstore-write: could not write path name\n");
  expect(typed(guest, "xenstore-read /local/domain/0/name").err).toBe(
    "xenstore-read: couldn't read path /local/domain/0/name\n",
  );
});

test("without Xen", () => {
  expect(typed(newMachine(), "xenstore-ls").err).toBe("xenstore-ls: xs_open: No such file or directory\n");
});
