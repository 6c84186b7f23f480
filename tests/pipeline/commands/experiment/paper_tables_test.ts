import assert from "#assert";
import { experiments, experimentTable, rowResult } from "../../../../pipeline/commands/experiment/paper_tables.ts";
import { assertClose } from "../../../support/assert_close.ts";

Deno.test("table 1 has the paper's rows and errors", () => {
  const rows = experiments.table1.rows.map(({ name, settings, paper }) => [name, settings.shake, paper]);
  assert.deepEqual(rows, [
    ["even-even-batch", "even-even-batch", 4.27],
    ["even-shake-batch", "even-shake-batch", 4.44],
    ["shake-keep-batch", "shake-keep-batch", 4.11],
    ["shake-even-batch", "shake-even-batch", 3.47],
    ["shake-shake-batch", "shake-shake-batch", 3.67],
    ["even-shake-image", "even-shake-image", 4.11],
    ["shake-keep-image", "shake-keep-image", 4.09],
    ["shake-even-image", "shake-even-image", 3.47],
    ["shake-shake-image", "shake-shake-image", 3.55],
  ]);
});

Deno.test("a row has the mean of its seeds, and their deviation where there are two", () => {
  const row = experiments.table1.rows[0]!;
  const { mean, deviation, paper } = rowResult(row, [10, 11, 15]);
  assertClose([mean, deviation!, paper!], [12, Math.sqrt((4 + 1 + 9) / 2), 4.27], 1e-12);
  assert.equal(rowResult(row, [10]).deviation, null);
  const text = experimentTable("T", "S.", [rowResult(row, [10, 11, 15]), rowResult({ name: "x", settings: {} }, [1])]);
  assert.match(text, /\| even-even-batch \| 12\.00 \| 2\.65 \| 3 \| 4\.27 \|/);
  assert.match(text, /\| x \| 1\.00 \| {2}\| 1 \| {2}\|/);
});

Deno.test("the name of a data set is shown as written, and is no markup", () => {
  const text = experimentTable("T", "Net on a_b <img src=x> | *c*, 1 epochs.", []);
  assert.equal(text.split("\n")[2], "Net on a\\_b \\<img src\\=x\\> \\| \\*c\\*, 1 epochs.");
});
