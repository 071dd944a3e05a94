/** What people type first on a machine: sudo, which everybody here is already, and modprobe of what is there anyway. */
import { describe, expect, it } from "vitest";
import { newMachine, typed } from "./on-machine.ts";

const said = (line: string) => {
  const { out, err, code } = typed(newMachine(), line);
  return [out, err, code];
};

describe("sudo", () => {
  it("runs its command, whose exit code is its own", () => {
    expect(said("sudo echo hi")).toEqual(["hi\n", "", 0]);
    expect(said("sudo -u root -nE -- sh -c 'exit 3'")).toEqual(["", "", 3]);
    expect(said("echo a b | sudo tr b c")).toEqual(["a c\n", "", 0]);
    expect(said("sudo A=1 env | grep A=")).toEqual(["A=1\n", "", 0]);
    expect(said("sudo -s echo 'two  words' '$HOME'")).toEqual(["two  words /root\n", "", 0]);
    expect(said("echo 'echo $0' > /tmp/x; chmod +x /tmp/x; sudo /tmp/x")).toEqual(["/tmp/x\n", "", 0]);
  });

  it("complains as sudo 1.9.13 does", () => {
    expect(said("sudo nosuch")).toEqual(["", "sudo: nosuch: command not found\n", 1]);
    expect(said("sudo -u web1 ls").slice(1)).toEqual([
      "sudo: unknown user web1\nsudo: error initializing audit plugin sudoers_audit\n",
      1,
    ]);
    expect(said("sudo")[1]).toMatch(/^usage: sudo -h \| -K \| -k \| -V\n/);
    expect(said("sudo -z ls")[1]).toMatch(/^sudo: invalid option -- 'z'\nusage: sudo -h/);
  });
});

describe("modprobe", () => {
  it("is quiet about what is there or comes when it is used, and says what is not there", () => {
    expect(said("modprobe bridge")).toEqual(["", "", 0]);
    expect(said("modprobe -a xen-netback nf_conntrack")).toEqual(["", "", 0]);
    const where = "not found in directory /lib/modules/6.1.0-18-amd64";
    expect(said("modprobe 8021q")).toEqual(["", `modprobe: FATAL: Module 8021q ${where}\n`, 1]);
    expect(said("modprobe -a bridge nosuch")).toEqual(["", `modprobe: WARNING: Module nosuch ${where}\n`, 1]);
    expect(said("modprobe -q nosuch")).toEqual(["", "", 1]);
    expect(said("modprobe")).toEqual(["", "modprobe: ERROR: missing parameters. See -h.\n", 1]);
  });

  it("loads br_netfilter, whose sysctls are there from then on", () => {
    const path = "sysctl net.bridge.bridge-nf-call-iptables";
    expect(said(path)[2]).not.toBe(0);
    expect(said(`modprobe -n br_netfilter; ${path}`)[2]).not.toBe(0);
    expect(said(`modprobe br_netfilter; ${path}`)).toEqual(["net.bridge.bridge-nf-call-iptables = 1\n", "", 0]);
  });
});
