/**
 * The sysctls of a namespace as numbers, for the deciding code. Field names are the kernel's own file names, so that
 * `/proc/sys` and the code agree without a table of translations.
 * Follows net/ipv4/devinet.c (devinet_conf_proc, inet_forward_change) and net/core/neighbour.c (neigh_proc_update).
 */

/** net.ipv4.conf.*; ipv4_devconf. What is listed but not read by any code yet keeps its value and does nothing. */
export const CONF_DEFAULTS = {
  accept_local: 0,
  accept_redirects: 1,
  accept_source_route: 0,
  arp_accept: 0,
  arp_announce: 0,
  arp_filter: 0,
  arp_ignore: 0,
  arp_notify: 0,
  bc_forwarding: 0,
  drop_gratuitous_arp: 0,
  drop_unicast_in_l2_multicast: 0,
  forwarding: 0,
  ignore_routes_with_linkdown: 0,
  log_martians: 0,
  mc_forwarding: 0,
  medium_id: 0,
  promote_secondaries: 0,
  proxy_arp: 0,
  proxy_arp_pvlan: 0,
  route_localnet: 0,
  rp_filter: 0,
  secure_redirects: 1,
  send_redirects: 1,
  shared_media: 1,
  src_valid_mark: 0,
};
export type Conf = typeof CONF_DEFAULTS;

/** net.ipv6.conf.*: what set-up scripts write to keep IPv6 off a device. There is no IPv6 that would read it. */
export const CONF6_DEFAULTS = { accept_ra: 1, autoconf: 1, disable_ipv6: 0, forwarding: 0 };
export type Conf6 = typeof CONF6_DEFAULTS;

/** net.ipv4.neigh.*; arp_tbl in net/ipv4/arp.c. Units as in /proc: _ms, seconds, and hundredths for delay and lock. */
export const NEIGHBOUR_DEFAULTS = {
  app_solicit: 0,
  base_reachable_time_ms: 30_000,
  delay_first_probe_time: 5,
  gc_stale_time: 60,
  locktime: 100,
  mcast_resolicit: 0,
  mcast_solicit: 3,
  proxy_delay: 80,
  proxy_qlen: 64,
  retrans_time_ms: 1000,
  ucast_solicit: 3,
  unres_qlen: 101,
};
export type NeighbourConf = typeof NEIGHBOUR_DEFAULTS;

/** Only under net.ipv4.neigh.default. */
export const NEIGHBOUR_TABLE_DEFAULTS = { gc_thresh1: 128, gc_thresh2: 512, gc_thresh3: 1024 };

/** net.ipv4.* */
export const IPV4_DEFAULTS = {
  fwmark_reflect: 0,
  icmp_echo_ignore_all: 0,
  icmp_echo_ignore_broadcasts: 1,
  icmp_errors_use_inbound_ifaddr: 0,
  icmp_msgs_burst: 50,
  icmp_msgs_per_sec: 1000,
  icmp_ratelimit: 1000,
  icmp_ratemask: 6168,
  ip_default_ttl: 64,
  ip_forward: 0,
  ip_forward_use_pmtu: 0,
  ip_no_pmtu_disc: 0,
  ipfrag_high_thresh: 4_194_304,
  ipfrag_time: 30,
};

/** net.ipv4.route.*; those of errors and redirects in ticks of a kernel with HZ=250. */
export const ROUTE_DEFAULTS = {
  error_burst: 1250,
  error_cost: 250,
  min_pmtu: 552,
  mtu_expires: 600,
  redirect_load: 5,
  redirect_number: 9,
  redirect_silence: 5120,
};
export type RouteSettings = typeof ROUTE_DEFAULTS;

/** net.core.* */
export const CORE_DEFAULTS = { rmem_default: 212_992, rmem_max: 212_992, wmem_default: 212_992, wmem_max: 212_992 };

/** One directory with `default` and a place per device: a device follows `default` in what was not set for it. */
export class DeviceSettings<Values extends Record<string, number>> {
  readonly defaults: Values;
  /** By ifindex: every packet asks a few times. */
  private readonly devices: (Values | undefined)[] = [];
  private readonly explicit = new Map<number, Set<string>>();

  constructor(defaults: Values) {
    this.defaults = { ...defaults };
  }

  /** The settings of one device; those of `default` before it is known. */
  of(ifindex: number): Values {
    return this.devices[ifindex] ?? this.defaults;
  }

  add(ifindex: number): void {
    this.devices[ifindex] = { ...this.defaults };
    this.explicit.set(ifindex, new Set());
  }

  remove(ifindex: number): void {
    this.devices[ifindex] = undefined;
    this.explicit.delete(ifindex);
  }

  set(ifindex: number, key: keyof Values & string, value: number): void {
    write(this.of(ifindex), key, value);
    this.explicit.get(ifindex)?.add(key);
  }

  setDefault(key: keyof Values & string, value: number): void {
    write(this.defaults, key, value);
    for (const [ifindex, keys] of this.explicit) {
      if (!keys.has(key)) write(this.of(ifindex), key, value);
    }
  }

  /** For ip_forward, which overrules what was set per device. */
  setEverywhere(key: keyof Values & string, value: number): void {
    write(this.defaults, key, value);
    for (const ifindex of this.explicit.keys()) write(this.of(ifindex), key, value);
  }
}

function write<Values extends Record<string, number>>(values: Values, key: keyof Values & string, value: number): void {
  (values as Record<string, number>)[key] = value;
}

export class Settings {
  readonly ipv4 = { ...IPV4_DEFAULTS };
  readonly route = { ...ROUTE_DEFAULTS };
  readonly core = { ...CORE_DEFAULTS };
  readonly all: Conf = { ...CONF_DEFAULTS };
  /** ipv4_devconf_dflt: where `all` says no, nobody minds that a device says yes. */
  readonly conf = new DeviceSettings<Conf>({ ...CONF_DEFAULTS, accept_source_route: 1 });
  readonly all6: Conf6 = { ...CONF6_DEFAULTS };
  readonly conf6 = new DeviceSettings<Conf6>(CONF6_DEFAULTS);
  readonly neighbour = new DeviceSettings<NeighbourConf>(NEIGHBOUR_DEFAULTS);
  readonly neighbourTable = { ...NEIGHBOUR_TABLE_DEFAULTS };
  readonly localPorts = [32_768, 60_999];
  /** GLOBAL_ROOT_GID to 0 (inet_init_net): nobody may open a ping socket. */
  readonly pingGroups = [1, 0];

  addDevice(ifindex: number): void {
    this.conf.add(ifindex);
    this.conf6.add(ifindex);
    this.neighbour.add(ifindex);
  }

  removeDevice(ifindex: number): void {
    this.conf.remove(ifindex);
    this.conf6.remove(ifindex);
    this.neighbour.remove(ifindex);
  }

  /** IN_DEV_FORWARD: the device's word alone. */
  forwards(ifindex: number): boolean {
    return this.conf.of(ifindex).forwarding !== 0;
  }

  /** IN_DEV_ORCONF: set for all or for the device. */
  either(ifindex: number, key: keyof Conf): boolean {
    return this.all[key] !== 0 || this.conf.of(ifindex)[key] !== 0;
  }

  /** IN_DEV_ANDCONF: set for all and for the device. */
  both(ifindex: number, key: keyof Conf): boolean {
    return this.all[key] !== 0 && this.conf.of(ifindex)[key] !== 0;
  }

  /** IN_DEV_MAXCONF: the greater of the two. */
  greater(ifindex: number, key: keyof Conf): number {
    return Math.max(this.all[key], this.conf.of(ifindex)[key]);
  }

  /** inet_forward_change: a router does not listen to redirects. */
  setForwarding(on: number): void {
    this.ipv4.ip_forward = on;
    this.all.forwarding = on;
    this.all.accept_redirects = on === 0 ? 1 : 0;
    this.conf.setEverywhere("forwarding", on);
  }

  /** addrconf_fixup_forwarding, addrconf_disable_ipv6: IPv6 takes these two over from `all`, and nothing from `default`. */
  set6(key: "forwarding" | "disable_ipv6", value: number): void {
    this.all6[key] = value;
    this.conf6.setEverywhere(key, value);
  }
}
