/** Steps with every part of a recipe, on any engine: the subject of `recipe_test.ts`, also for the worker of `in_double.ts`. */
import { eagerEngine } from "../../engine/eager.ts";
import { disposeAll, type Engine, type HostTensor, type Program, readAll, uploadAll } from "../../engine/engine.ts";
import type { AveragingName } from "../../model/averaging.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { type StepOptions, trainingStep } from "../../model/training_step.ts";
import { useQuickFilterGradient } from "./filter_gradient.ts";

type Tensors = Readonly<Record<string, HostTensor>>;

useQuickFilterGradient();

export const net = shakeNet({ depth: 8, width: 4, branches: 2, classes: 3 });

const stepOptions = (averaging: AveragingName): StepOptions => ({
  momentum: 0.9,
  weightDecay: 1e-2,
  labelSmoothing: 0.1,
  clipNorm: 0.5,
  treatment: { decayed: "kernels", offsetRate: 4, frozen: ["stem/conv/kernel"] },
  averaging,
});

/** Takes steps from a state, and returns the last one; a program for each size of the images is compiled once. */
export function recipeRunner(engine: Engine, averaging: AveragingName) {
  const programs = new Map<number, Promise<Program>>();
  const programOf = (inputs: Tensors): Promise<Program> => {
    const specs = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data }]) => [
        name,
        { shape, dtype: data instanceof Int32Array ? "int32" as const : "float32" as const },
      ]),
    );
    const side = inputs["images"]!.shape[1]!;
    const program = programs.get(side) ?? engine.compile(trainingStep(net, stepOptions(averaging)), specs);
    programs.set(side, program);
    return program;
  };
  return async (from: Tensors, inputs: readonly Tensors[]) => {
    let state = uploadAll(engine, from);
    for (const host of inputs) {
      const program = await programOf({ ...from, ...host });
      const uploaded = uploadAll(engine, host);
      const { loss, accuracy, ...after } = await program.run({ ...state, ...uploaded });
      disposeAll({ ...state, ...uploaded, loss: loss!, accuracy: accuracy! });
      state = after;
    }
    const result = await readAll(state);
    disposeAll(state);
    return result;
  };
}

export interface RecipeArguments {
  readonly averaging: AveragingName;
  readonly from: Tensors;
  /** The inputs of every step beside the state. */
  readonly inputs: readonly Tensors[];
}

/** Takes steps on TensorFlow.js's CPU backend. */
export const recipeSteps = ({ averaging, from, inputs }: RecipeArguments): Promise<Tensors> =>
  recipeRunner(eagerEngine("cpu", "cpu", "the reference"), averaging)(from, inputs);
