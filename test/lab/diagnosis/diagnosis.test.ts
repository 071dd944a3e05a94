/** What `xenlab explain FILE` finds: in each trouble its own, in a healthy lab nothing. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagnose, type Finding, losses, openLab } from "../../../src/lab/index.ts";
import { planOfFile } from "../../kit/lab.ts";

function findingsOf(file: string): Finding[] {
  const lab = openLab(planOfFile(file));
  while (!lab.runSlice(50_000));
  return diagnose(lab);
}

const TROUBLES: Readonly<Record<string, { readonly finding: string; readonly mends: RegExp }>> = {
  "dead-cable": { finding: "dead-cable", mends: /watch peth0, never eth0/ },
  "duplicate-mac": { finding: "duplicate-mac", mends: /a MAC of its own/ },
  "no-bridge": { finding: "no-bridge", mends: /bridge=xenbr0/ },
  "hotplug-never-connected": { finding: "hotplug-never-connected", mends: /hotplug-status connected/ },
  "vifname-clash": { finding: "vifname-clash", mends: /brctl addif xenbr0 web-front/ },
  "forward-delay": { finding: "forward-delay", mends: /brctl setfd xenbr0 0/ },
  mtu: { finding: "mtu", mends: /MTU on the NIC and the bridge first/ },
  "forward-drop": { finding: "forward-drop", mends: /sysctl -w net\.bridge\.bridge-nf-call-iptables=0/ },
  "routed-forward-drop": { finding: "routed-forward-drop", mends: /iptables -I FORWARD -i vif\+ -j ACCEPT/ },
  "bridged-masquerade": { finding: "bridged-masquerade", mends: /sysctl -w net\.bridge\.bridge-nf-call-iptables=0/ },
  "proxy-arp-missing": { finding: "proxy-arp-missing", mends: /sysctl -w net\.ipv4\.conf\.eth0\.proxy_arp=1/ },
  "route-ip-missing": {
    finding: "route-ip-missing",
    mends: /ip route add 192\.168\.1\.51 dev vif2\.0 src 192\.168\.1\.10/,
  },
};

describe("a trouble", () => {
  test("has a file each, and every file is here", () => {
    const files = readdirSync(new URL("../../../topologies", import.meta.url)).filter((name) => /^trouble-/.test(name));
    expect(files.sort()).toEqual(
      Object.keys(TROUBLES)
        .map((name) => `trouble-${name}.yaml`)
        .sort(),
    );
  });

  test.each(Object.entries(TROUBLES))("%s is found, and nothing else, with what mends it", (name, expected) => {
    const found = findingsOf(`trouble-${name}.yaml`);
    expect(found.map((finding) => finding.name)).toEqual([expected.finding]);
    const [finding] = found;
    expect(finding!.cure.join("\n")).toMatch(expected.mends);
    expect(finding!.evidence.length).toBeGreaterThan(0);
    expect(finding!.look.length).toBeGreaterThan(0);
  });
});

test.each(["bridge.yaml", "bridge-3.0.yaml", "bridge-4.2.yaml", "bridge-xl.yaml", "bridge-short.yaml", "route.yaml"])(
  "%s is well",
  (file) => {
    expect(findingsOf(file)).toEqual([]);
  },
);

test("libvirt's two seconds of listening and two of learning are told as meant so, no trouble", () => {
  expect(findingsOf("nat.yaml").map(({ name, isMeant }) => [name, isMeant])).toEqual([["forward-delay", true]]);
});

test("under pressure the paused guest is named, with where its frames went", () => {
  const lab = openLab(planOfFile("bridge-pressure.yaml"));
  while (!lab.runSlice(50_000));
  const [slow, off] = diagnose(lab);
  expect(slow).toMatchObject({ name: "guest-takes-no-frames" });
  expect(slow!.what).toContain("sleeper");
  expect(off).toMatchObject({ name: "disabled-vif", what: "xen1: netback has switched vif5.0 off." });
  expect(off!.evidence.join("\n")).toContain("Cross page boundary, txreq.offset: 4000, size: 200");
  const lost = losses(lab).map(({ fate }) => fate);
  expect(lost).toContain("netback-expired");
  expect(lost).toContain("netback-queue-full");
});
