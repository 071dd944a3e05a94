/** Topologies at the edges of what a screen can show. */

const guest = (n: number): string => `      g${n}:
        vif: ["bridge=xenbr0"]
        inside: { eth0: { ip: 192.168.1.${20 + n}/24 } }`;

/** Two hosts, twelve guests, six NICs, two networks. */
export const CROWDED = `name: crowded
networks: { lan: {}, san: {} }
hosts:
  xen1:
    nics:
      eth0: { network: lan }
      eth1: { network: san }
      eth2: { network: lan }
      eth3: { network: lan }
      eth4: { network: lan }
      eth5: { network: lan }
    bridges:
      xenbr0: { ports: [eth0], ip: 192.168.1.10/24 }
      xenbr1: { ports: [eth1] }
    domains:
${Array.from({ length: 12 }, (_, n) => guest(n)).join("\n")}
  xen2:
    nics: { eth0: { network: lan } }
machines:
  gw: { nics: { eth0: { network: lan, ip: 192.168.1.1/24 } } }
  store: { nics: { eth0: { network: san, ip: 192.168.2.1/24 } } }
`;

/** No Xen host: two machines and a cable. */
export const PLAIN = `name: plain
networks: { lan: {} }
machines:
  a: { nics: { eth0: { network: lan, ip: 10.0.0.1/24 } } }
  b: { nics: { eth0: { network: lan, ip: 10.0.0.2/24 } } }
`;

/** A host with nothing in it. */
export const BARE = `name: bare
hosts:
  xen1: { nics: {} }
`;
