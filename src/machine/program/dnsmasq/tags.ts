/** Tags of dnsmasq: labels that a request gathers, and conditions on them (match_netid of dhcp-common.c). */
export type Tags = ReadonlySet<string>;

/** All of them must be there; one with "!" or "#" before it must not. Nothing asked for is always given. */
export const hasTags = (needs: readonly string[], tags: Tags): boolean =>
  needs.every((need) => (/^[!#]/.test(need) ? !tags.has(need.slice(1)) : tags.has(need)));
