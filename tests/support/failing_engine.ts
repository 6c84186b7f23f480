/** An engine that computes NaN at chosen steps. */
import type { DeviceTensors, Engine, Program } from "../../engine/engine.ts";

/**
 * An engine whose training steps give NaN in one output.
 *
 * @param steps numbers of the steps, from 1
 */
export function failingEngine(engine: Engine, steps: readonly number[], output: string): Engine {
  return {
    ...engine,
    async compile(fn, inputs, subject) {
      const program = await engine.compile(fn, inputs, subject);
      let step = 0;
      return Object.assign(Object.create(program) as Program, {
        async run(tensors: DeviceTensors): Promise<DeviceTensors> {
          const outputs = await program.run(tensors);
          if (!("loss" in outputs) || !steps.includes(++step)) return outputs;
          const { shape } = outputs[output]!;
          const size = shape.reduce((a, b) => a * b, 1);
          return { ...outputs, [output]: engine.upload({ shape, data: new Float32Array(size).fill(NaN) }) };
        },
      });
    },
  };
}
