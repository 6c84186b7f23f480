import assert from "#assert";
import type { Picture } from "../../data/picture.ts";
import { movedOverReflection, reflected } from "../../data/reflection.ts";
import { normalisationTable, writeView } from "../../data/view.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("a row of four is seen as d c b a b c d c b a: the border pixel is not repeated", () => {
  const places = Array.from({ length: 10 }, (_, at) => reflected(at - 3, 4));
  assert.deepEqual(places, [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]);
  assert.equal(reflected(-5, 1), 0);
});

/** Pixels of three equal channels. */
const picture = (rows: number[][]): Picture => ({
  height: rows.length,
  width: rows[0]!.length,
  pixels: Float32Array.from(rows.flat().flatMap((value) => [value, value, value])),
});

Deno.test("a picture moved by a pixel shows its second row or column at the border (torch.nn.functional.pad, reflect)", () => {
  const source = picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
  assert.deepEqual(movedOverReflection(source, -1, -1), picture([[5, 4, 5], [2, 1, 2], [5, 4, 5]]));
  assert.deepEqual(movedOverReflection(source, 1, 0), picture([[4, 5, 6], [7, 8, 9], [4, 5, 6]]));
  assert.deepEqual(movedOverReflection(source, 0, 0), source);
});

Deno.test("a view with a reflecting border is the picture mirrored, then moved", () => {
  const bytes = Uint8Array.from({ length: 5 * 4 * 3 }, (_, at) => 7 * at % 251);
  const table = normalisationTable([0, 0, 0], [1, 1, 1]);
  const target = new Float32Array(bytes.length);
  const pixels = Float32Array.from(bytes, (byte) => byte / 255);
  const turned = Float32Array.from(
    pixels,
    (_, at) => pixels[(Math.floor(at / 12) * 4 + 3 - Math.floor(at / 3) % 4) * 3 + at % 3]!,
  );
  for (const mirrored of [false, true]) {
    for (const [down, right] of [[-2, 1], [0, 0], [1, -3]] as const) {
      writeView(bytes, [5, 4, 3], { mirrored, down, right, border: "reflect" }, table, target);
      const source = { height: 5, width: 4, pixels: mirrored ? turned : pixels };
      assertClose(target, movedOverReflection(source, down, right).pixels, 1e-6);
    }
  }
});
