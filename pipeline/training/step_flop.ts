/**
 * The floating-point operations of a training step, counted from its graph.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { countFlop } from "../../engine/count_flop.ts";
import { initialise } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";
import { initialState, trainingStep } from "../../model/training_step.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { stepInputSpecs } from "./step_inputs.ts";
import { stepOptionsOf } from "./step_options.ts";

/** Floating-point operations of a PFLOP. */
export const PFLOP = 1e15;

/** @param imageShape the shape of the step's images */
export function stepFlop(
  configuration: TrainingConfiguration,
  net: Network,
  imageShape: Dataset["imageShape"],
): number {
  const state = initialState(net, initialise(net.variables, () => () => 0.5), configuration.averaging);
  const inputs = stepInputSpecs(state, net, imageShape, configuration.batch, configuration);
  return countFlop(trainingStep(net, stepOptionsOf(configuration)), inputs);
}
