/**
 * Shares the checkpoint of rank 0 with all processes of a team.
 *
 * @module
 */
import { broadcastText } from "../../engine/distributed/process_group.ts";
import type { HostTensor } from "../../engine/engine.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import type { Team } from "./team.ts";

/** @param ofFirst the checkpoint in rank 0, undefined in the others */
export async function sharedCheckpoint(team: Team, ofFirst: Checkpoint | undefined): Promise<Checkpoint> {
  if (ofFirst && team.size === 1) return ofFirst;
  const entries = Object.entries(ofFirst?.state ?? {});
  const outline = { position: ofFirst?.position, shapes: entries.map(([name, { shape }]) => [name, shape]) };
  const { position, shapes } = JSON.parse(await broadcastText(team, JSON.stringify(outline), 0)) as {
    position: Checkpoint["position"];
    shapes: [name: string, shape: number[]][];
  };
  const state: Record<string, HostTensor> = {};
  for (const [name, shape] of shapes) {
    const own = ofFirst?.state[name]?.data as Float32Array | undefined;
    const data = own?.slice() ?? new Float32Array(shape.reduce((a, b) => a * b, 1));
    await team.broadcast(new Uint8Array(data.buffer as ArrayBuffer), 0);
    state[name] = { shape, data: data as Float32Array<ArrayBuffer> };
  }
  return { position, state };
}
