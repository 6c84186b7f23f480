import assert from "#assert";
import { chosenOf, digestsOf, pictureBytes } from "../../data/digested_pictures.ts";

const imageShape = [2, 2, 3] as const;

Deno.test("a digest is the first 52 bits of the picture's SHA-256", async () => {
  const images = Uint8Array.from({ length: 24 }, (_, at) => 7 * at);
  const digests = digestsOf({ imageShape, train: { count: 2, images, labels: Uint8Array.of(0, 1) } });
  for (const [at, digest] of digests.entries()) {
    const bytes = await crypto.subtle.digest("SHA-256", images.slice(12 * at, 12 * (at + 1)));
    const first = new DataView(bytes), bits = first.getUint32(0) * 2 ** 20 + (first.getUint32(4) >>> 12);
    assert.equal(digest, bits / 2 ** 52);
  }
});

Deno.test("chosen pictures keep their order and their labels", () => {
  const images = Uint8Array.from({ length: 36 }, (_, at) => at);
  const split = { count: 3, images, labels: Uint8Array.of(5, 6, 7) };
  assert.equal(pictureBytes(imageShape), 12);
  assert.deepEqual(chosenOf(split, imageShape, (at) => at !== 1), {
    count: 2,
    images: Uint8Array.of(...images.slice(0, 12), ...images.slice(24)),
    labels: Uint8Array.of(5, 7),
  });
});
