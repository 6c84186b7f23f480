import { eigen } from "../../data/symmetric_eigen.ts";
import { assertClose } from "../support/assert_close.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

Deno.test("A v = l v, and the vectors are orthogonal and of length 1", () => {
  for (const n of [1, 2, 3, 12, 27]) {
    const next = uniformNumbers(n);
    const half = Array.from({ length: n }, () => Array.from({ length: n }, () => 2 * next() - 1));
    const matrix = half.map((row, i) => row.map((value, j) => value + half[j]![i]!));
    const { values, vectors } = eigen(matrix);
    for (let at = 0; at < n; at++) {
      const vector = vectors.map((row) => row[at]!);
      const product = matrix.map((row) => row.reduce((sum, value, k) => sum + value * vector[k]!, 0));
      assertClose(product, vector.map((value) => values[at]! * value), 1e-12);
      const products = vectors[0]!.map((_, other) =>
        vector.reduce((sum, value, k) => sum + value * vectors[k]![other]!, 0)
      );
      assertClose(products, products.map((_, other) => other === at ? 1 : 0), 1e-12);
    }
  }
});

Deno.test("the second difference of n points has the eigenvalues 2 - 2 cos(k pi / (n + 1))", () => {
  const n = 9;
  const matrix = Array.from(
    { length: n },
    (_, i) => Array.from({ length: n }, (_, j) => i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0),
  );
  const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos((k + 1) * Math.PI / (n + 1)));
  assertClose(eigen(matrix).values.toSorted((a, b) => a - b), expected, 1e-12);
});

Deno.test("a diagonal matrix is its eigenvalues", () => {
  assertClose(eigen([[3, 0], [0, 1]]).values, [3, 1], 0);
});
