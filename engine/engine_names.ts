/** Names of the engines. They have a file of their own, so that a command line lists them without loading an engine. */
export const engineNames = ["onnxruntime", "tensorflow", "cpu"] as const;
export type EngineName = typeof engineNames[number];

/** Names of the devices of onnxruntime. */
export const deviceNames = ["cpu", "webgpu", "cuda"] as const;
export type DeviceName = typeof deviceNames[number];
