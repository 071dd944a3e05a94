/** What vif-nat and network-nat write into dhcpd.conf, where there is a dhcpd. */
import { expect, test } from "vitest";
import type { Lab } from "../../../src/lab/index.ts";
import { labUp, planOf, type as typed } from "../../kit/lab.ts";

const CONF = "/etc/dhcpd.conf";

function hostOf(xen: string): Lab {
  const own = xen === "4.17" ? "bridges: { }" : "network-script: none";
  const lab = labUp(
    planOf(`
networks: { lan: {} }
hosts: { xen1: { xen: "${xen}", ${own}, nics: { eth0: { network: lan, ip: 192.168.1.10/24 } } } }
`),
  );
  const { store } = lab.machine("xen1").parts.xen!;
  const keys = { domain: "web_1", "frontend-id": "1", handle: "0", mac: "00:16:3e:00:00:01" };
  for (const [key, value] of Object.entries(keys)) store.write(`/local/domain/0/backend/vif/1/0/${key}`, value);
  typed(lab, "xen1", "ip link add vif1.0 type veth peer name peer0");
  typed(lab, "xen1", `mkdir -p /etc/init.d /etc/default; echo 'ddns-update-style none;' >${CONF}`);
  typed(lab, "xen1", "echo 'echo $1 >>/tmp/dhcpd.log' >/etc/init.d/dhcpd; chmod +x /etc/init.d/dhcpd");
  typed(lab, "xen1", "echo 'INTERFACES=\"\"' >/etc/default/dhcp3-server");
  return lab;
}

const say = (lab: Lab, line: string): string => typed(lab, "xen1", line).stdout;
const script = (lab: Lab, line: string): number => typed(lab, "xen1", `/etc/xen/scripts/${line}`).code;
const vif = (lab: Lab, line: string): number =>
  typed(lab, "xen1", `vif=vif1.0 XENBUS_PATH=backend/vif/1/0 /etc/xen/scripts/vif-nat ${line}`).code;

test.each([
  ["3.1", "dhcp=yes", "web-1"],
  // From 4.0 on dhcpd.conf itself is the word.
  ["4.2", "", "web-1"],
  ["4.17", "", "dom1"],
])("Xen %s: a host entry comes and goes, and dhcpd is started again each time", (xen, words, name) => {
  const lab = hostOf(xen);
  expect(vif(lab, `online ${words}`)).toBe(0);
  expect(say(lab, `cat ${CONF}`)).toBe(
    "ddns-update-style none;\n" +
      `host ${name} { hardware ethernet 00:16:3e:00:00:01; fixed-address 10.0.1.1; option routers 10.0.1.128; option host-name "${name}"; }\n`,
  );
  expect(vif(lab, `offline ${words}`)).toBe(0);
  expect(say(lab, `cat ${CONF}`)).toBe("ddns-update-style none;\n");
  expect(say(lab, "cat /tmp/dhcpd.log")).toBe("restart\nrestart\n");
});

test("network-nat of 4.2 tells dhcpd of the private net once, with the host's own resolver", () => {
  const lab = hostOf("4.2");
  say(lab, "echo 'search example.org' >/etc/resolv.conf; echo 'nameserver 192.168.1.1' >>/etc/resolv.conf");
  for (let i = 0; i < 2; i++) expect(script(lab, "network-nat start")).toBe(0);
  const line =
    'subnet 10.0.0.0 netmask 255.255.0.0 { option domain-name "example.org"; option domain-name-servers 192.168.1.1; }';
  expect(say(lab, `cat ${CONF}`)).toBe(`ddns-update-style none;\n${line}\n`);
  // Each start appends the rule once more, a stop takes one away.
  const rules = (): number => say(lab, "iptables -t nat -S POSTROUTING").split("-o eth0 -j MASQUERADE").length - 1;
  expect(rules()).toBe(2);
  expect(script(lab, "network-nat stop")).toBe(0);
  expect(rules()).toBe(1);
  expect(say(lab, `cat ${CONF}`)).toBe("ddns-update-style none;\n");
  expect(say(lab, "sysctl -n net.ipv4.ip_forward")).toBe("1\n");
});

test("without dhcpd network-nat does its work and ends with 1; asked for a dhcpd that is not there it does nothing", () => {
  const lab = hostOf("3.1");
  expect(script(lab, "network-nat start")).toBe(1);
  expect(say(lab, "iptables -t nat -S POSTROUTING")).toContain("-A POSTROUTING -o eth0 -j MASQUERADE");
  say(lab, `rm ${CONF}`);
  const asked = typed(lab, "xen1", "/etc/xen/scripts/network-nat start dhcp=yes");
  expect(asked).toMatchObject({ code: 1, stderr: "Failed to find dhcpd configuration or init file.\n" });
});
