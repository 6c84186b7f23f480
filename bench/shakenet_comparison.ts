/**
 * Training and inference of ShakeNet beside other implementations: both from the same rounds, as rows of the table.
 *
 * @module
 */
import type { Figures, Flags, Peers } from "./commands.ts";
import { inRounds, type RoundsOptions } from "./rounds.ts";
import { compare, compareBest } from "./table.ts";

export type Task = "training" | "inference";

/** The figures of a task in which others compete. */
const compared: Readonly<Record<Task, readonly string[]>> = {
  training: ["train", "peak"],
  inference: ["infer", "int8"],
};

/**
 * Measures ours and the peers, and prints the rows of the tasks.
 *
 * @param own runs each task of ours
 * @returns sentences about what the rows lack
 */
export async function compareShakeNets(
  tasks: readonly Task[],
  own: Readonly<Record<Task, (flags: Flags) => Promise<Figures>>>,
  peers: Peers,
  options: Omit<RoundsOptions, "compared">,
): Promise<readonly string[]> {
  const ours = Object.fromEntries(tasks.map((task) => [`ours, ${task}`, own[task]]));
  const figures = tasks.flatMap((task) => compared[task]);
  const measured = await inRounds(ours, peers, { ...options, compared: figures });
  for (const task of tasks) rows[task](measured.own, measured.peers);
  return measured.notes;
}

type AllFigures = Readonly<Record<string, Figures>>;

const rows: Readonly<Record<Task, (own: Figures, peers: AllFigures) => void>> = {
  training(own, peers) {
    compareEach("training, images/s", "train", own, peers);
    compareEach("peak memory of training, MiB", "peak", own, peers);
    compareBest("training, images/s, the fastest", "train", own, peers, "1.35", "1.57");
    compareBest("peak memory of training, MiB, the least", "peak", own, peers, "0.75", "0.6");
    compare("wait for a batch, ms", own["wait"]);
  },
  inference(own, peers) {
    compareEach("inference, merged float32, images/s", "infer", own, peers);
    compareBest("inference, merged float32, images/s, the fastest", "infer", own, peers, "1.1", "1.2");
    compareBest("inference, branch by branch, images/s, the fastest", "infer", { infer: own["plain"] }, peers);
    compareBest("inference, int8, images/s, the fastest", "int8", own, peers, "1.0", "1.1");
    compare("merged beside branch by branch", own["infer"], own["plain"], "ours", "1.0");
  },
};

function compareEach(what: string, figure: string, own: Figures, peers: AllFigures): void {
  for (const [name, { [figure]: theirs }] of Object.entries(peers)) {
    if (theirs !== undefined) compare(what, own[figure], theirs, name);
  }
}
