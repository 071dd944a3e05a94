/** The views there are, in the order of their digits. A view is one file and one line here. */
import { captures } from "./captures.ts";
import { map } from "./map.ts";
import { packets } from "./packets.ts";
import { setup } from "./setup.ts";
import { shell } from "./shell.ts";
import type { View } from "./view.ts";

// biome-ignore lint/suspicious/noExplicitAny: each view has a state of its own, which only it looks into
export const VIEWS: readonly View<any>[] = [map, packets, setup, shell, captures];
