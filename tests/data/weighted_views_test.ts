import assert from "#assert";
import { testViews } from "../../data/evaluation_views.ts";
import { WHOLE } from "../../data/view.ts";
import { weightedViews, weightedViewsNames } from "../../data/weighted_views.ts";

const SHAPE = [32, 32, 3] as const;

Deno.test("the shares of any list of views sum to 1, and no view is twice in it", () => {
  for (const name of weightedViewsNames) {
    const views = weightedViews(name, SHAPE);
    assert.ok(Math.abs(views.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
    assert.equal(new Set(views.map(({ view }) => JSON.stringify(view))).size, views.length);
  }
});

Deno.test("views that have no weights of their own count equally", () => {
  assert.deepEqual(
    weightedViews("10-crop", SHAPE),
    testViews("10-crop", SHAPE).map((view) => ({ view, share: 1 / 10 })),
  );
});

Deno.test("flip-shift is airbench's six views: the image half, moved by a pixel along the diagonal a quarter each, and mirrored", () => {
  const moved = (by: number, mirrored: boolean) => ({ mirrored, down: by, right: by, border: "reflect" });
  assert.deepEqual(weightedViews("flip-shift", SHAPE), [
    { view: WHOLE, share: 1 / 4 },
    { view: moved(-1, false), share: 1 / 8 },
    { view: moved(1, false), share: 1 / 8 },
    { view: { ...WHOLE, mirrored: true }, share: 1 / 4 },
    { view: moved(-1, true), share: 1 / 8 },
    { view: moved(1, true), share: 1 / 8 },
  ]);
});
