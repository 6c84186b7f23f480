/**
 * TensorFlow.js's optimizers as pure functions: the same sums and products in the same order, with their state as inputs and
 * results.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { AdamWOptimizer } from "./adam_w.ts";

type Numbers = Readonly<Record<string, number>>;
type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The effect of an optimizer on one weight in one step. */
export interface Update {
  readonly weight: tf.Tensor;
  /** The weight's own state, such as its moments. */
  readonly slots: Tensors;
}

/** An optimizer: its state, and a step. */
export interface Formula {
  /** The state of each weight: what it is filled with at first. */
  readonly slots: Numbers;
  /** The state of all weights together, numbers, at first. */
  readonly shared?: Numbers;
  /** Computes a weight and its slots after a step from those before. */
  update(weight: tf.Tensor, gradient: tf.Tensor, slots: Tensors, shared: Tensors, rate: tf.Tensor): Update;
  /** Computes the shared numbers after a step. */
  advance?(shared: Tensors): Tensors;
}

const { abs, add, div, maximum, mul, neg, sqrt, square, sub } = tf;

/** `weight + change * -rate` */
const descend = (weight: tf.Tensor, rate: tf.Tensor, change: tf.Tensor) => add(mul(neg(rate), change), weight);

/** `decay * average + (1 - decay) * value` */
const average = (average: tf.Tensor, decay: number, value: tf.Tensor) =>
  add(mul(average, decay), mul(value, 1 - decay));

const sgd = (): Formula => ({
  slots: {},
  update: (weight, gradient, _slots, _shared, rate) => ({ weight: descend(weight, rate, gradient), slots: {} }),
});

const momentum = ({ momentum, useNesterov }: Config): Formula => ({
  slots: { momentum: 0 },
  update(weight, gradient, slots, _shared, rate) {
    const velocity = add(mul(momentum!, slots["momentum"]!), gradient);
    const change = useNesterov ? add(gradient, mul(velocity, momentum!)) : velocity;
    return { weight: descend(weight, rate, change), slots: { momentum: velocity } };
  },
});

const adam = ({ beta1, beta2, epsilon, weightDecay }: Config): Formula => ({
  slots: { m: 0, v: 0 },
  shared: { accBeta1: beta1!, accBeta2: beta2! },
  update(weight, gradient, slots, { accBeta1, accBeta2 }, rate) {
    const m = average(slots["m"]!, beta1!, gradient), v = average(slots["v"]!, beta2!, square(gradient));
    const first = div(m, sub(1, accBeta1!)), second = div(v, sub(1, accBeta2!));
    const decayed = weightDecay === undefined ? weight : mul(weight, sub(1, mul(rate, weightDecay)));
    return { weight: descend(decayed, rate, div(first, add(sqrt(second), epsilon!))), slots: { m, v } };
  },
  advance: ({ accBeta1, accBeta2 }) => ({ accBeta1: mul(accBeta1!, beta1!), accBeta2: mul(accBeta2!, beta2!) }),
});

const adamax = ({ beta1, beta2, epsilon, decay }: Config): Formula => ({
  slots: { m: 0, v: 0 },
  shared: { iteration: 0, accBeta1: beta1! },
  update(weight, gradient, slots, { iteration, accBeta1 }, rate) {
    const m = average(slots["m"]!, beta1!, gradient), v = maximum(mul(slots["v"]!, beta2!), abs(gradient));
    const decayed = div(rate, add(mul(iteration!, decay!), 1));
    return { weight: descend(weight, div(decayed, sub(1, accBeta1!)), div(m, add(v, epsilon!))), slots: { m, v } };
  },
  advance: ({ iteration, accBeta1 }) => ({ iteration: add(iteration!, 1), accBeta1: mul(accBeta1!, beta1!) }),
});

const rmsprop = ({ decay, momentum, epsilon, centered }: Config): Formula => ({
  slots: { rms: 0, momentum: 0, ...centered ? { mg: 0 } : {} },
  update(weight, gradient, slots, _shared, rate) {
    const rms = average(slots["rms"]!, decay!, square(gradient));
    const mg = centered ? average(slots["mg"]!, decay!, gradient) : undefined;
    const variance = mg ? sub(rms, add(square(mg), epsilon!)) : add(rms, epsilon!);
    const velocity = add(mul(slots["momentum"]!, momentum!), div(mul(gradient, rate), sqrt(variance)));
    return { weight: sub(weight, velocity), slots: { rms, momentum: velocity, ...mg ? { mg } : {} } };
  },
});

/** TensorFlow.js adds its backend's epsilon, which is 1e-7 on the CPU. */
const ADAGRAD_EPSILON = 1e-7;

const adagrad = ({ initialAccumulatorValue }: Config): Formula => ({
  slots: { accumulator: initialAccumulatorValue! },
  update(weight, gradient, slots, _shared, rate) {
    const accumulator = add(slots["accumulator"]!, square(gradient));
    const change = div(gradient, sqrt(add(accumulator, ADAGRAD_EPSILON)));
    return { weight: descend(weight, rate, change), slots: { accumulator } };
  },
});

const adadelta = ({ rho, epsilon }: Config): Formula => ({
  slots: { accumGrad: 0, accumVar: 0 },
  update(weight, gradient, { accumGrad, accumVar }, _shared, rate) {
    // TensorFlow.js divides by the average of the gradients before this step.
    const change = mul(div(sqrt(add(accumVar!, epsilon!)), sqrt(add(accumGrad!, epsilon!))), gradient);
    return {
      weight: descend(weight, rate, change),
      slots: {
        accumGrad: average(accumGrad!, rho!, square(gradient)),
        accumVar: average(accumVar!, rho!, square(change)),
      },
    };
  },
});

/** Hyperparameters, named as in TensorFlow.js's configurations. */
interface Config {
  readonly momentum?: number;
  readonly useNesterov?: boolean;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  readonly decay?: number;
  readonly centered?: boolean;
  readonly initialAccumulatorValue?: number;
  readonly rho?: number;
}

/** An optimizer's class, and its formula from its configuration. */
interface KnownOptimizer {
  readonly type: { readonly prototype: tf.Optimizer };
  readonly formula: (config: Config) => Formula;
}

/** Optimizers by the names of their classes. */
const known: Readonly<Record<string, KnownOptimizer>> = {
  SGD: { type: tf.SGDOptimizer, formula: sgd },
  Momentum: { type: tf.MomentumOptimizer, formula: momentum },
  Adam: { type: tf.AdamOptimizer, formula: adam },
  AdamW: { type: AdamWOptimizer, formula: adam },
  Adamax: { type: tf.AdamaxOptimizer, formula: adamax },
  RMSProp: { type: tf.RMSPropOptimizer, formula: rmsprop },
  Adagrad: { type: tf.AdagradOptimizer, formula: adagrad },
  Adadelta: { type: tf.AdadeltaOptimizer, formula: adadelta },
};

/** The methods that compute a step, which formulas stand for. */
const STEP = ["applyGradients", "computeGradients", "minimize"] as const;

/** @throws {Error} if an optimizer is none of TensorFlow.js's own and not AdamW, or computes its steps in another way */
export function formulaOf(optimizer: tf.Optimizer): Formula {
  const name = optimizer.getClassName(), found = known[name];
  if (!found) throw new Error(`optimizer ${name} cannot be compiled; use one of ${Object.keys(known).join(", ")}`);
  const changed = STEP.find((method) => optimizer[method] !== found.type.prototype[method]);
  if (changed) {
    throw new Error(
      `optimizer ${name} has a method ${changed} of its own, which a compiled step does not call; ` +
        "trace a step that changes the gradients instead",
    );
  }
  return found.formula(optimizer.getConfig() as Config);
}

/** Reads the learning rate, which callbacks may change between steps. */
export const learningRateOf = (optimizer: tf.Optimizer): number =>
  (optimizer as unknown as { learningRate: number }).learningRate;
