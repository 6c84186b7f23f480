import assert from "#assert";
import type { Name } from "../../onnx/file/encode.ts";
import { ModelBuilder } from "../../onnx/internal.ts";
import { Arithmetic } from "../../export/arithmetic.ts";
import { boxWeights, catmullRom, halfPixel, lanczos } from "../../export/resize_filters.ts";
import { assertClose } from "../support/assert_close.ts";
import { runOnnx } from "../support/run_onnx.ts";

const places = Float32Array.from({ length: 57 }, (_, at) => (at - 28) / 8);

/** The values of a filter at {@linkcode places}. */
async function values(filter: (graph: Arithmetic, x: Name) => Name): Promise<Float32Array> {
  const builder = new ModelBuilder(17), type = { shape: [places.length], dtype: "float32" } as const;
  builder.output("y", filter(new Arithmetic(builder), builder.input("x", type)), type);
  const { y } = await runOnnx(builder.build(), { x: { shape: [places.length], data: places } });
  return y!.data as Float32Array;
}

const sinc = (x: number) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);

Deno.test("Lanczos's filter is sinc(x) sinc(x / 3) within 3", async () => {
  assertClose(await values(lanczos), places.map((x) => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0), 1e-6);
});

Deno.test("the filter of Catmull and Rom passes through its points and sums to 1", async () => {
  const filter = await values(catmullRom);
  const at = (x: number) => filter[Math.round(8 * x) + 28]!;
  assert.deepEqual([-2, -1, 0, 1, 2].map(at).map(Math.abs), [0, 0, 1, 0, 0]);
  for (const x of [0.125, 0.5, 0.75]) assertClose([at(x - 2) + at(x - 1) + at(x) + at(x + 1)], [1], 1e-6);
  assertClose([at(0.5), at(1.5)], [9 / 16, -1 / 16], 1e-6);
});

Deno.test("a move by half a pixel keeps a plain picture and moves a ramp", () => {
  const size = 6, weights = halfPixel(size);
  const moved = (values: readonly number[]) =>
    values.map((_, row) => values.reduce((sum, x, at) => sum + x * weights[row * size + at]!, 0));
  assertClose(moved(Array(size).fill(7)), Array(size).fill(7), 1e-6);
  assertClose(moved([0, 1, 2, 3, 4, 5]).slice(2, 5), [1.5, 2.5, 3.5], 1e-6);
});

Deno.test("boxes are means of their pixels; the last pixel fills the last box", async () => {
  const builder = new ModelBuilder(17), graph = new Arithmetic(builder);
  const number = (value: number) => builder.constant(Float32Array.of(value), [1], "float32");
  const weights = boxWeights(graph, { side: number(5), box: number(2), boxes: number(3), reach: number(1) });
  builder.output("y", weights, { shape: [5, 5], dtype: "float32" });
  const { y } = await runOnnx(builder.build(), {});
  const first = [0.5, 0.5, 0, 0, 0], last = [0, 0, 0, 0, 1];
  assert.deepEqual([...y!.data], [first, first, [0, 0, 0.5, 0.5, 0], last, last].flat());
});
