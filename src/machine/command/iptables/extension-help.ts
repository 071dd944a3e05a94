/** What `iptables -m multiport -h` and the like print behind the common help, by name of the match or target. */
import { icmpTypeList } from "./match/icmp-types.ts";

const TEXTS: Readonly<Record<string, string>> = {
  addrtype: `Address type match options:
 [!] --src-type type[,...]      Match source address type
 [!] --dst-type type[,...]      Match destination address type
     --limit-iface-in           Match only on the packet's incoming device
     --limit-iface-out          Match only on the packet's outgoing device

Valid types:           
                                UNSPEC
                                UNICAST
                                LOCAL
                                BROADCAST
                                ANYCAST
                                MULTICAST
                                BLACKHOLE
                                UNREACHABLE
                                PROHIBIT
                                THROW
                                NAT
                                XRESOLVE
`,
  comment: `comment match options:
--comment COMMENT             Attach a comment to a rule
`,
  connmark: `connmark match options:
[!] --mark value[/mask]    Match ctmark value with optional mask
`,
  conntrack: `conntrack match options:
[!] --ctstate {INVALID|ESTABLISHED|NEW|RELATED|UNTRACKED|SNAT|DNAT}[,...]
                               State(s) to match
[!] --ctproto proto            Protocol to match; by number or name, e.g. "tcp"
[!] --ctorigsrc address[/mask]
[!] --ctorigdst address[/mask]
[!] --ctreplsrc address[/mask]
[!] --ctrepldst address[/mask]
                               Original/Reply source/destination address
[!] --ctorigsrcport port
[!] --ctorigdstport port
[!] --ctreplsrcport port
[!] --ctrepldstport port
                               TCP/UDP/SCTP orig./reply source/destination port
[!] --ctstatus {NONE|EXPECTED|SEEN_REPLY|ASSURED|CONFIRMED}[,...]
                               Status(es) to match
[!] --ctexpire time[:time]     Match remaining lifetime in seconds against
                               value or range of values (inclusive)
    --ctdir {ORIGINAL|REPLY}   Flow direction of packet
`,
  limit: `limit match options:
--limit avg\t\t\tmax average match rate: default 3/hour
                                [Packets per second unless followed by 
                                /sec /minute /hour /day postfixes]
--limit-burst number\t\tnumber to match in a burst, default 5
`,
  mac: `mac match options:
[!] --mac-source XX:XX:XX:XX:XX:XX
\t\t\t\tMatch source MAC address
`,
  mark: `mark match options:
[!] --mark value[/mask]    Match nfmark value with optional mask
`,
  multiport: `multiport match options:
[!] --source-ports port[,port:port,port...]
 --sports ...
\t\t\t\tmatch source port(s)
[!] --destination-ports port[,port:port,port...]
 --dports ...
\t\t\t\tmatch destination port(s)
[!] --ports port[,port:port,port]
\t\t\t\tmatch both source and destination port(s)
`,
  physdev: `physdev match options:
 [!] --physdev-in inputname[+]\t\tbridge port name ([+] for wildcard)
 [!] --physdev-out outputname[+]\tbridge port name ([+] for wildcard)
 [!] --physdev-is-in\t\t\tarrived on a bridge device
 [!] --physdev-is-out\t\t\twill leave on a bridge device
 [!] --physdev-is-bridged\t\tit's a bridged packet
`,
  pkttype: `pkttype match options:
[!] --pkt-type packettype    match packet type
Valid packet types:
\tunicast       \t\tto us
\tbroadcast     \t\tto all
\tmulticast     \t\tto group
\totherhost     \t\tto someone else

`,
  state: `state match options:
 [!] --state [INVALID|ESTABLISHED|NEW|RELATED|UNTRACKED][,...]
\t\t\t\tState(s) to match
`,
  tcp: `tcp match options:
[!] --tcp-flags mask comp\tmatch when TCP flags & mask == comp
\t\t\t\t(Flags: SYN ACK FIN RST URG PSH ALL NONE)
[!] --syn\t\t\tmatch when only SYN flag set
\t\t\t\t(equivalent to --tcp-flags SYN,RST,ACK,FIN SYN)
[!] --source-port port[:port]
 --sport ...
\t\t\t\tmatch source port(s)
[!] --destination-port port[:port]
 --dport ...
\t\t\t\tmatch destination port(s)
[!] --tcp-option number        match if TCP option set
`,
  udp: `udp match options:
[!] --source-port port[:port]
 --sport ...
\t\t\t\tmatch source port(s)
[!] --destination-port port[:port]
 --dport ...
\t\t\t\tmatch destination port(s)
`,
  CHECKSUM: `CHECKSUM target options
  --checksum-fill\t\t\tFill in packet checksum.
`,
  CONNMARK: `CONNMARK target options:
  --set-xmark value[/ctmask]    Zero mask bits and XOR ctmark with value
  --save-mark [--ctmask mask] [--nfmask mask]
                                Copy ctmark to nfmark using masks
  --restore-mark [--ctmask mask] [--nfmask mask]
                                Copy nfmark to ctmark using masks
  --set-mark value[/mask]       Set conntrack mark value
  --save-mark [--mask mask]     Save the packet nfmark in the connection
  --restore-mark [--mask mask]  Restore saved nfmark value
  --and-mark value              Binary AND the ctmark with bits
  --or-mark value               Binary OR  the ctmark with bits
  --xor-mark value              Binary XOR the ctmark with bits
  --left-shift-mark value       Left shift the ctmark with bits
  --right-shift-mark value      Right shift the ctmark with bits
`,
  CT: `CT target options:
 --notrack\t\t\tDon't track connection
 --helper name\t\t\tUse conntrack helper 'name' for connection
 --timeout name \t\tUse timeout policy 'name' for connection
 --ctevents event[,event...]\tGenerate specified conntrack events for connection
 --expevents event[,event...]\tGenerate specified expectation events for connection
 --zone {ID|mark}\t\tAssign/Lookup connection in zone ID/packet nfmark
 --zone-orig {ID|mark}\t\tSame as 'zone' option, but only applies to ORIGINAL direction
 --zone-reply {ID|mark} \tSame as 'zone' option, but only applies to REPLY direction
`,
  DNAT: `DNAT target options:
 --to-destination [<ipaddr>[-<ipaddr>]][:port[-port[/port]]]
\t\t\t\tAddress to map destination to.
[--random] [--persistent]
`,
  LOG: `LOG target options:
 --log-level level\t\tLevel of logging (numeric or see syslog.conf)
 --log-prefix prefix\t\tPrefix log messages with this prefix.
 --log-tcp-sequence\t\tLog TCP sequence numbers.
 --log-tcp-options\t\tLog TCP options.
 --log-ip-options\t\tLog IP options.
 --log-uid\t\t\tLog UID owning the local socket.
 --log-macdecode\t\tDecode MAC addresses and protocol.
`,
  MARK: `MARK target options:
  --set-xmark value[/mask]  Clear bits in mask and XOR value into nfmark
  --set-mark value[/mask]   Clear bits in mask and OR value into nfmark
  --and-mark bits           Binary AND the nfmark with bits
  --or-mark bits            Binary OR the nfmark with bits
  --xor-mark bits           Binary XOR the nfmark with bits
`,
  MASQUERADE: `MASQUERADE target options:
 --to-ports <port>[-<port>]
\t\t\t\tPort (range) to map to.
 --random
\t\t\t\tRandomize source port.
 --random-fully
\t\t\t\tFully randomize source port.
`,
  NETMAP: `NETMAP target options:
  --to address[/mask]
\t\t\t\tNetwork address to map to.

`,
  NOTRACK: `NOTRACK does not take any options
`,
  REDIRECT: `REDIRECT target options:
 --to-ports <port>[-<port>]
\t\t\t\tPort (range) to map to.
 [--random]
`,
  REJECT: `REJECT target options:
--reject-with type              drop input packet and send back
                                a reply packet according to type:
Valid reject types:
    icmp-net-unreachable     \tICMP network unreachable
    net-unreach              \talias
    icmp-host-unreachable    \tICMP host unreachable
    host-unreach             \talias
    icmp-proto-unreachable   \tICMP protocol unreachable
    proto-unreach            \talias
    icmp-port-unreachable    \tICMP port unreachable (default)
    port-unreach             \talias
    icmp-net-prohibited      \tICMP network prohibited
    net-prohib               \talias
    icmp-host-prohibited     \tICMP host prohibited
    host-prohib              \talias
    tcp-reset                \tTCP RST packet
    tcp-rst                  \talias
    icmp-admin-prohibited    \tICMP administratively prohibited (*)
    admin-prohib             \talias

(*) See man page or read the INCOMPATIBILITES file for compatibility issues.
`,
  SNAT: `SNAT target options:
 --to-source [<ipaddr>[-<ipaddr>]][:port[-port]]
\t\t\t\tAddress to map source to.
[--random] [--random-fully] [--persistent]
`,
  TCPMSS: `TCPMSS target mutually-exclusive options:
  --set-mss value               explicitly set MSS option to specified value
  --clamp-mss-to-pmtu           automatically clamp MSS value to (path_MTU - 20)
`,
  TTL: `TTL target options
  --ttl-set value\t\tSet TTL to <value 0-255>
  --ttl-dec value\t\tDecrement TTL by <value 1-255>
  --ttl-inc value\t\tIncrement TTL by <value 1-255>
`,
  standard: `standard match options:
(If target is DROP, ACCEPT, RETURN or nothing)
`,
  icmp: `icmp match options:
[!] --icmp-type typename\tmatch icmp type
[!] --icmp-type type[/code]\t(or numeric type or type/code)
Valid ICMP Types:
${icmpTypeList()}`,
};

export const extensionHelp = (name: string): string => `\n${TEXTS[name] ?? ""}`;
