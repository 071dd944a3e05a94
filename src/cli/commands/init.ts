/** `xenlab init bridge|route|nat [FILE]`: a commented topology to start from. */
import { existsSync } from "node:fs";
import type { CommandModule } from "yargs";
import { CliError } from "../cli-error.ts";
import { writeOutput } from "../output.ts";

interface Arguments {
  readonly mode: string;
  readonly file: string | undefined;
  readonly force: boolean;
}

const BRIDGE = `# A Xen host in bridge mode. Run it:      npx xenlab run FILE
# See every default this file leaves out:  npx xenlab plan FILE
# Ask each machine anything:               npx xenlab shell FILE
name: my-bridge
about: Two guests behind xenbr0, and the LAN outside.
seed: 1                      # another seed makes other MAC addresses and chances

networks:
  lan: { kind: switch, rate: 1gbit, delay: 50us }    # add loss: 1% to make it worse

hosts:
  xen1:
    xen: "4.17"              # xl; the bridge is made by these lines, not by a Xen script
    nics:
      eth0: { network: lan }
    bridges:
      xenbr0: { ports: [eth0], ip: 192.168.1.10/24, gateway: 192.168.1.1 }
    domains:
      web1:
        vif: [ 'bridge=xenbr0' ]                      # xl.cfg syntax; add rate=10Mb/s to limit what it sends
        inside: { eth0: { ip: 192.168.1.11/24, gateway: 192.168.1.1 } }
      web2:
        vif: [ 'bridge=xenbr0' ]
        inside: { eth0: { ip: 192.168.1.12/24, gateway: 192.168.1.1 } }

machines:                    # plain Linux boxes outside
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }

capture: all                 # or a list: [ "xen1:vif1.0", "xen1:xenbr0", "web1:eth0" ]

scenario:                    # lines typed at prompts, at virtual times
  - { at: 1s, on: web1, run: ping -c 3 192.168.1.12 }
  - { at: 2s, on: web2, run: ping -c 3 192.168.1.1 }

checks:                      # the exit code of the run says whether they hold
  - { name: web1 reaches web2, on: web1, run: ping -c 1 192.168.1.12, expect: ok }
  - { name: web1 reaches the gateway, on: web1, run: ping -c 1 192.168.1.1, expect: ok }
`;

const ROUTE = `# A Xen host in route mode. Run it:       npx xenlab run FILE
# See every default this file leaves out:  npx xenlab plan FILE
# Its set-up against the textbook's:       npx xenlab steps FILE --compare
name: my-route
about: Two routed guests with addresses of the LAN, and the LAN outside.
seed: 1                      # another seed makes other MAC addresses and chances

networks:
  lan: { kind: switch, rate: 1gbit, delay: 50us }    # add loss: 1% to make it worse

hosts:
  xen1:
    xen: "4.17"              # xl runs no network script: the two sysctls do what network-route did under xend
    nics:
      eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 }
    sysctl:
      net.ipv4.ip_forward: 1                          # domain 0 is a router
      net.ipv4.conf.eth0.proxy_arp: 1                 # and answers the LAN's ARP for its guests; try 0
    vif-script: vif-route
    domains:
      web1:
        vif: [ 'ip=192.168.1.50' ]                    # becomes the route to the guest; gatewaydev=eth1 names another NIC
        inside: { eth0: { ip: 192.168.1.50/24, gateway: 192.168.1.1 } }
      web2:
        vif: [ 'ip=192.168.1.51' ]
        inside: { eth0: { ip: 192.168.1.51/24, gateway: 192.168.1.1 } }

machines:                    # plain Linux boxes outside
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }

capture: all                 # or a list: [ "xen1:vif1.0", "xen1:eth0", "web1:eth0" ]

scenario:                    # lines typed at prompts, at virtual times
  - { at: 1s, on: web1, run: ping -c 3 192.168.1.51 }
  - { at: 5s, on: gw, run: ping -c 3 192.168.1.50 }

checks:                      # the exit code of the run says whether they hold
  - { name: web1 reaches web2, on: web1, run: ping -c 1 192.168.1.51, expect: ok }
  - { name: a router is between them, on: web1, run: ping -c 1 192.168.1.51, expect: { stdout: "ttl=63" } }
  - { name: the LAN reaches web1, on: gw, run: ping -c 1 192.168.1.50, expect: ok }
`;

const NAT = `# A Xen host with libvirt's default network. Run it:   npx xenlab run FILE
# See every default this file leaves out:               npx xenlab plan FILE
# Every line that makes it a NAT host, with its reason: npx xenlab steps FILE
name: my-nat
about: Two guests behind virbr0, and the LAN outside, which sees only the host.
seed: 1                      # another seed makes other MAC addresses and chances

networks:
  lan: { kind: switch, rate: 1gbit, delay: 50us }

hosts:
  xen1:
    nics:
      eth0: { network: lan, ip: 192.168.1.10/24, gateway: 192.168.1.1 }
    libvirt: [ default ]     # or a file of network XML beside this one, [ mynet.xml ], or the XML itself
    domains:
      web1:
        vif: [ 'bridge=virbr0' ]                      # xl.cfg syntax; virbr0 is what the network's XML calls its bridge
        inside: { eth0: { dhcp: true } }              # or { ip: 192.168.122.201/24, gateway: 192.168.122.1 }
      web2:
        vif: [ 'bridge=virbr0' ]
        inside: { eth0: { dhcp: true } }

machines:                    # plain Linux boxes outside
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }

scenario:                    # spanning tree and DHCP take a while: a line waits until its guest is up
  - { at: 8s, on: web1, run: ping -c 3 web2 }
  - { at: 16s, on: web1, run: ping -c 3 192.168.1.1 }
  - { at: 20s, on: xen1, run: virsh net-dhcp-leases default }
  - { at: 21s, on: xen1, run: iptables-save -c }

checks:                      # the exit code of the run says whether they hold
  - { name: web1 reaches web2 by its name, on: web1, run: ping -c 1 web2, expect: ok }
  - { name: web1 reaches the outside, on: web1, run: ping -c 1 192.168.1.1, expect: ok }
`;

const STARTS: Readonly<Record<string, string>> = { bridge: BRIDGE, route: ROUTE, nat: NAT };

export const init: CommandModule<object, Arguments> = {
  command: "init <mode> [file]",
  describe: "write a commented topology to start from",
  builder: (yargs) =>
    yargs
      .positional("mode", {
        choices: Object.keys(STARTS),
        demandOption: true,
        describe: "how the host reaches the network",
      })
      .positional("file", {
        type: "string",
        describe: "where to; printed when left out",
      })
      .option("force", {
        type: "boolean",
        default: false,
        describe: "overwrite a file that is there",
      })
      .example("$0 init bridge my.yaml", "then: xenlab run my.yaml"),
  handler: ({ mode, file, force }) => {
    const text = STARTS[mode]!;
    if (file === undefined) {
      process.stdout.write(text);
      return;
    }
    if (existsSync(file) && !force) throw new CliError(`${file} is there already; --force overwrites it`);
    writeOutput(file, text);
    process.stdout.write(`wrote ${file}; run it: xenlab run ${file}\n`);
  },
};
