/** What dhclient is told on its command line, and what it says of itself: isc-dhcp 4.4.3-P1. */
export interface DhclientSettings {
  readonly device: string;
  readonly isVerbose: boolean;
  /** -d; -nw goes away before there is a lease. */
  readonly staysInForeground: boolean;
  readonly leavesAtOnce: boolean;
  /** -1 */
  readonly triesOnce: boolean;
  /** -r, -x */
  readonly does: "run" | "release" | "stop";
  readonly leaseFile: string;
  readonly pidFile: string | null;
}

export const BANNER = `Internet Systems Consortium DHCP Client 4.4.3-P1
Copyright 2004-2022 Internet Systems Consortium.
All rights reserved.
For info, please visit https://www.isc.org/software/dhcp/
`;
export const FATAL = `
If you think you have received this message due to a bug rather
than a configuration issue please read the section on submitting
bugs on either our web page at www.isc.org or in the README file
before submitting a bug.  These pages explain the proper
process and the information we find helpful for debugging.

exiting.
`;

/** The `request` statement of Debian's dhclient.conf, as far as it is about IPv4. */
export const ASKS: readonly number[] = [1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42];
