import assert from "#assert";
import { transferTable } from "../../bench/transfer_table.ts";

const size = { pictures: 50, epochs: 3 };
const cell = { ...size, arm: "scratch" as const, seed: 1, trained: 100, processorSeconds: 1 };

Deno.test("the table has the mean and the range of the seeds, one number for one seed, and an empty cell for none", () => {
  const cells = [
    ...[0.9, 0.92, 0.97].map((accuracy, at) => ({ ...cell, seed: at, accuracy })),
    { ...cell, arm: "carried" as const, accuracy: 1 },
  ];
  const table = transferTable(cells, [size], ["scratch", "network", "carried"], 2);
  assert.equal(table.split("\n")[2], "| 50 | 3 | 93.0 % (90.0 to 97.0) |  | 100.0 % |");
});

Deno.test("a row says if classes have fewer pictures than it wants", () => {
  const rows = transferTable([{ ...cell, trained: 88, accuracy: 0.5 }], [size], ["scratch"], 2).split("\n");
  assert.equal(rows[2], "| 50, or all (mean 44) | 3 | 50.0 % |");
});

Deno.test("another number of epochs is another row", () => {
  const sizes = [size, { pictures: 50, epochs: 9 }];
  const rows = transferTable([{ ...cell, accuracy: 0.5 }], sizes, ["scratch"], 2).split("\n");
  assert.deepEqual(rows.slice(2), ["| 50 | 3 | 50.0 % |", "| 50 | 9 |  |"]);
});
