/** What a lab can be exported to. A new kind is a file beside this and a line below. */
import type { ExportKind } from "./kind.ts";
import { libvirt } from "./libvirt.ts";
import { mermaid } from "./mermaid.ts";
import { netns } from "./netns/netns.ts";
import { svg } from "./svg.ts";
import { xl } from "./xl.ts";

export const EXPORTS: readonly ExportKind[] = [netns, xl, libvirt, mermaid, svg];
