import assert from "#assert";
import { inspect } from "../../../data/inspection/inspection.ts";
import { figure, inspected } from "../../support/inspected.ts";

Deno.test("pictures are counted by split and class, in the order training, validation, test", () => {
  const split = (at: number) => (["test", "train", "validation"] as const)[at % 3]!;
  const pictures = Array.from(
    { length: 12 },
    (_, at) => inspected(figure(at), { index: at, split: split(at), label: at % 2, file: `${at}.png`, width: 40 + at }),
  );
  const { splits, sizes } = inspect({ labels: ["a", "b"], pictures, leftOut: [], isHeldOut: false });
  assert.deepEqual(
    splits,
    (["train", "validation", "test"] as const).map((name) => {
      const own = pictures.filter(({ split }) => split === name);
      return {
        split: name,
        pictures: 4,
        classes: [0, 1].map((label) => own.filter((one) => one.label === label).length),
      };
    }),
  );
  assert.deepEqual(sizes!.width, { least: 40, median: 46, greatest: 51 });
});

Deno.test("records have no sizes, and files that are left out are grouped by reason", () => {
  const leftOut = [{ path: "b.txt", reason: "other" as const }, { path: "a.txt", reason: "other" as const }];
  const pictures = [inspected(figure(1)), inspected(new Uint8Array(3072), { index: 1 })];
  const { sizes, leftOutGroups, blank } = inspect({ labels: ["a"], pictures, leftOut, isHeldOut: false });
  assert.equal(sizes, undefined);
  assert.deepEqual(leftOutGroups, [{ reason: "other files", count: 2, files: ["a.txt", "b.txt"] }]);
  assert.deepEqual(blank, [pictures[1]]);
});
