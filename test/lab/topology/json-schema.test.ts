import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { printJsonSchema, type SchemaNode, topologyJsonSchema } from "../../../src/lab/topology/json-schema.ts";

describe("topologies/topology.schema.json", () => {
  it("is current: `npx vitest run --config test/vitest.config.ts -u json-schema` writes it anew", async () => {
    await expect(printJsonSchema()).toMatchFileSnapshot("../../../topologies/topology.schema.json");
  });

  it("is JSON with its dialect, a title and no unknown keys allowed", () => {
    const schema = JSON.parse(readFileSync("topologies/topology.schema.json", "utf8"));
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "xenlab topology",
      type: "object",
      additionalProperties: false,
    });
  });

  it("explains every key, and says of every value what it may be", () => {
    const bare: string[] = [];
    const walk = (node: SchemaNode, path: string): void => {
      for (const [key, value] of Object.entries(node.properties ?? {})) {
        if ((value.description ?? "").length < 5) bare.push(`${path}.${key} has no description`);
        walk(value, `${path}.${key}`);
      }
      const inner = [node.items, ...(node.anyOf ?? [])].filter((one) => one !== undefined);
      for (const one of inner) walk(one, path);
      if (typeof node.additionalProperties === "object") walk(node.additionalProperties, `${path}.*`);
      if (!("type" in node || "anyOf" in node || "enum" in node)) bare.push(`${path} may be anything`);
    };
    walk(topologyJsonSchema(), "");
    expect(bare).toEqual([]);
  });
});
