/**
 * How `dist` is made from `src`: one file for what every command needs, one for the lab, one for the terminal, each loaded
 * when it is wanted. As 950 modules the lab took a second to load, as three files it takes a third of one.
 *
 * Not minified: a crash names its functions. What others wrote goes in as well, with their licences beside it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig, type Plugin } from "rolldown";

/** The folder of the package that a module is part of. */
function packageOf(module: string): string | null {
  if (!module.includes("node_modules")) return null;
  let folder = dirname(module);
  while (!existsSync(join(folder, "package.json")) || !("version" in packageFile(folder))) folder = dirname(folder);
  return folder;
}

const packageFile = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;

function licenceOf(folder: string): string {
  const { name, version, license } = packageFile(folder);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? String(license) : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}

const licences: Plugin = {
  name: "licences",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
    const packages = new Set(modules.map(packageOf).filter((folder) => folder !== null));
    const source = [...packages]
      .sort()
      .map(licenceOf)
      .join(`\n${"-".repeat(80)}\n\n`);
    this.emitFile({ type: "asset", fileName: "LICENSES.txt", source });
  },
};

export default defineConfig({
  input: "src/cli/main.ts",
  platform: "node",
  tsconfig: "tsconfig.json",
  // React's other build is slower and leaks.
  transform: { define: { "process.env.NODE_ENV": '"production"' } },
  // Asked for by Ink alone, when somebody debugs Ink.
  external: ["react-devtools-core"],
  plugins: [licences],
  output: {
    dir: "dist",
    cleanDir: true,
    entryFileNames: "cli/[name].js",
    chunkFileNames: "cli/[name].js",
    // Left to itself the bundler lets the lab's file load the terminal's.
    codeSplitting: { groups: [{ name: "lab", test: /src.(base|engine|packet|device|stack|xen|machine|lab)./ }] },
  },
});
