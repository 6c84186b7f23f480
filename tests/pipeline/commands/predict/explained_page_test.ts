import assert from "#assert";
import { ExplainedPage } from "../../../../pipeline/commands/predict/explained_page.ts";

const shape = [2, 2, 3] as const;
const explained = { pixels: new Uint8Array(12).fill(9), shape, drawn: new Uint8Array(12).fill(99), drawnShape: shape };

Deno.test("the page shows each explained picture with its map, its likeliest class and if it is unsure", async () => {
  const page = new ExplainedPage();
  await page.draw("explained/1.png", explained);
  await page.draw("explained/2.png", explained);
  const classes = [{ label: "cat & <b>", probability: 0.8 }, { label: "dog", probability: 0.2 }];
  page.add([
    { picture: "a/1.jpg", classes, explanation: "explained/1.png" },
    { picture: "broken.jpg", error: "it is damaged" },
    { picture: "a/2.jpg", classes: classes.toReversed(), unsure: true, explanation: "explained/2.png" },
  ]);
  const document = page.document(), items = document.split("<li>").slice(1);
  assert.equal(items.length, 2);
  assert.equal(document.match(/src="data:image\/webp;base64,/g)?.length, 4);
  assert.match(items[0]!, /cat &amp; &lt;b&gt; 80\.00.%/);
  assert.doesNotMatch(items[0]!, /unsure/);
  assert.match(items[1]!, /dog 20\.00.%[^]*unsure/);
  assert.doesNotMatch(document, /broken\.jpg|The first/);
});

Deno.test("of more pictures than the page shows it says how many there are", async () => {
  const page = new ExplainedPage();
  const classes = [{ label: "cat", probability: 1 }];
  for (let at = 0; at < 201; at++) {
    await page.draw(`${at}.png`, explained);
    page.add([{ picture: `${at}.jpg`, classes, explanation: `${at}.png` }]);
  }
  assert.match(page.document(), /The first 200 of 201 pictures/);
});
