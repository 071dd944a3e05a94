/** Names and numbers of signals as kill(1) reads them. */
import { SIGNALS, type SignalName } from "./process.ts";

/** "INT", "SIGINT", "int" or "2"; null when it is none of ours. */
export function signalNamed(text: string): SignalName | null {
  const word = text.toUpperCase().replace(/^SIG/, "");
  const names = Object.keys(SIGNALS) as SignalName[];
  return names.find((name) => name === word || String(SIGNALS[name]) === word) ?? null;
}
