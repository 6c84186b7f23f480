import type * as tf from "@tensorflow/tfjs";
import { inScope } from "../trace/trace_backend.ts";
import { layersOf } from "./layer_tree.ts";
import { withSubstitutes } from "./substitute.ts";

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
      const scoped: typeof call = (inputs, options) => inScope(path, () => call(inputs, options));
      const applied: typeof apply = (inputs, options) => apply(inputs, { ...options });
      return [{ object: layer, key: "call", value: scoped }, { object: layer, key: "apply", value: applied }];
    }),
    run,
  );
