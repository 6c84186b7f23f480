import type * as tf from "@tensorflow/tfjs";
import { inScope } from "../trace/trace_backend.ts";
import { layersOf } from "./layer_tree.ts";
import { withSubstitutes } from "./substitute.ts";

/** Runs a part of a traced function; kernels that a layer of the model runs are named after the layer. */
export const withLayerScopes = <T>(model: tf.LayersModel, run: () => T): T =>
  withSubstitutes(
    layersOf(model).map(({ path, layer }) => {
      const call = layer.call.bind(layer);
      const value: typeof call = (inputs, kwargs) => inScope(path, () => call(inputs, kwargs));
      return { object: layer, key: "call", value };
    }),
    run,
  );
