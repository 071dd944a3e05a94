/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): any number of sections, each in its own byte order; interface
 * descriptions anywhere before their first packet; enhanced and simple packet blocks. Other blocks are skipped, among
 * them the obsolete packet block (type 2). Reading stops at the first block that makes no sense.
 */
import { toText } from "../../base/bytes.ts";
import type { CapturedInterface, Ending, Reading } from "./captured.ts";
import { SNAPLEN } from "./limits.ts";
import * as format from "./pcapng-format.ts";

/** Type and length before the body, length again after it. */
const FRAMING = 12;

/** Ends the reading: the one exception here, caught where the blocks are walked. */
class Malformed {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}
