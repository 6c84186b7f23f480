/** The results that documents quote are those of docs/results. */
import assert from "#assert";
import { quoting, readQuotedRuns, withResults } from "../../bench/results.ts";
import { readDocument } from "../support/markdown.ts";

const runs = await readQuotedRuns();

for (const path of quoting) {
  Deno.test(`${path} quotes the results of docs/results; deno task results writes them`, async () => {
    const text = await readDocument(path);
    assert.match(text, /<!-- results:begin/);
    assert.equal(text, withResults(text, runs));
  });
}

Deno.test("each run's accuracy is the share of its correct images, and its exported model reaches it", () => {
  for (const { evaluation: { correct, images, accuracy }, parity } of Object.values(runs)) {
    assert.equal(accuracy, correct / images);
    assert.equal(parity.test.accuracy, accuracy);
  }
});

Deno.test("a marked place is filled, and text around it stays", () => {
  const document = "before\n<!-- results:begin quick -->\nold\n<!-- results:end -->\nafter\n";
  const filled = withResults(document, runs);
  assert.match(filled, /^before\n[\s\S]*test accuracy[\s\S]*\nafter\n$/);
  assert.doesNotMatch(filled, /old/);
  assert.throws(() => withResults(document.replace("quick", "slow"), runs), /no text "slow"/);
});
