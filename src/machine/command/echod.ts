/** The echo service as a command: what `services: [echo]` of a topology starts. */
import type { Command } from "../command.ts";
import { readOptions } from "../options.ts";
import { EchoServer } from "../program/echo-server.ts";

export const echod: Command = {
  name: "echod",
  summary: "Answer UDP datagrams on port 7 with themselves (RFC 862).",
  usage: "echod",
  start(process) {
    const options = readOptions(process, echod);
    return typeof options === "number" ? options : new EchoServer();
  },
};
