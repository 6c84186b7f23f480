/** Names of the engines. They stand alone so that a command line can list them without loading an engine. */
export const engineNames = ["onnxruntime", "tensorflow", "cpu"] as const;
export type EngineName = typeof engineNames[number];
