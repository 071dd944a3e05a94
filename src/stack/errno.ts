/**
 * How the kernel says no: the errno and, for netlink, the sentence of its extended acknowledgement.
 * Follows include/uapi/asm-generic/errno.h and the texts of glibc's strerror.
 */

export const ERRNO_TEXT = {
  EPERM: "Operation not permitted",
  ENOENT: "No such file or directory",
  ESRCH: "No such process",
  EAGAIN: "Resource temporarily unavailable",
  EACCES: "Permission denied",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  EXDEV: "Invalid cross-device link",
  ENODEV: "No such device",
  EINVAL: "Invalid argument",
  ELOOP: "Too many levels of symbolic links",
  EXFULL: "Exchange full",
  EMLINK: "Too many links",
  ERANGE: "Numerical result out of range",
  ENOPROTOOPT: "Protocol not available",
  EPROTO: "Protocol error",
  EOPNOTSUPP: "Operation not supported",
  EDESTADDRREQ: "Destination address required",
  EMSGSIZE: "Message too long",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ENETDOWN: "Network is down",
  ENETUNREACH: "Network is unreachable",
  ENOBUFS: "No buffer space available",
  ENOTCONN: "Transport endpoint is not connected",
  ECONNREFUSED: "Connection refused",
  EHOSTDOWN: "Host is down",
  EHOSTUNREACH: "No route to host",
  ENONET: "Machine is not on the network",
} as const;

export type Errno = keyof typeof ERRNO_TEXT;

/** A request that was turned down. Success is null everywhere. */
export interface Refusal {
  readonly errno: Errno;
  /** The kernel's own sentence, without full stop; null when it gives only the number. */
  readonly message: string | null;
}

export const refuse = (errno: Errno, message: string | null = null): Refusal => ({ errno, message });

/** What iproute2 prints for a refused netlink request. */
export const netlinkText = (refusal: Refusal): string =>
  refusal.message === null ? `RTNETLINK answers: ${ERRNO_TEXT[refusal.errno]}` : `Error: ${refusal.message}.`;
