import assert from "#assert";
import { testViews } from "../../data/evaluation_views.ts";
import { WHOLE } from "../../data/view.ts";

const views = (name: Parameters<typeof testViews>[0]) => testViews(name, [32, 32, 3]);

Deno.test("views: the image, with its mirror image, five crops of the padded image, and those mirrored too", () => {
  assert.deepEqual(views("none"), [WHOLE]);
  assert.deepEqual(views("flip"), [WHOLE, { ...WHOLE, mirrored: true }]);
  const places = views("5-crop").map(({ down, right, mirrored }) => [down, right, mirrored]);
  assert.deepEqual(places, [[0, 0, false], [-4, -4, false], [-4, 4, false], [4, -4, false], [4, 4, false]]);
  assert.deepEqual(views("10-crop").map(({ mirrored }) => mirrored), [
    ...Array(5).fill(false),
    ...Array(5).fill(true),
  ]);
  assert.equal(new Set(views("10-crop").map((view) => JSON.stringify(view))).size, 10);
});
