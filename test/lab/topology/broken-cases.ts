/** One small broken topology of each kind: its sentence, and the place the sentence is about. */

export const SHORT = "mode: bridge\nguests: { web1: 192.168.1.11 }\n";
const guest = (domain: string): string =>
  `hosts:\n  xen1:\n    nics: { eth0: {} }\n    domains:\n      web1: ${domain}\n`;

/** name, text, then one "line:column severity sentence" for each diagnostic */
export const broken: [string, string, ...string[]][] = [
  // not a topology at all
  ["empty", "", "1:1 error the file is empty"],
  ["blank lines", "  \n\n", "1:1 error the file is empty"],
  ["comments", "# only\n# words\n", "1:1 error the file holds nothing but comments"],
  ["a marker alone", "---\n", "1:1 error the document is empty"],
  ["a text", "hello\n", "1:1 error the file is not a mapping of keys to values"],
  ["a list", "\n- a\n- b\n", "2:1 error the file is not a mapping of keys to values"],
  ["nothing to build", "name: x\n", "1:1 error there is nothing to build"],
  ["a mode without guests", "mode: bridge\n", "1:1 error there is nothing to build"],
  // not text
  ["a NUL byte", "mode: bridge\nabout: a\0b\n", "2:9 error the file holds a NUL byte: it is not text"],
  ["an ELF binary", "\x7fELF\x02\x01\x01\0", "1:1 error the file holds a control character (0x7f): it is not text"],
  ["an escape sequence", "about: \x1b[31mred\n", "1:8 error the file holds a control character (0x1b): it is not text"],
  ["UTF-16", "\ufffd\ufffdm\0o\0d\0e\0", "1:1 error the file is UTF-16"],
  ["Latin-1", `about: caf\ufffd\n${SHORT}`, "1:11 error these bytes are not UTF-8"],
  ["10 MiB of noise", "x".repeat(10 * 1024 * 1024), "1:1 error the file is 10.0 MiB long: a topology may have 2 MiB"],
  [
    "more lines than a topology has",
    "k: 1\n".repeat(50_001),
    "1:1 error the file has 50001 lines: a topology may have 50000",
  ],
  // not YAML
  ["a tab as indentation", "hosts:\n  xen1:\n\t\tvcpus: 4\n", "3:1 error this line is indented with a tab"],
  ["an open brace", "mode: bridge\nguests: { web1: 192.168.1.11\n", "2:9 error this `{` is never closed"],
  ["an open bracket", "capture: [ 'a:b'\nmode: bridge\n", "1:10 error this `[` is never closed"],
  ["an open quote", "about: 'never closed\nmode: bridge\n", "1:8 error this quote is never closed"],
  ["two keys on a line", "about: a: b\n", "1:8 error a second `key: value` on the line of the first"],
  [
    "deeper without reason",
    "mode: bridge\n guests: {}\n",
    "1:7 error the line after this value is indented deeper than its key",
  ],
  [
    "a reserved character",
    "about: @x\n",
    "1:8 error this is not YAML: plain value cannot start with reserved character @",
  ],
  ["a list as a key", "? [a, b]\n: c\n", "1:3 error a list or a mapping cannot be a key"],
  ["a tag", "mode: !mode bridge\n", "1:7 error the tag `!mode` has no meaning here"],
  ["two documents", `${SHORT}---\nmode: bridge\n`, "3:1 error a second YAML document starts here"],
  ["YAML 1.1", `%YAML 1.1\n---\n${SHORT}`, "1:1 error this file says that it is YAML 1.1"],
  [
    "a duplicate key",
    `${SHORT}seed: 1\nseed: 2\n`,
    "4:1 error the key `seed` is here a second time: the first is on line 3",
  ],
  [
    "a merge key",
    "guests:\n  web1: { <<: x, ip: 192.168.1.11 }\n",
    "2:11 error `<<` (a merge key) is YAML 1.1 and not read here",
  ],
  ["a prototype", "guests: { __proto__: 192.168.1.1 }\n", "1:11 error `__proto__` cannot be a key"],
  ["an alias to nothing", "guests: *g\n", "1:9 error the alias `*g` stands for nothing"],
  ["a recursive alias", "guests: &g { web1: *g }\n", "1:20 error the alias `*g` stands for what it is part of"],
  ["an alias bomb", bomb(), "1:1 error the aliases of this file multiply into too many values"],
  ["deep brackets", `about: ${"[".repeat(100_000)}`, "1:47 error this is nested more than 40 levels deep"],
  ["deep dashes", "- ".repeat(100_000), "1:80 error this is nested more than 40 levels deep"],
  // wrong types and values
  ["an unknown key", `sede: 7\n${SHORT}`, "1:1 error unknown key `sede`"],
  [
    "an unknown key inside",
    `${SHORT}checks: [{ on: web1, run: ls, expect: { stdot: x } }]\n`,
    "3:41 error unknown key `stdot` in `checks[0].expect`",
  ],
  ["a wrong type", "hosts: [xen1]\n", "1:8 error `hosts` is a list"],
  ["a number for a mapping", "hosts: { xen1: 5 }\n", "1:16 error `hosts.xen1` is the number 5"],
  ["a number for a text", `about: 5\n${SHORT}`, "1:8 error the number 5 is not a text"],
  ["a text for a number", `seed: seven\n${SHORT}`, "1:7 error `seven` is not a seed"],
  ["a fraction", `seed: 1.5\n${SHORT}`, "1:7 error the number 1.5 is not a seed"],
  ["an empty value", `seed:\n${SHORT}`, "1:6 error an empty value is not a seed"],
  ["no date", `epoch: 2026-02-30\n${SHORT}`, "1:8 error `2026-02-30` is not a date"],
  ["an unknown mode", "mode: brige\nguests: { a: 192.168.1.11 }\n", "1:7 error `brige` is not a mode"],
  [
    "libvirt's XML",
    'hosts:\n  xen1:\n    nics: { eth0: {} }\n    libvirt: [ "<network><name>a</nam></network>" ]\n',
    "4:16 error the XML, line 1, column 23: Opening and ending tag mismatch: name line 1 and nam",
  ],
  [
    "a network that is not there",
    "hosts: { xen1: { nics: { eth0: {} }, libvirt: [ nowhere.xml ] } }\n",
    "1:49 error the network `nowhere.xml` cannot be read",
  ],
  [
    "both forms",
    `${SHORT}hosts: { xen1: {} }\n`,
    "3:1 error `hosts` belongs to the long form of a topology and `mode` to the short one",
  ],
  ["half an address", "guests: { web1: 192.168.1 }\n", "1:17 error `192.168.1` is not an IPv4 address"],
  ["a guest without address", "guests: { web1: { rate: 1Mb/s } }\n", "1:17 error `guests.web1` has no `ip`"],
  ["a blank in a name", "guests: { 'web 1': 192.168.1.11 }\n", "1:11 error `web 1` is not a name"],
  ["a slash in a name", "machines: { a/b: {} }\n", "1:13 error `a/b` is not a name"],
  [
    "a long device name",
    "machines: { a: { nics: { averyverylongname0: {} } } }\n",
    "1:26 error `averyverylongname0` has 18 characters: the name of a network device may have 15",
  ],
  [
    "a bad MAC",
    "machines: { a: { nics: { eth0: { mac: 00:16:3e:zz:00:01 } } } }\n",
    "1:39 error `00:16:3e:zz:00:01` is not a MAC address",
  ],
  [
    "a group MAC",
    "machines: { a: { nics: { eth0: { mac: 01:00:5e:00:00:01 } } } }\n",
    "1:39 error `01:00:5e:00:00:01` is a group address: no device can own it",
  ],
  [
    "a bad CIDR",
    "machines: { a: { nics: { eth0: { ip: 10.0.0.1/33 } } } }\n",
    "1:38 error `10.0.0.1/33` is not an IPv4 address with its prefix length",
  ],
  [
    "a bad CIDR in a list",
    "machines: { a: { nics: { eth0: { ip: [10.0.0.1/8, 10.0.0.2] } } } }\n",
    "1:51 error `10.0.0.2` is not an IPv4 address with its prefix length",
  ],
  [
    "a bad duration",
    "networks: { lan: { delay: 10 parsecs } }\nmachines: {}\n",
    "1:27 error `10 parsecs` is not a duration",
  ],
  ["a bad rate", "networks: { lan: { rate: 1gigabit } }\nmachines: {}\n", "1:26 error `1gigabit` is not a rate"],
  [
    "a bad share",
    "networks: { lan: { loss: 101% } }\nmachines: {}\n",
    "1:26 error `101%` is not a share of the frames",
  ],
  ["a bad MTU", "networks: { lan: { mtu: 10 } }\nmachines: {}\n", "1:25 error the number 10 is not an MTU"],
  ["a Xen there never was", "hosts: { a: { xen: 3.5 } }\n", "1:20 error `3.5` is not a version of Xen"],
  [
    "a network script where xl rules",
    "hosts:\n  a:\n    network-script: network-bridge\n",
    "3:5 error network-script belongs to a host with xend: Xen 4.17 has xl",
  ],
  [
    "an argument that only another network script has",
    "hosts: { a: { xen: '3.1', network-script: network-route bridge=br0 } }\n",
    "1:43 error network-route has no argument `bridge=br0`: vifnum=, netdev= or antispoof=",
  ],
  [
    "a script file that is not there",
    "hosts: { a: { vif-script: ./mine.sh } }\n",
    "1:27 error the script `./mine.sh` cannot be read",
  ],
  [
    "an unknown script of the host",
    "hosts: { a: { vif-script: vif-brige } }\n",
    "1:27 error there is no script `vif-brige`",
  ],
  [
    "an argument no network script has",
    "hosts: { a: { xen: '3.1', network-script: network-bridge nic=eth1 } }\n",
    "1:43 error network-bridge has no argument `nic=eth1`: vifnum=, netdev=, bridge= or antispoof=",
  ],
  [
    "a service to come",
    "machines: { a: { services: [http] } }\n",
    "1:29 error service http is not modelled yet; known: echo, dhcp, dns",
  ],
  ["an unknown service", "machines: { a: { services: [ehco] } }\n", "1:29 error `ehco` is not a service"],
  // vifs
  ["a number for a vif", guest("{ vif: 7 }"), "5:20 error the number 7 is not a vif"],
  ["a bad MAC in a vif", guest("{ vif: ['bridge=xenbr0, mac=00:16:3e:0'] }"), "5:37 error Invalid parameter `mac'."],
  [
    "a bad rate in a vif",
    guest('{ vif: "rate=10mb/s" }'),
    "5:21 error config parsing error in vif: invalid rate in `10mb/s'",
  ],
  [
    "a bad rate of a guest",
    "guests: { web1: { ip: 192.168.1.11, rate: 10 } }\n",
    "1:43 error the number 10 is not a rate of xl",
  ],
  ["an unknown word in a vif", guest("{ vif: [brdge=xenbr0] }"), "5:21 warning unrecognized argument `brdge=xenbr0'"],
  [
    "a deprecated word",
    guest("{ vif: ['netdev=eth0'] }"),
    "5:22 warning the netdev parameter is deprecated, please use gatewaydev instead",
  ],
  ["no such bridge", guest("{ vif: ['bridge=xenbr1'] }"), "5:22 warning nothing creates the bridge `xenbr1`"],
  [
    "an emulated NIC",
    guest("{ vif: ['type=ioemu'] }"),
    "5:22 error type=ioemu is not modelled yet: guests are paravirtual",
  ],
  ["a driver domain", guest("{ vif: ['backend=net'] }"), "5:22 error a driver domain is not modelled yet"],
  [
    "another vif script",
    guest("{ vif: ['script=vif-rout'] }"),
    "5:22 error there is no vif script `vif-rout` on this host",
  ],
  [
    "a long vifname",
    guest("{ vif: ['vifname=averyverylongname0'] }"),
    "5:22 error `averyverylongname0` has 18 characters: the name of a network device may have 15",
  ],
  [
    "a device number twice",
    guest("{ vif: ['devid=0', 'devid=0'] }"),
    "5:32 error the device number 0 is taken by another vif of this guest",
  ],
  [
    "an address beside dhcp",
    guest("{ inside: { eth0: { ip: 10.0.0.1/24, dhcp: true } } }"),
    "5:50 error the address comes from DHCP and is written here as well",
  ],
  [
    "a line that dnsmasq does not understand",
    'machines: { a: { services: [dhcp], dnsmasq: ["dhcp-rage=1"] } }\n',
    "1:46 error dnsmasq does not understand this line: bad option",
  ],
  [
    "dhcp for dom0",
    "hosts: { xen1: { nics: { eth0: { dhcp: true } } } }\n",
    "1:34 error dhcp is not modelled for the NICs of a Xen host",
  ],
  [
    "a device without vif",
    guest("{ inside: { eth1: {} } }"),
    "5:25 error the guest web1 has no device `eth1`: it has only eth0",
  ],
  [
    "a gateway elsewhere",
    guest("{ inside: { eth0: { ip: 10.0.0.1/8, gateway: 192.168.2.1 } } }"),
    "5:58 warning the gateway 192.168.2.1 is outside every net of eth0, which has 10.0.0.1/8",
  ],
  // references
  [
    "a name twice",
    "hosts: { a: { domains: { b: {} } } }\nmachines: { b: {} }\n",
    "2:13 error the name `b` is taken by the guest on line 1",
  ],
  [
    "no such network",
    "networks: { lan: {}, wan: {} }\nmachines: { a: { nics: { eth0: { network: lna } } } }\n",
    "2:43 error there is no network `lna`",
  ],
  [
    "which network",
    "networks: { lan: {}, wan: {} }\nmachines: { a: { nics: { eth0: {} } } }\n",
    "2:26 error `eth0` does not say which network it is plugged into",
  ],
  [
    "a third end",
    "networks: { lan: { kind: cable } }\nmachines: { a: { nics: { e0: , e1: , e2: } } }\n",
    "1:13 error the cable `lan` has 3 ends",
  ],
  [
    "no such port",
    "hosts: { a: { nics: { eth0: {} }, bridges: { br0: { ports: [eth1] } } } }\n",
    "1:61 error the host has no NIC `eth1`",
  ],
  [
    "a port twice",
    "hosts: { a: { nics: { eth0: }, bridges: { br0: { ports: [eth0] }, br1: { ports: [eth0] } } } }\n",
    "1:82 error `eth0` is a port of `br0` already",
  ],
  [
    "a bridge named like a NIC",
    "hosts: { a: { nics: { eth0: }, bridges: { eth0: } } }\n",
    "1:43 error the name `eth0` is taken by a NIC of this host",
  ],
  ["a capture of nobody", `${SHORT}capture: ["web1:eth0", "we1:eth0"]\n`, "3:25 error there is no machine `we1`"],
  [
    "a capture of nothing",
    `${SHORT}capture: [xen1:vif2.0]\n`,
    "3:16 warning `xen1` has no device `vif2.0` at the start",
  ],
  ["a capture twice", `${SHORT}capture: [web1:eth0, web1:eth0]\n`, "3:22 error `web1:eth0` is captured already"],
  ["no point", `${SHORT}capture: [web1eth0]\n`, "3:11 error `web1eth0` is not a point"],
  ["a choice of captures", `${SHORT}capture: al\n`, "3:10 error `al` is not a choice of capture points"],
  ["a step for nobody", `${SHORT}scenario: [{ at: 1s, on: web2, run: ls }]\n`, "3:26 error there is no machine `web2`"],
  ["a step at no time", `${SHORT}scenario: [{ on: web1, run: ls }]\n`, "3:12 error `scenario[0]` has no `at`"],
  [
    "a step at a bad time",
    `${SHORT}scenario: [{ at: 1 day, on: web1, run: ls }]\n`,
    "3:18 error `1 day` is not a duration",
  ],
  ["a step of nothing", `${SHORT}scenario: [{ at: 1s }]\n`, "3:12 error this step does not say what happens"],
  [
    "a step of two things",
    `${SHORT}scenario: [{ at: 1s, plug: xen1:eth0, unplug: xen1:eth0 }]\n`,
    "3:39 error this step has `plug` and `unplug`",
  ],
  [
    "a cable of no NIC",
    `${SHORT}scenario: [{ at: 1s, unplug: xen1:xenbr0 }]\n`,
    "3:35 error `xen1` has no NIC `xenbr0`",
  ],
  [
    "a step without machine",
    `${SHORT}scenario: [{ at: 1s, run: ls }]\n`,
    "3:12 error this step does not say on which machine it runs",
  ],
  [
    "a bad expectation",
    `${SHORT}checks: [{ on: web1, run: ls, expect: exit }]\n`,
    "3:39 error `exit` is not an expectation",
  ],
  [
    "a bad pattern",
    `${SHORT}checks: [{ on: web1, run: ls, expect: { stdout: /(/ } }]\n`,
    "3:49 error the pattern cannot be read: Unterminated group",
  ],
  [
    "a bad exit code",
    `${SHORT}checks: [{ on: web1, run: ls, expect: { exit: 999 } }]\n`,
    "3:47 error the number 999 is not an exit code",
  ],
  [
    "a lease where nobody gives one",
    "mode: route\nguests: { web1: dhcp }\n",
    "2:17 error nobody serves DHCP to the guests of `mode: route`",
  ],
  [
    "an address twice",
    "guests:\n  a: 192.168.1.11\n  b: 192.168.1.11\n",
    "3:6 warning eth0 of b has the address 192.168.1.11, and so has eth0 of a",
  ],
  [
    "an address twice in route mode",
    "mode: route\nguests: { a: 192.168.1.11, b: 192.168.1.11 }\n",
    "2:31 warning eth0 of b has the address 192.168.1.11, and so has eth0 of a",
  ],
  [
    "a routed guest with an address of the LAN",
    `hosts:
  x:
    nics: { eth0: { ip: 10.0.0.1/24 } }
    vif-script: vif-route
    domains:
      g: { vif: "ip=10.0.0.9", inside: { eth0: { ip: 10.0.0.9/32 } } }
machines: { m: { nics: { eth0: { ip: 10.0.0.9/24 } } } }
`,
    "7:38 warning eth0 of m has the address 10.0.0.9, and so has eth0 of g",
  ],
  [
    "the address of a network",
    guest("{ inside: { eth0: { ip: [10.0.0.0/24, 10.1.0.0/31, 10.2.0.0/32] } } }"),
    "5:37 warning 10.0.0.0/24 is the address of the network itself, and no address of an interface",
  ],
  [
    "a broadcast address",
    "machines: { a: { nics: { e: { ip: 10.0.0.255/24 } } } }\n",
    "1:35 warning 10.0.0.255/24 is the broadcast address of its network, and no address of an interface",
  ],
  [
    "a MAC twice",
    "machines:\n  a: { nics: { e: { mac: 0:1:2:3:4:5 } } }\n  b: { nics: { e: { mac: 0:1:2:3:4:5 } } }\n",
    "3:26 warning e of b has the MAC address 00:01:02:03:04:05, and so has e of a",
  ],
  [
    "a bridge that two are like",
    `hosts:
  x:
    nics: { eth0: }
    bridges: { xenbr0: {}, xenbr2: {} }
    domains: { g: { vif: "bridge=xenbr1" } }
`,
    "5:27 warning nothing creates the bridge `xenbr1`",
  ],
  // kernel parameters
  [
    "a misspelt kernel parameter",
    "hosts:\n  x:\n    sysctl: { net.ipv4.ip_forwrad: 1, net.ipv4.conf.eth0.proxy_app: 1 }\n",
    "3:15 error no machine here has a kernel parameter `net.ipv4.ip_forwrad`",
    "3:39 error no machine here has a kernel parameter `net.ipv4.conf.eth0.proxy_app`",
  ],
  [
    "a kernel parameter of a module",
    "machines:\n  a:\n    sysctl: { net.bridge.bridge-nf-call-iptables: 0, net/ipv4/conf/eth0/rp_filter: 1, kernel.hostname: b }\n",
    "3:15 warning `net.bridge.bridge-nf-call-iptables` is not there yet when this is read, at boot",
  ],
  // command lines
  [
    "misspelt commands",
    `${SHORT}scenario: [{ at: 1s, on: web1, run: "true; x=$(pnig -c 1 a) && for i in 1; do slep 1; done" }]\nchecks: [{ on: gw, run: pingg a }]\n`,
    "3:48 warning `web1` has no command `pnig`",
    "3:79 warning `web1` has no command `slep`",
    "4:25 warning `gw` has no command `pingg`",
  ],
  [
    "a tool of another time",
    'hosts: { x: { xen: "3.1", setup: [xl list, ./mine.sh] } }\n',
    "1:35 warning `x` has no command `xl`",
  ],
  [
    "a line that the shell cannot read",
    `${SHORT}checks: [{ on: web1, run: "if true; then echo" }, { on: web1, run: "f() { :; }" }]\n`,
    "3:27 error the shell cannot read this line: syntax error: unexpected end of file",
    "3:68 error the shell cannot read this line: functions are not modelled",
  ],
  // all of it at once
  [
    "a wrong time beside a wrong machine",
    `${SHORT}scenario: [{ at: 1x, on: wbe1, run: pnig }]\n`,
    "3:18 error `1x` is not a duration",
    "3:26 error there is no machine `wbe1`",
    "3:37 warning no machine has a command `pnig`",
  ],
  [
    "a key of the short form in the long one",
    "mode: nat\nhosts: { dom: {} }\nmachines: { out: {} }\nchecks: [{ on: ou, run: pwd }]\n",
    "1:1 error `mode` belongs to the short form of a topology and `hosts` to the long one",
    "4:16 error there is no machine `ou`",
  ],
];

function bomb(): string {
  const times = (item: string): string => `[${Array(10).fill(item).join(",")}]`;
  return `a: &a ${times("x")}\nb: &b ${times("*a")}\nc: &c ${times("*b")}\nd: ${times("*c")}\n`;
}
