import { gradientCases, meetingGradients } from "../../../support/convolution_cases.ts";
import { testLowerings } from "../../../support/lowering_cases.ts";

testLowerings(["Conv2DBackpropInput", "SumOfConv2DBackpropInput"], {
  ...gradientCases(0),
  "a sum of two gradients": meetingGradients({ size: 3 }),
  "a sum of two gradients, stride 2": meetingGradients({ size: 3, stride: 2 }),
  "a sum of two blocked gradients": meetingGradients({ size: 3, shape: [2, 5, 4, 16], filters: 32 }),
  "a sum of two blocked gradients, stride 2": meetingGradients({
    size: 3,
    stride: 2,
    shape: [2, 6, 4, 16],
    filters: 32,
  }),
});
