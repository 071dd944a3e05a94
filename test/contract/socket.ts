/**
 * What every socket must do, whatever it carries. Each kind calls this with a way to make one and to send it a message
 * from outside.
 */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { seconds } from "../../src/engine/time.ts";
import type { Socket } from "../../src/stack/socket/socket.ts";
import type { Inbox, Pair } from "../kit/stack.ts";
import { expectBalanced, runFor } from "../kit/world.ts";

export interface SocketCase<Message> {
  /** A socket on box `a` whose owner is `inbox`, ready to hear. */
  open(pair: Pair, inbox: Inbox<Message>): Socket<Message>;
  /** Something for it, of 100 bytes or more. */
  provoke(pair: Pair): void;
  /** A full buffer ends the frame: not so for a tap, which only borrows. */
  readonly owns: boolean;
}

export function socketContract<Message>(
  name: string,
  makePair: () => Pair,
  makeInbox: () => Inbox<Message>,
  kind: SocketCase<Message>,
): void {
  const start = () => {
    const pair = makePair();
    const inbox = makeInbox();
    return { pair, inbox, socket: kind.open(pair, inbox) };
  };
  const provoke = (pair: Pair): void => {
    kind.provoke(pair);
    runFor(pair.world, seconds(0.5));
  };

  describe(`${name}: what every socket does`, () => {
    it("hands messages over as they come", () => {
      const { pair, inbox } = start();
      provoke(pair);
      const first = inbox.messages.length;
      expect(first).toBeGreaterThan(0);
      provoke(pair);
      expect(inbox.messages.length).toBeGreaterThan(first);
      runFor(pair.world, seconds(10));
      expectBalanced(pair.world);
    });

    it("keeps them while the owner does not read, in order, and drops what does not fit", () => {
      const { pair, inbox, socket } = start();
      provoke(pair);
      inbox.messages.length = 0;
      socket.receiveBuffer = 2000;
      socket.hold();
      for (let i = 0; i < 4; i++) provoke(pair);
      expect(inbox.messages).toEqual([]);
      expect(socket.queued).toBeGreaterThan(0);
      expect(socket.queued).toBeLessThanOrEqual(2000);
      expect(socket.dropped).toBeGreaterThan(0);
      expect(pair.world.frames.count(Fate.SOCKET_BUFFER_FULL) > 0).toBe(kind.owns);
      socket.release();
      expect(socket.queued).toBe(0);
      expect(inbox.messages.length).toBeGreaterThan(0);
      runFor(pair.world, seconds(10));
      expectBalanced(pair.world);
    });

    it("hears nothing once closed, and can be closed twice", () => {
      const { pair, inbox, socket } = start();
      socket.close();
      socket.close();
      provoke(pair);
      expect(inbox.messages).toEqual([]);
      runFor(pair.world, seconds(10));
      expectBalanced(pair.world);
    });

    it("can be copied with all that waits in it", () => {
      const { pair, inbox, socket } = start();
      socket.hold();
      provoke(pair);
      const twin = copyGraph({ pair, inbox, socket });
      for (const each of [{ inbox, socket }, twin]) each.socket.release();
      expect(inbox.messages.length).toBeGreaterThan(0);
      expect(twin.inbox.messages).toHaveLength(inbox.messages.length);
    });
  });
}
