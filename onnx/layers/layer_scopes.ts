import type * as tf from "@tensorflow/tfjs";
import { inScope } from "../trace/trace_backend.ts";
import { layersOf } from "./layer_tree.ts";
import { TraceError } from "../graph/trace_error.ts";
import { withSubstitutes } from "./substitute.ts";

/** Errors whose message names a layer: the innermost one. */
const named = new WeakSet<TraceError>();

/** Adds the layer that runs to the message of a refusal. */
function naming<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TraceError && !named.has(error)) {
      error.message += ` (layer ${path})`;
      named.add(error);
    }
    throw error;
  }
}

/**
 * Runs a part of a traced function; kernels that a layer of the model runs are named after the layer.
 *
 * Every layer receives options of its own: a recurrent layer writes its initial state there, which TensorFlow.js hands on to
 * the next one.
 */
export const withLayerScopes = <T>(model: tf.LayersModel, run: () => T): T =>
  withSubstitutes(
    layersOf(model).flatMap(({ path, layer }) => {
      const call = layer.call.bind(layer), apply = layer.apply.bind(layer);
      const scoped: typeof call = (inputs, options) => inScope(path, () => naming(path, () => call(inputs, options)));
      const applied: typeof apply = (inputs, options) => apply(inputs, { ...options });
      return [{ object: layer, key: "call", value: scoped }, { object: layer, key: "apply", value: applied }];
    }),
    run,
  );
