import { describe, expect, test } from "vitest";
import { Loopback } from "../../src/device/loopback.ts";
import { ZERO } from "../../src/engine/time.ts";
import { Errno } from "../../src/machine/errno.ts";
import { FileTree, LiveFile, resolvePath } from "../../src/machine/files.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { newMachine, typed } from "./on-machine.ts";

const newTree = (capacity?: number): FileTree => new FileTree({ now: ZERO }, null, capacity);
const said = (result: unknown): unknown => (result instanceof Errno ? result.text : result);

describe("a tree", () => {
  test("writes, appends, reads text and bytes", () => {
    const tree = newTree();
    expect(tree.makePath("/a/b")).toBeNull();
    expect(tree.write("/a/b/f", "one\n")).toBeNull();
    expect(tree.append("f", "zwö", "/a/b")).toBeNull();
    expect(tree.read("/a/b/f")).toBe("one\nzwö");
    tree.write("/raw", new Uint8Array([0xd4, 0xc3, 0xb2, 0xa1]));
    tree.append("/raw", new Uint8Array([2, 0]));
    const file = tree.file("/raw");
    expect(file instanceof Errno ? file : [...(file.readBytes() as Uint8Array)]).toEqual([
      0xd4, 0xc3, 0xb2, 0xa1, 2, 0,
    ]);
    expect(file instanceof Errno ? 0 : file.size).toBe(6);
  });

  test("refuses in Linux's words", () => {
    const tree = newTree();
    tree.makePath("/d/sub");
    tree.write("/f", "x");
    const refusals = {
      missing: tree.read("/nope"),
      directory: tree.read("/d"),
      through: tree.read("/f/x"),
      slash: tree.read("/f/"),
      parent: tree.write("/nope/f", ""),
      exists: tree.mkdir("/d"),
      notEmpty: tree.remove("/d", "/", true),
      isDirectory: tree.remove("/d"),
      intoItself: tree.rename("/d", "/d/sub/d"),
      root: tree.remove("/", "/", true),
    };
    expect(Object.values(refusals).map(said)).toEqual([
      "No such file or directory",
      "Is a directory",
      "Not a directory",
      "Not a directory",
      "No such file or directory",
      "File exists",
      "Directory not empty",
      "Is a directory",
      "Invalid argument",
      "Directory not empty",
    ]);
  });

  test("has a size, and gives space back", () => {
    const tree = newTree(10);
    expect(tree.write("/a", "12345678")).toBeNull();
    expect(said(tree.write("/b", "123"))).toBe("No space left on device");
    tree.remove("/a");
    expect(tree.write("/b", "123")).toBeNull();
  });

  test("a live file that cannot be written says so", () => {
    class Answer extends LiveFile {
      read(): string {
        return "42\n";
      }
    }
    const tree = newTree();
    tree.attach("/answer", new Answer());
    expect(tree.read("/answer")).toBe("42\n");
    expect(said(tree.write("/answer", "43"))).toBe("Permission denied");
  });

  test.each([
    ["a/../b/./c", "/x", "/x/b/c"],
    ["/../..", "/", "/"],
    ["..", "/a/b", "/a"],
    ["//a//b/", "/", "/a/b"],
  ])("%s in %s is %s", (path, cwd, expected) => expect(resolvePath(path, cwd)).toBe(expected));
});

function withLoopback(): Machine {
  const machine = newMachine();
  if (machine.table.find("lo") === null) machine.table.register(new Loopback(machine.table));
  return machine;
}

describe("live files", () => {
  test("the default tree", () => {
    expect(typed(newMachine(), "cat /etc/hostname /etc/hosts; ls /").out).toBe(
      "vm\n127.0.0.1\tlocalhost\n127.0.1.1\tvm\ndev\netc\nproc\nroot\nrun\nsys\ntmp\nvar\n",
    );
  });

  test("/sys/class/net follows the device", () => {
    const machine = withLoopback();
    const lo = machine.table.find("lo")!;
    const read = (name: string): unknown => said(machine.files.read(`/sys/class/net/lo/${name}`));
    expect(["mtu", "operstate", "carrier", "flags", "type"].map(read)).toEqual([
      "65536\n",
      "down\n",
      "Invalid argument",
      "0x8\n",
      "772\n",
    ]);
    lo.setUp(true);
    expect(["operstate", "carrier", "flags"].map(read)).toEqual(["unknown\n", "1\n", "0x9\n"]);
    lo.counters.rxPackets = 7;
    expect(read("statistics/rx_packets")).toBe("7\n");
    expect(typed(machine, "echo 1400 > /sys/class/net/lo/mtu; cat /sys/class/net/lo/mtu; ls /sys/class/net").out).toBe(
      "1400\nlo\n",
    );
    expect(typed(machine, "echo x > /sys/class/net/lo/mtu; echo 1 > /sys/class/net/lo/address")).toMatchObject({
      err: "bash: echo: write error: Invalid argument\nbash: /sys/class/net/lo/address: Permission denied\n",
      code: 1,
    });
  });

  test("/proc/net/dev has the kernel's columns", () => {
    const machine = withLoopback();
    machine.table.find("lo")!.counters.txBytes = 12_345_678;
    const [, head, lo] = typed(machine, "cat /proc/net/dev").out.split("\n");
    expect(head).toBe(
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    );
    expect(lo).toBe(
      "    lo:       0       0    0    0    0     0          0         0 12345678       0    0    0    0     0       0          0",
    );
  });

  test("/proc/sys is the namespace's", () => {
    const machine = newMachine();
    expect(typed(machine, "echo 1 > /proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward").out).toBe("1\n");
    expect(machine.net.sysctls.get("net/ipv4/ip_forward")).toBe("1");
    expect(typed(machine, "echo maybe > /proc/sys/net/ipv4/ip_forward").err).toBe(
      "bash: echo: write error: Invalid argument\n",
    );
    expect(typed(machine, "ls /proc/sys/net").out).toContain("ipv4\n");
  });

  test("/proc/uptime counts", () => {
    expect(typed(newMachine(), "sleep 12.345; cat /proc/uptime").out).toBe("12.34 12.34\n");
  });
});
