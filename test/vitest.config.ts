import { configDefaults, defineConfig } from "vitest/config";
import { FidelityReporter } from "./fidelity/reporter.ts";

const TERMINAL = "test/tui/**/*.test.ts";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    reporters: ["default", new FidelityReporter()],
    setupFiles: ["test/setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Half of the time is spent waiting for the real tools.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: "lab", include: ["test/**/*.test.ts"], exclude: [...configDefaults.exclude, TERMINAL] },
      },
      // Loading the lab, Ink and React takes longer than most of these files: they share it.
      { extends: true, test: { name: "terminal", include: [TERMINAL], isolate: false } },
    ],
  },
});
