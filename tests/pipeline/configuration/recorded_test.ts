import assert from "#assert";
import { withEarlierMeaning } from "../../../pipeline/configuration/recorded.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";

const { validation: _, ...earlier } = resolveConfiguration("quick", undefined, {});
const repeated = (values: unknown) => resolveConfiguration("quick", { path: "config.json", values }, {}).validation;

Deno.test("a configuration recorded before there were validation splits validates on the test split", () => {
  assert.equal(repeated(earlier), "test");
  assert.equal(repeated({ ...earlier, validation: "0.2" }), "0.2");
});

Deno.test("a file of a few fields has the defaults of the others", () => {
  assert.equal(repeated({ epochs: 3 }), "0.1");
  assert.deepEqual(withEarlierMeaning({ epochs: 3 }), { epochs: 3 });
});
