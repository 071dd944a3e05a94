/** The published JSON schema (draft 2020-12) of `topologies/*.yaml`, from which editors complete and explain keys. */
import { z } from "zod";
import { topologySchema } from "./schema.ts";

/** The part of JSON schema that ours consists of. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

export function topologyJsonSchema(): SchemaNode {
  const generated = z.toJSONSchema(topologySchema, {
    io: "input",
    unrepresentable: "any",
  });
  const { $schema, ...rest } = generated;
  const title = "xenlab topology";
  const description = "Xen hosts, their guests and the machines around them, as xenlab builds them.";
  return { $schema, title, description, ...rest } as SchemaNode;
}

/** The text of topologies/topology.schema.json. */
export const printJsonSchema = (): string => `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`;
