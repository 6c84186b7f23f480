import assert from "#assert";
import { inspect } from "../../../data/inspection/inspection.ts";
import type { InspectedPicture } from "../../../data/inspection/picture.ts";
import { inspectionPage, shownPictures } from "../../../pipeline/report/inspection_page.ts";
import { figure, inspected } from "../../support/inspected.ts";

function inspection(file: (at: number) => string) {
  const pictures = Array.from(
    { length: 60 },
    (_, at): InspectedPicture =>
      inspected(figure(at), {
        file: file(at),
        index: at,
        split: at < 40 ? "train" : "test",
        label: at % 2,
        width: 30 + at,
      }),
  );
  const copy = { ...pictures[0]!, file: "test/copy.png", split: "test" as const };
  return inspect({ labels: ["<i>cat</i>", "dog"], pictures: [...pictures, copy], leftOut: [], isHeldOut: false });
}

Deno.test("the page shows warnings with remedies, copies side by side and samples of the training split alone", async () => {
  const seen = inspection((at) => `train/${at}.png`);
  const shown = shownPictures(seen);
  assert.equal(shown.filter(({ split }) => split === "test").length, 1, "only the copy");
  const urls = new Map(shown.map((picture) => [picture, `data:${picture.file}`]));
  const page = await inspectionPage("pets", seen, urls);
  assert.match(page, /is a copy of one in another split[^]*Delete the copies from the test/);
  assert.match(
    page,
    /The same file<span class="bad">, in several splits<\/span>[^]*data:train\/0\.png[^]*data:test\/copy\.png/,
  );
  assert.match(page, /Sizes: 30 x 32 to 89 x 32/);
});

Deno.test("names of files and classes are text, never markup", async () => {
  const page = await inspectionPage("<b>", inspection((at) => `"><script>${at}</script>.png`), new Map());
  assert.doesNotMatch(page, /<script|<b>|<i>/);
  assert.match(page, /&lt;i&gt;cat/);
});
