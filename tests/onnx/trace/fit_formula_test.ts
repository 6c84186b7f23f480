import assert from "#assert";
import { fitFormula, fitSize } from "../../../onnx/trace/fit_formula.ts";

const [n, m] = [[7, 5, 12, 10], [11, 13, 8, 18]] as const;
const inputs = [n, m];
const of = (fn: (n: number, m: number) => number) => n.map((size, at) => fn(size, m[at]!));

Deno.test("a size is a product of sizes, times a fraction, plus a number", () => {
  assert.deepEqual(fitSize(of((n) => n + 2), inputs), {
    factor: 1,
    sizes: [-1],
    offset: 2,
    divisor: 1,
    inverse: false,
  });
  assert.deepEqual(fitSize(of((n, m) => 3 * n * m), inputs), {
    factor: 3,
    sizes: [-1, -2],
    offset: 0,
    divisor: 1,
    inverse: false,
  });
  const halves = [[64, 96, 160, 288]];
  assert.deepEqual(fitSize([32, 48, 80, 144], halves), {
    factor: 1,
    sizes: [-1],
    offset: 0,
    divisor: 2,
    inverse: false,
  });
});

Deno.test("a half rounded up, or cut off at a number, is no such size", () => {
  assert.equal(fitSize(of((n) => Math.ceil(n / 2)), inputs), undefined);
  assert.equal(fitSize(of((n) => Math.floor(n / 2)), inputs), undefined);
  assert.equal(fitSize(of((n) => Math.min(n, 8)), inputs), undefined);
});

Deno.test("a float32 may be divided by a product", () => {
  const share = of((n, m) => Math.fround(2.5 / (n * m)));
  const { factor, ...rest } = fitFormula(share, inputs)!;
  assert.deepEqual(rest, { sizes: [-1, -2], offset: 0, divisor: 1, inverse: true });
  assert.ok(Math.abs(factor - 2.5) < 1e-6);
  assert.equal(fitFormula(of((n) => Math.sqrt(n)), inputs), undefined);
});
