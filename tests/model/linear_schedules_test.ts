import { airbenchCycle, linearFall, oneCycle } from "../../model/linear_schedules.ts";
import { piecewiseLinear } from "../../model/piecewise_linear.ts";
import { assertClose } from "../support/assert_close.ts";

Deno.test("between points a function is straight, outside it is their values (numpy.interp)", () => {
  const points = [[1, 10], [2, 20], [4, 0]] as const;
  assertClose([0, 1, 1.5, 2, 3, 4, 9].map((x) => piecewiseLinear(points, x)), [10, 10, 15, 20, 10, 0, 0], 1e-12);
  assertClose([-1, 0, 5].map((x) => piecewiseLinear([[0, 7]], x)), [7, 7, 7], 0);
});

Deno.test("linear falls from 1 to 0", () => {
  assertClose([0, 0.25, 1].map(linearFall), [1, 0.75, 0], 1e-12);
});

Deno.test("one cycle rises from its beginning to 1 at the peak and falls to its end", () => {
  const rates = [0, 0.115, 0.23, 0.615, 1].map((share) => oneCycle(share, airbenchCycle));
  assertClose(rates, [0.2, 0.6, 1, 0.535, 0.07], 1e-12);
});
