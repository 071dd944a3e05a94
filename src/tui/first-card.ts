/** The card for somebody who is here for the first time: five lines. */
import { Card } from "./chrome/card.tsx";
import type { ChromeState } from "./chrome/chrome.tsx";
import type { Front } from "./front.ts";
import { keyText } from "./keys/keymap.ts";

export function openCard(front: Front): void {
  const name = front.bench?.session.plan.name ?? "";
  const isBegun = (front.bench?.session.lab.now ?? 0) > 0;
  front.open(
    new Card({
      title: "xenlab",
      note: `space ${isBegun ? "runs and pauses" : "starts"} it   any key closes this   F1 shows it again`,
      lines: [
        { key: "", text: `A Xen host's network in your hand: ${name}${isBegun ? "" : ", before its set-up"}.` },
        { key: "space", text: isBegun ? "pauses and runs" : "plays the boot; then a ping runs once a second" },
        { key: viewKeys(front), text: viewNames(front) },
        { key: ":", text: commandText(front) },
        { key: "?", text: "every key of the view in front" },
      ],
      pressed: (key) => {
        if (key === "space") front.act("pause");
      },
    }),
  );
}

/** `:` goes where the Shell is; there the machine is chosen. */
function commandText(front: Front): string {
  const machine = front.bench?.session.shells.front ?? "";
  const next = keyText("alt-right", front.options.ascii);
  return `a command on ${machine}; another machine: 5, then ${next}`;
}

const viewKeys = (front: Front): string => tabsOf(front, ({ key }) => key).join(" ");
const viewNames = (front: Front): string => tabsOf(front, ({ title }) => title).join(", ");

const tabsOf = (front: Front, word: (tab: ChromeState["tabs"][number]) => string): string[] =>
  front.getChrome().tabs.map(word);
