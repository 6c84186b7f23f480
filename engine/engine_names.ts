/** Names of the engines and devices. They stand alone so that a command line can list them without loading an engine. */
export const engineNames = ["onnxruntime", "tensorflow", "cpu"] as const;
export type EngineName = typeof engineNames[number];

/** What onnxruntime computes on. */
export const deviceNames = ["cpu", "webgpu", "cuda"] as const;
export type DeviceName = typeof deviceNames[number];
