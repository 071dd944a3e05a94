/** The services that a topology may ask of a machine: each is a daemon of its name with a d behind it. */
export const SERVICES = ["echo"] as const;

export const daemonOf = (service: string): string => `${service}d`;
