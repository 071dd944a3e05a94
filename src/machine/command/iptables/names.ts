/**
 * Names of protocols and services as /etc/protocols and /etc/services of Debian 12 have them (netbase); of the services
 * only the better known. Others are printed as numbers.
 */
const PROTOCOLS =
  "ip:0 icmp:1 igmp:2 ggp:3 ipencap:4 st:5 tcp:6 egp:8 igp:9 pup:12 udp:17 hmp:20 xns-idp:22 rdp:27 iso-tp4:29 dccp:33 xtp:36 ddp:37 idpr-cmtp:38 ipv6:41 ipv6-route:43 ipv6-frag:44 idrp:45 rsvp:46 gre:47 esp:50 ah:51 skip:57 ipv6-icmp:58 ipv6-nonxt:59 ipv6-opts:60 rspf:73 vmtp:81 eigrp:88 ospf:89 ax.25:93 ipip:94 etherip:97 encap:98 pim:103 ipcomp:108 vrrp:112 l2tp:115 isis:124 sctp:132 fc:133 mobility-header:135 udplite:136 mpls-in-ip:137 manet:138 hip:139 shim6:140 wesp:141 rohc:142 ethernet:143";

/** A letter for each protocol that has the name. */
const SERVICES =
  "tcpmux:1:t echo:7:tu discard:9:tu systat:11:t daytime:13:tu netstat:15:t qotd:17:t chargen:19:tu ftp-data:20:t ftp:21:t fsp:21:u ssh:22:t telnet:23:t smtp:25:t time:37:tu whois:43:t tacacs:49:tu domain:53:tu bootps:67:u bootpc:68:u tftp:69:u gopher:70:t finger:79:t http:80:t kerberos:88:tu pop3:110:t sunrpc:111:tu auth:113:t nntp:119:t ntp:123:u epmap:135:t netbios-ns:137:u netbios-dgm:138:u netbios-ssn:139:t imap2:143:t snmp:161:tu snmp-trap:162:tu xdmcp:177:u bgp:179:t ldap:389:tu https:443:tu microsoft-ds:445:t isakmp:500:u exec:512:t biff:512:u login:513:t who:513:u shell:514:t syslog:514:u printer:515:t talk:517:u ntalk:518:u route:520:u rtsp:554:tu ipp:631:t ldaps:636:tu domain-s:853:tu rsync:873:t imaps:993:t pop3s:995:t submission:587:t socks:1080:t openvpn:1194:tu ms-sql-s:1433:t radius:1812:tu radius-acct:1813:tu nfs:2049:tu iscsi-target:3260:t mysql:3306:t ms-wbt-server:3389:t svn:3690:t ipsec-nat-t:4500:u sip:5060:tu xmpp-client:5222:t mdns:5353:u postgresql:5432:t amqp:5672:t x11:6000:t redis:6379:t http-alt:8080:t tproxy:8081:t git:9418:t";

const protocolNumbers = new Map(
  PROTOCOLS.split(" ").map((entry): [string, number] => {
    const [name = "", number = ""] = entry.split(":");
    return [name, Number(number)];
  }),
);
const protocolNames = new Map([...protocolNumbers].map(([name, number]): [number, string] => [number, name]));
/** xtables_chain_protos, for what the file calls otherwise. */
const MORE_PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["icmpv6", 58],
  ["ipv6-mh", 135],
  ["mh", 135],
  ["all", 0],
]);

export const protocolNumber = (name: string): number | null =>
  protocolNumbers.get(name) ?? MORE_PROTOCOLS.get(name) ?? null;
/** Null for 0, which is any. */
export const protocolName = (number: number): string | null =>
  number === 0 ? null : (protocolNames.get(number) ?? null);

interface Service {
  readonly name: string;
  readonly port: number;
  readonly protocols: string;
}

const services: readonly Service[] = SERVICES.split(" ").map((entry) => {
  const [name = "", port = "", protocols = ""] = entry.split(":");
  return { name, port: Number(port), protocols };
});

const has = (service: Service, protocol: string): boolean => service.protocols.includes(protocol.charAt(0));

export const servicePort = (name: string, protocol: string): number | null =>
  services.find((each) => each.name === name && has(each, protocol))?.port ?? null;
export const serviceName = (port: number, protocol: string): string | null =>
  services.find((each) => each.port === port && has(each, protocol))?.name ?? null;
/** Of the first protocol that has the name: what getaddrinfo finds. */
export const anyServicePort = (name: string): number | null =>
  services.find((each) => each.name === name)?.port ?? null;
