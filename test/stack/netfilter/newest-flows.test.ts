/** The newest flows of a table that is too large to walk at every look. */
import { expect, test } from "vitest";
import { Flow } from "../../../src/stack/netfilter/conntrack/flow.ts";
import { FlowTable } from "../../../src/stack/netfilter/conntrack/flow-table.ts";

function flowNumber(id: number): Flow {
  const flow = new Flow(id);
  Object.assign(flow.original, { source: id, destination: 1, sourcePort: 1000, destinationPort: 80, protocol: 17 });
  Object.assign(flow.reply, { source: 1, destination: id, sourcePort: 80, destinationPort: 1000, protocol: 17 });
  return flow;
}

const ids = (table: FlowTable): number[] => table.newest().map(({ id }) => id);
const downFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first - i);

test("a small table: all of them, the newest first, also those that came long ago", () => {
  const table = new FlowTable();
  const flows = Array.from({ length: 40 }, (_, i) => flowNumber(i + 1));
  for (const flow of flows) table.insert(flow);
  expect(ids(table)).toEqual(downFrom(40, 40));
  // Many come and go: the first ones are still there.
  for (let id = 41; id < 500; id++) {
    const passing = flowNumber(id);
    table.insert(passing);
    table.remove(passing);
  }
  expect(ids(table)).toEqual(downFrom(40, 40));
});

test("a large one: the last sixty-four that were put in and are still there", () => {
  const table = new FlowTable();
  const flows = Array.from({ length: 5000 }, (_, i) => flowNumber(i + 1));
  for (const flow of flows) table.insert(flow);
  expect(ids(table)).toEqual(downFrom(5000, 64));
  table.remove(flows.at(-1)!);
  table.remove(flows.at(-3)!);
  expect(ids(table)).toEqual([4999, ...downFrom(4997, 61)]);
});
