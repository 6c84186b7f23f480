import assert from "#assert";
import { megabytesText, percentText } from "../../export/numbers_as_text.ts";

Deno.test("a share is a percentage with two decimals, and bytes are MB to a tenth", () => {
  assert.deepEqual([0, 0.94601, 1].map(percentText), ["0.00 %", "94.60 %", "100.00 %"]);
  assert.deepEqual([640_602, 12_000_000].map(megabytesText), ["0.6 MB", "12.0 MB"]);
});
