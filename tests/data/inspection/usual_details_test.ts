import assert from "#assert";
import { detailsOfCopies } from "../../../data/inspection/usual_details.ts";
import { figure, inspected } from "../../support/inspected.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

/** Pictures that share a pattern, as forms do, with noise of their own. */
function forms(count: number, label: number): Uint8Array[] {
  const next = uniformNumbers(label), pattern = figure(label);
  return Array.from({ length: count }, () => pattern.map((value) => Math.max(0, value / 1.2 + 4 * next())));
}

Deno.test("copies of photographs need 0.7; copies among pictures that share their details need more", () => {
  const pictures = [
    ...Array.from({ length: 40 }, (_, at) => inspected(figure(10 * at), { label: 0, index: at })),
    ...forms(40, 1).map((pixels, index) => inspected(pixels, { label: 1, index })),
  ];
  const least = detailsOfCopies(pictures);
  assert.equal(least(0), 0.7);
  assert.ok(least(1) > 0.8, String(least(1)));
});

Deno.test("a few copies in a class do not make their likeness usual, and a single picture has nothing usual", () => {
  const originals = Array.from({ length: 12 }, (_, at) => figure(10 * at));
  const pictures = [...originals, ...originals.slice(0, 3)].map((pixels, index) => inspected(pixels, { index }));
  assert.equal(detailsOfCopies(pictures)(0), 0.7);
  assert.equal(detailsOfCopies(pictures.slice(0, 1))(0), 0.7);
  assert.equal(detailsOfCopies([])(0), 0.7);
});
