/**
 * The layers of a model, those inside of other layers included.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";
import { describe } from "../trace/describe.ts";

/** A layer, and the parts that TensorFlow.js's types hide. */
export type Layer = tf.layers.Layer & {
  readonly layers?: readonly Layer[];
  /** The layer of TimeDistributed, the two of Bidirectional. */
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
  /** The cell of a recurrent layer, the cells of a stacked one. */
  readonly cell?: Layer;
  readonly cells?: readonly Layer[];
};

/** A layer with its place in the model: `bidirectional_1/forward_lstm_1`. */
export interface PlacedLayer {
  readonly path: string;
  readonly layer: Layer;
}

/** Lists the layers that compute, wrapped ones after their wrapper; a nested model adds nothing to the path. */
export function layersOf(model: tf.LayersModel): PlacedLayer[] {
  const found = new Map<Layer, PlacedLayer>();
  const visit = (layer: Layer, outer: string): void => {
    if (found.has(layer)) return;
    if (layer.layers) return layer.layers.forEach((inner) => visit(inner, outer));
    const path = outer + layer.name;
    found.set(layer, { path, layer });
    // A bidirectional layer holds its forward layer twice.
    const wrapped = layer.forwardLayer ? [layer.forwardLayer, layer.backwardLayer] : [layer.layer];
    for (const inner of wrapped) if (inner) visit(inner, `${path}/`);
  };
  visit(model as unknown as Layer, "");
  return [...found.values()];
}

/** Lists the cells of a recurrent layer. */
export const cellsOf = ({ cell }: Layer): readonly Layer[] => cell?.cells ?? (cell ? [cell] : []);

/** True for a model that another copy of TensorFlow.js made: it is no instance of the classes of this one. */
export const isOfAnotherCopy = (given: unknown): boolean =>
  typeof given === "object" && given !== null && "predict" in given && describe(given) === "an object";

/** Explains why something is no model that can be traced. */
export function notAModel(given: unknown): TraceError {
  if (isOfAnotherCopy(given)) {
    return new TraceError(
      "the model is of another copy of TensorFlow.js than this package uses; install one copy, which `npm ls @tensorflow/tfjs` shows",
    );
  }
  return new TraceError(`the model is ${describe(given)}; pass a tf.LayersModel, such as tf.loadLayersModel returns`);
}

/**
 * Returns the functional model that a sequential model builds. It alone knows the names of inputs and outputs.
 *
 * @throws {TraceError} if it is no model of layers, has no layer, is disposed or keeps states from batch to batch
 */
export function functionalModel(model: tf.LayersModel): tf.LayersModel {
  if (!(model instanceof tf.LayersModel)) {
    throw notAModel(model);
  }
  const isSequential = model instanceof tf.Sequential;
  if (isSequential && !model.built) {
    if (!model.outputs?.length) {
      throw new TraceError(`model ${model.name} has no layer; add one that has an inputShape`);
    }
    model.build();
  }
  const stateful = layersOf(model).find(({ layer }) => layer.stateful);
  if (stateful) {
    throw new TraceError(
      `layer ${stateful.path} keeps its states from batch to batch, which a pure graph cannot; set stateful to false`,
    );
  }
  return isSequential ? (model as unknown as { model: tf.LayersModel }).model : model;
}
