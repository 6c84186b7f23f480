/**
 * Saves the checkpoints of a run: the last one at intervals, the best, and every k-th epoch's.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import { type Checkpoint, notFinite, type Position, writeCheckpoint } from "../run/checkpoint.ts";
import type { RunPaths } from "../run/paths.ts";

export interface CheckpointKeeperOptions extends Pick<Configuration, "saveSeconds" | "checkpointEvery"> {
  readonly paths: Pick<RunPaths, "last" | "previous" | "best" | "epoch">;
  /** False in processes other than rank 0, which save nothing. */
  readonly writes: boolean;
  /** False without a validation: then no checkpoint is the best. */
  readonly validates: boolean;
  readonly readState: () => Promise<Checkpoint["state"]>;
  /** Returns once the metrics up to now are on disk. */
  readonly flushMetrics: () => Promise<void>;
  /** Makes the error that stops a run whose state is not finite. */
  readonly diverged: (reason: string) => Error;
}

export class CheckpointKeeper {
  /** The time and position of the last checkpoint that was saved or resumed from. */
  #saved: { readonly at: number; readonly position?: Position };

  constructor(readonly options: CheckpointKeeperOptions, start: Position) {
    this.#saved = { at: performance.now(), ...(start.step > 0 && { position: start }) };
  }

  /** The last checkpoint is older than `--save-seconds`. */
  get isDue(): boolean {
    return performance.now() - this.#saved.at > 1000 * this.options.saveSeconds;
  }

  /** Says which step the last checkpoint is of. */
  get kept(): string {
    const { position } = this.#saved;
    return position ? `${this.options.paths.last} is of step ${position.step}` : "nothing was saved before";
  }

  /** Saves the last checkpoint, unless it is of this position already. */
  async saveLast(position: Position): Promise<void> {
    if (this.#saved.position === position) return;
    const { paths, flushMetrics } = this.options;
    // A checkpoint must not be ahead of the metrics on disk.
    await flushMetrics();
    await this.#save(position, paths.last, paths.previous);
    this.#saved = { at: performance.now(), position };
  }

  /** Saves the checkpoints of an epoch that has ended: the best, the k-th, the last. */
  async saveEpoch(position: Position): Promise<void> {
    const { paths, checkpointEvery } = this.options;
    const { step, best, validatedEpochs: epoch } = position;
    if (best?.step === step) await this.#save(position, paths.best);
    if (checkpointEvery > 0 && epoch % checkpointEvery === 0) await this.#save(position, paths.epoch(epoch));
    await this.saveLast(position);
  }

  /** Saves the checkpoints of a finished run; a run too short for a validation has its last one as the best too. */
  async saveEnd(position: Position): Promise<void> {
    await this.saveLast(position);
    if (position.best === null && this.options.validates) await this.#save(position, this.options.paths.best);
  }

  /** @param previous keeps the replaced checkpoint under this name */
  async #save(position: Position, path: string, previous?: string): Promise<void> {
    const { writes, readState, diverged } = this.options;
    if (!writes) return;
    const state = await readState();
    const lost = notFinite(state);
    if (lost) throw diverged(`${lost} is not finite after step ${position.step}`);
    await writeCheckpoint(path, { position, state }, previous);
  }
}
