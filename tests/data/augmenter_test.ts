import assert from "#assert";
import { assertClose } from "../support/assert_close.ts";
import { augmented, data, image, plain } from "../support/augmented_noise.ts";

Deno.test("without steps an image is normalised", () => {
  assertClose(plain, Array.from(image, (byte, at) => (byte / 255 - data.mean[at % 3]!) / data.std[at % 3]!), 1e-6);
});

for (const list of ["flip,pad-crop:3", "alternating-flip,reflect-crop:3", "alternating-flip", "reflect-crop:11"]) {
  Deno.test(`${list}, applied in one pass over the bytes, gives the result of its single steps`, () => {
    for (let place = 0; place < 20; place++) {
      assertClose(augmented(`${list},blur:0`, place), augmented(list, place), 1e-6);
    }
  });
}

Deno.test("steps act in the order in which they are listed", () => {
  // White specks are blurred only if they come first.
  assert.notDeepEqual(augmented("salt-pepper:0.2,blur:2", 3), augmented("blur:2,salt-pepper:0.2", 3));
});
