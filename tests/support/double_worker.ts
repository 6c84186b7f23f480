/**
 * The worker of `in_double.ts`. TensorFlow.js's CPU backend makes arrays of the class that the global name Float32Array has
 * and computes with JavaScript's numbers, so with this name for the array of doubles it computes in double precision.
 */
Object.assign(globalThis, { Float32Array: Float64Array });

interface Request {
  readonly module: string;
  readonly name: string;
  readonly argument: unknown;
  readonly seed: number | undefined;
}

const worker = globalThis as unknown as {
  onmessage(event: MessageEvent<Request>): void;
  postMessage(message: unknown): void;
};

worker.onmessage = async ({ data: { module, name, argument, seed } }) => {
  try {
    const functions = await import(module);
    const { useCpu } = await import("./eager.ts");
    await useCpu();
    const { roundKernels } = await import("./rounded_kernels.ts");
    roundKernels(seed);
    worker.postMessage({ result: await functions[name](argument) });
  } catch (error) {
    worker.postMessage({ error: (error as Error).stack });
  }
};
