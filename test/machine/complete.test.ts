import { describe, expect, test } from "vitest";
import { Loopback } from "../../src/device/loopback.ts";
import { complete } from "../../src/machine/complete.ts";
import { newMachine } from "./on-machine.ts";

const machine = newMachine();
if (machine.table.find("lo") === null) machine.table.register(new Loopback(machine.table));
machine.files.makePath("/root/dir");
machine.files.write("/root/diary", "");
machine.files.write("/root/my file", "");

const at = (line: string): [string, readonly string[]] => {
  const { from, candidates } = complete(machine, line, line.length);
  return [line.slice(from), candidates];
};

describe("completion", () => {
  test.each([
    ["una", "una", ["uname"]],
    ["echo x | so", "so", ["sort", "source"]],
    ["true && A=1 una", "una", ["uname"]],
    ["cat di", "di", ["diary", "dir/"]],
    ["cat /et", "/et", ["/etc/"]],
    ["cat /etc/ho", "/etc/ho", ["/etc/hostname", "/etc/hosts"]],
    ["cat my", "my", ["'my file'"]],
    ["echo x > /tm", "/tm", ["/tmp/"]],
    ["cat < /etc/hosts | head --l", "--l", ["--lines"]],
    ["sysctl net.ipv4.ip_forw", "net.ipv4.ip_forw", ["net.ipv4.ip_forward", "net.ipv4.ip_forward_use_pmtu"]],
    ["timeout 5 una", "una", ["uname"]],
    ["cat /sys/class/net/lo/mt", "/sys/class/net/lo/mt", ["/sys/class/net/lo/mtu"]],
    ["nosuch /nope/x", "/nope/x", []],
  ])("%s", (line, word, candidates) => {
    expect(at(line)).toEqual([word, candidates]);
  });

  test("an empty word offers everything that may stand there", () => {
    expect(at("")[1]).toContain("grep");
    expect(at("")[1]).toContain("cd");
    expect(at("cat ")[1]).toEqual(["diary", "dir/", "'my file'"]);
  });

  test("only what stands before the cursor counts", () => {
    expect(complete(machine, "una foo | bar", 3)).toEqual({ from: 0, candidates: ["uname"] });
  });
});
