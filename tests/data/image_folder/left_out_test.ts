import assert from "#assert";
import { groupedByReason, isUnreadable, type LeftOut, sentenceOf } from "../../../data/image_folder/left_out.ts";

Deno.test("files are counted by reason and named below the folder, the first four", () => {
  const others = ["5", "3", "1", "2", "4"].map((name): LeftOut => ({ path: `/data/${name}.txt`, reason: "other" }));
  const groups = groupedByReason([...others, { path: "/data/a.bmp", reason: "other format" }]);
  assert.deepEqual(groups.map(({ count }) => count), [1, 5]);
  assert.deepEqual(groups.map((group) => sentenceOf(group, "/data")), [
    "left out pictures that need converting to jpg or png (1): a.bmp",
    "left out other files (5): 1.txt, 2.txt, 3.txt, 4.txt and 1 more",
  ]);
});

Deno.test("only what may be a picture of a class counts as unreadable", () => {
  const of = (reason: LeftOut["reason"]) => isUnreadable({ path: "", reason });
  assert.ok((["empty", "damaged", "dead link", "no access", "no file", "too large", "bad name"] as const).every(of));
  assert.ok(!(["other", "other format", "system", "linked again", "beside the classes"] as const).some(of));
});
