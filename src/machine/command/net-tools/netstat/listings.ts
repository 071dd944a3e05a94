/** The lists of netstat that name hosts: routes and sockets. */
import { ANY_IPV4, type Ipv4 } from "../../../../packet/address.ts";
import type { Process } from "../../../process.ts";
import { type HostNames, NamedListing } from "../../../program/named-listing.ts";
import { routeCacheText, routeHosts, routesText } from "../route-print.ts";
import { type SocketSettings, socketsText, wantedSockets } from "./sockets.ts";

export interface Missing {
  readonly names: readonly string[];
  /** It was asked for. */
  readonly isError: boolean;
}

interface RouteSettings {
  readonly extension: number;
  readonly isNumeric: boolean;
  readonly hasFib: boolean;
  readonly hasCache: boolean;
}

export class Routes extends NamedListing {
  private readonly settings: RouteSettings;

  constructor(settings: RouteSettings) {
    super();
    this.settings = settings;
  }

  protected addresses({ machine }: Process): readonly Ipv4[] | null {
    return this.settings.isNumeric ? null : routeHosts(machine);
  }

  protected print(process: Process, names: HostNames): number {
    const { extension, hasFib, hasCache } = this.settings;
    if (hasFib) process.print(routesText(process.machine, extension, names));
    if (hasCache) process.print(routeCacheText(extension));
    return 0;
  }
}

export class Sockets extends NamedListing {
  private readonly settings: SocketSettings;
  private readonly isNumeric: boolean;
  private readonly missing: Missing;

  constructor(settings: SocketSettings, isNumeric: boolean, missing: Missing) {
    super();
    this.settings = settings;
    this.isNumeric = isNumeric;
    this.missing = missing;
  }

  protected addresses({ machine }: Process): readonly Ipv4[] | null {
    if (this.isNumeric) return null;
    const ends = wantedSockets(machine, this.settings).flatMap(({ local, remote }) => [local, remote]);
    return ends.filter((address) => address !== ANY_IPV4);
  }

  protected print(process: Process, names: HostNames): number {
    process.print(socketsText(process.machine, this.settings, names));
    for (const name of this.missing.names) process.error(noSupport(name));
    return Number(this.missing.isError);
  }
}

export const noSupport = (what: string): string => `netstat: no support for \`${what}' on this system.\n`;
