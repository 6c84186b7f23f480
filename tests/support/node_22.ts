/** Node of at least version 22.18, which runs TypeScript, with npm and a registry or a cache that has TensorFlow.js. */
import { outputOf, runs } from "./program.ts";

const version = async () => (await outputOf("node", ["--version"])).match(/^v(\d+)\.(\d+)/)!.slice(1).map(Number);

/** Finds out whether Node 22 and npm can install packages here. */
export async function hasNode22(): Promise<boolean> {
  if (!await runs("node", ["--version"])) return false;
  const [major, minor] = await version() as [number, number];
  const isNew = major > 22 || major === 22 && minor >= 18;
  return isNew && await runs("npm", ["view", "--prefer-offline", "@tensorflow/tfjs@4.22.0", "version"]);
}
