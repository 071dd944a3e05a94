/**
 * The open sockets of a namespace with the numbers that a kernel gives them: sockfs an inode when a socket is made
 * (sock_alloc), sock_diag a cookie when somebody first looks at it (sock_gen_cookie). Both counters belong to the whole
 * kernel; here each namespace has its own, and nothing else takes inodes.
 */

/** What is counted: stack's Socket. */
interface Counted {
  readonly closed: boolean;
}

/** Inodes of a booted Debian that nothing has been done with start about here. */
const FIRST_INODE = 16_384;

export class SocketCensus {
  /** In order of birth. */
  readonly open = new Set<Counted>();
  private lastInode = FIRST_INODE;
  private lastCookie = 0;

  /** Answers the inode. */
  enter(socket: Counted): number {
    this.open.add(socket);
    return ++this.lastInode;
  }

  leave(socket: Counted): void {
    this.open.delete(socket);
  }

  nextCookie(): number {
    return ++this.lastCookie;
  }
}
