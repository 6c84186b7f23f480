/** The operations of automatic augmentation against torchvision's, which torchvision_reference.py wrote. */
import assert from "#assert";
import type { BytePicture } from "../../../data/policies/byte_picture.ts";
import { cifarPolicy } from "../../../data/policies/cifar_policy.ts";
import { magnitudeOf, narrow, type OperationName, operations, wide } from "../../../data/policies/operations.ts";
import { autoAugment, randAugment, trivialAugment } from "../../../data/policies/policies.ts";
import { type Stream, stream } from "../../../data/random.ts";
import { assertClose } from "../../support/assert_close.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import reference from "./torchvision_reference.json" with { type: "json" };

const HEIGHT = 12, WIDTH = 16;
const FILL = [125, 123, 114] as const;

function picture(low: number, high: number, height = HEIGHT, width = WIDTH): BytePicture {
  const next = uniformNumbers(1);
  const bytes = Uint8Array.from({ length: height * width * 3 }, () => Math.floor(low + (high - low) * next()));
  return { height, width, bytes };
}

const pictures: Readonly<Record<string, BytePicture>> = {
  noise: picture(0, 256),
  dim: picture(60, 120),
  flat: picture(77, 78),
  large: picture(40, 200, 32, 32),
};

/** The name here of an operation of torchvision. */
const nameOf = (name: string) => name[0]!.toLowerCase() + name.slice(1) as OperationName;

for (const operation of new Set(reference.cases.map(({ operation }) => operation))) {
  Deno.test(`${operation} gives torchvision's bytes`, () => {
    for (const { picture: name, magnitude, bytes } of reference.cases.filter((each) => each.operation === operation)) {
      const result = operations[nameOf(operation)].apply(pictures[name]!, magnitude, FILL);
      assert.deepEqual(result.bytes, Uint8Array.fromBase64(bytes), `${name}, magnitude ${magnitude}`);
    }
  });
}

for (const [policy, scale] of Object.entries({ auto: narrow, rand: narrow, trivial: wide })) {
  Deno.test(`the scale of ${policy} is torchvision's`, () => {
    for (const [name, { magnitudes, signed }] of Object.entries(reference.scales[policy as "auto"])) {
      const own = nameOf(name);
      const side = own === "translateY" ? HEIGHT : WIDTH, greatest = Math.max(1, magnitudes.length - 1);
      const levels = magnitudes.map((_, at) => magnitudeOf(scale, own, at / greatest, side));
      assertClose(levels, magnitudes, 1e-6, name);
      assert.equal(operations[own].signed, signed, name);
    }
  });
}

Deno.test("RandAugment and TrivialAugment choose from torchvision's operations", () => {
  const known = Object.keys(reference.scales.rand).map(nameOf);
  assert.deepEqual(Object.keys(operations).filter((name) => name !== "invert").toSorted(), known.toSorted());
  assert.deepEqual(Object.keys(reference.scales.trivial).map(nameOf), known);
});

Deno.test("the policy for CIFAR-10 is torchvision's", () => {
  const published = reference.policy.map((pair) =>
    pair.map(([name, probability, level]) => ({ name: nameOf(name as string), probability, level: level ?? 0 }))
  );
  assert.deepEqual(cifarPolicy, published);
});

/** A stream that draws the given integers and numbers. */
function drawing(integers: number[], uniforms: number[] = []): Stream {
  return {
    ...stream(1, "augmentation"),
    integer: () => integers.shift()!,
    uniform: () => uniforms.shift()!,
  };
}

const expected = (operation: string, magnitude: number) => {
  const { noise } = pictures;
  return operations[nameOf(operation)].apply(noise!, magnitude, FILL).bytes;
};

Deno.test("a policy draws the operation, its level and its sign", () => {
  const { noise } = pictures;
  const at = (name: string) => Object.keys(reference.scales.rand).indexOf(name);
  const rotate = trivialAugment(noise!, drawing([at("Rotate"), 10, 1]), FILL);
  assert.deepEqual(rotate.bytes, expected("Rotate", -45));
  const contrast = randAugment(noise!, 10, drawing([at("Contrast"), 0]), FILL);
  assert.deepEqual(contrast.bytes, expected("Contrast", 0.3));
  // The second pair of the table: rotate with probability 0.7, move with 0.3.
  assert.deepEqual(autoAugment(noise!, drawing([1, 0], [0.69, 0.31]), FILL).bytes, expected("Rotate", 30 * 2 / 9));
  assert.deepEqual(autoAugment(noise!, drawing([1, 1], [0.71, 0.29]), FILL).bytes, expected("TranslateX", -7));
});
