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

/** Route mode of Xen 3.1: two guests with addresses of the LAN behind domain 0. */
export const ROUTED = `name: routed
networks: { lan: { kind: switch, rate: 1gbit, delay: 50us } }
hosts:
  xen1:
    xen: "3.1"
    nics:
      eth0: { network: lan, mac: "00:30:48:aa:bb:01", ip: 192.168.1.10/24, gateway: 192.168.1.1 }
    network-script: network-route netdev=eth0
    vif-script: vif-route
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01,ip=192.168.1.50"]
        inside: { eth0: { ip: 192.168.1.50/24, gateway: 192.168.1.1 } }
      web2:
        vif: ["mac=00:16:3e:00:00:02,ip=192.168.1.51"]
        inside: { eth0: { ip: 192.168.1.51/24, gateway: 192.168.1.1 } }
machines:
  outside:
    nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } }
    services: [echo]
`;

/** NAT mode as the scripts of Xen 3.1 make it: guests with 10.x addresses, one MASQUERADE rule. */
export const NATTED = `name: natted
networks: { lan: { kind: switch, rate: 1gbit, delay: 50us } }
hosts:
  xen1:
    xen: "3.1"
    nics:
      eth0: { network: lan, mac: "00:30:48:aa:bb:01", ip: 192.168.1.10/24, gateway: 192.168.1.1 }
    network-script: network-nat
    vif-script: vif-nat
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01"]
        inside: { eth0: { ip: 10.0.1.1/16, gateway: 10.0.1.128 } }
      web2:
        vif: ["mac=00:16:3e:00:00:02"]
        inside: { eth0: { ip: 10.0.2.1/16, gateway: 10.0.2.128 } }
machines:
  outside:
    nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } }
    services: [echo]
`;

/** libvirt's default network on Xen 4.17: a guest that asks its dnsmasq for an address, one that has its own. */
export const LEASED = `name: leased
networks: { lan: { kind: switch, rate: 1gbit, delay: 50us } }
hosts:
  xen1:
    xen: "4.17"
    distro: debian
    nics:
      eth0: { network: lan, mac: "00:30:48:aa:bb:01", ip: 192.168.1.10/24, gateway: 192.168.1.1 }
    libvirt: [default]
    domains:
      web1:
        vif: ["mac=00:16:3e:00:00:01, bridge=virbr0"]
        inside: { eth0: { dhcp: true } }
      web2:
        vif: ["mac=00:16:3e:00:00:02, bridge=virbr0"]
        inside: { eth0: { ip: 192.168.122.12/24, gateway: 192.168.122.1 } }
machines:
  outside:
    nics: { eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 } }
    services: [echo]
scenario:
  - { at: 15s, on: web1, run: ping -c 3 192.168.1.1 }
  - { at: 15s, on: web2, run: ping -c 3 192.168.1.1 }
`;
