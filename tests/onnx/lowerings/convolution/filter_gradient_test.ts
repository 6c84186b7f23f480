import { gradientCases } from "../../../support/convolution_cases.ts";
import { testLowerings } from "../../../support/lowering_cases.ts";

testLowerings(["Conv2DBackpropFilter"], gradientCases(1));
