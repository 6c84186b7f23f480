import assert from "#assert";
import { alternatingFlip } from "../../data/alternating_flip.ts";

const flips = (epoch: number, seed = 1) =>
  Array.from({ length: 1000 }, (_, image) => alternatingFlip({ seed, image, epoch }));

Deno.test("about half of the pictures are mirrored in the first epoch, by the seed", () => {
  const mirrored = flips(0).filter((flip) => flip).length;
  assert.ok(Math.abs(mirrored - 500) < 80, `${mirrored}`);
  assert.notDeepEqual(flips(0, 2), flips(0, 1));
});

Deno.test("every picture is mirrored in every other epoch", () => {
  for (let epoch = 1; epoch < 5; epoch++) assert.deepEqual(flips(epoch), flips(epoch - 1).map((flip) => !flip));
});
