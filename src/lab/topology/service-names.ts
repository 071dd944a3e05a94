/** The services that a topology may ask of a machine: who serves each, and on which UDP port. */
const DAEMONS = { echo: ["echod", 7], dhcp: ["dnsmasq", 67], dns: ["dnsmasq", 53] } as const;

export const SERVICES: readonly string[] = Object.keys(DAEMONS);

const known = (service: string): readonly [string, number] => DAEMONS[service as keyof typeof DAEMONS];

export const daemonOf = (service: string): string => known(service)[0];
export const portOf = (service: string): number => known(service)[1];
