/**
 * What must stand before a test file is loaded.
 *
 * Property tests draw from one fixed seed, so that the same tests give the same verdict everywhere and a red run can be
 * had again. `XENLAB_TEST_SEED=N npm test` looks elsewhere; `XENLAB_TEST_SEED=random` looks somewhere new each time.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { watchLedgers } from "./kit/ledger.ts";

const wish = process.env["XENLAB_TEST_SEED"] ?? "20241107";
if (wish !== "random") fc.configureGlobal({ seed: Number(wish) });

// Ink asks for colours as it is loaded: the terminal's door sets this too. Elsewhere it would colour what children print.
if (expect.getState().testPath?.includes("/test/tui/") === true) process.env["FORCE_COLOR"] = "1";

watchLedgers();
