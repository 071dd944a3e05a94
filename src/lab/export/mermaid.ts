/** `--to mermaid`: the lab as a flowchart that wikis and forges draw from its text. */
import type { Plan } from "../topology/plan.ts";
import { type Column, diagramOf, type Node } from "./diagram/model.ts";
import type { ExportKind } from "./kind.ts";

export const mermaid: ExportKind = {
  name: "mermaid",
  summary: "a flowchart for a wiki, as text",
  extension: "mmd",
  print,
};

/** Shapes: round for what has an address of its own, a cylinder for a network, boxes for the rest. */
const SHAPES: Readonly<Record<Column, readonly [string, string]>> = {
  guest: ["(", ")"],
  port: ["[", "]"],
  bridge: ["[[", "]]"],
  stack: ["{{", "}}"],
  nic: ["[", "]"],
  network: ["[(", ")]"],
  machine: ["(", ")"],
};

function print(plan: Plan): string {
  const { title, groups, outside, edges } = diagramOf(plan);
  return [
    "---",
    `title: ${JSON.stringify(title)}`,
    "---",
    "flowchart LR",
    ...groups.flatMap((group, i) => [
      `  subgraph host${i + 1}["${escaped(group.title)}"]`,
      ...group.nodes.map((node) => `    ${nodeText(node)}`),
      "  end",
    ]),
    ...outside.map((node) => `  ${nodeText(node)}`),
    ...edges.map(({ from, to, broken }) => `  ${from} ${broken ? "-.-" : "---"} ${to}`),
    "",
  ].join("\n");
}

function nodeText({ id, column, lines }: Node): string {
  const [open, close] = SHAPES[column];
  return `${id}${open}"${lines.map(escaped).join("<br/>")}"${close}`;
}

const escaped = (text: string): string => text.replace(/[&"<>#]/g, (letter) => `#${letter.charCodeAt(0)};`);
