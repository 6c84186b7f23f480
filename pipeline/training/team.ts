/**
 * The processes that run a command together: the processes of `--distributed mpi`, or one alone. Rank 0 writes and logs
 * for all.
 *
 * @module
 */
import { cpus } from "node:os";
import type { Part } from "../../data/batches.ts";
import { openMpi } from "../../engine/distributed/open_mpi.ts";
import {
  alone,
  broadcastText,
  gatherTexts,
  type ProcessGroup,
  ProcessLostError,
  SilentProcessError,
} from "../../engine/distributed/process_group.ts";
import { type Context, SaidElsewhereError } from "../cli/command.ts";
import { StoppedError } from "../cli/stop_signals.ts";
import type { Configuration } from "../configuration/fields.ts";
import { UsageError } from "../configuration/usage_error.ts";

/**
 * A group whose calls are rejected when this process must end at once, by SIGTERM or Ctrl-C. SIGUSR1 leaves time: all
 * processes stop after the same step.
 */
export interface Team extends ProcessGroup {
  /** Aborted by signals that leave no time to agree on a step. */
  readonly signal: AbortSignal;
  /** @throws {StoppedError} in all processes, if one of them received SIGUSR1; alone, the reason that it was stopped by */
  stopIfTold(): Promise<void>;
}

/** An error that all processes of a team have, so that they end together. */
export class TeamError extends Error {
  override name = "TeamError";

  constructor(message: string, readonly exitCode: number) {
    super(message);
  }
}

/**
 * Runs a command in its team. Processes other than rank 0 log nothing, and end with a {@linkcode SaidElsewhereError},
 * unless an error is theirs alone or rank 0 is silent.
 *
 * @throws {MpiUnavailableError} if Open MPI is asked for and not installed
 * @throws {UsageError} if `mpirun` started several processes and Open MPI is not asked for
 */
export async function inTeam<T>(
  { distributed, rankTimeout }: Pick<Configuration, "distributed" | "rankTimeout">,
  context: Context,
  run: (team: Team, context: Context) => Promise<T>,
): Promise<T> {
  if (distributed === "none") {
    refuseUnrelated();
    return await run(teamOf(alone, context.signal), context);
  }
  const team = teamOf(await openMpi({ timeout: rankTimeout }), context.signal, context.received);
  const { rank, signal } = team;
  try {
    const silent = rank === 0 ? {} : { quiet: true, log() {}, stopped() {}, print() {} };
    const result = await run(team, { ...context, signal, ...silent });
    await team.finish();
    if (rank > 0) throw new SaidElsewhereError(0);
    return result;
  } catch (error) {
    // Any other error is this process's alone: it exits without the others, and MPI ends the job.
    if (error instanceof TeamError || (error instanceof StoppedError && !signal.aborted)) await team.finish();
    const known = error instanceof TeamError || error instanceof StoppedError || error instanceof ProcessLostError;
    if (!known || rank === 0) throw error;
    if (error instanceof SilentProcessError) {
      if (error.reporter === rank) throw error;
      await untilStopped(context.signal, error.seconds + SAVE_SECONDS);
    }
    throw new SaidElsewhereError(error.exitCode);
  }
}

/** Seconds that rank 0 has to save. */
const SAVE_SECONDS = 60;

/** Lets rank 0 find the loss too, and save: the first process that exits ends the job. */
const untilStopped = (signal: AbortSignal, seconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, 1000 * seconds);
    signal.addEventListener("abort", () => resolve());
  });

/** @throws {UsageError} if this is one of several processes of `mpirun`, which would all do the same work */
function refuseUnrelated(): void {
  const size = Number(Deno.env.get("OMPI_COMM_WORLD_SIZE") ?? 1);
  if (size <= 1) return;
  throw new UsageError(
    `mpirun started ${size} processes, but each would work alone on the same run; ` +
      "add --distributed mpi, or start one process without mpirun",
  );
}

/**
 * Makes a group a team.
 *
 * @param told aborted by the signals that stop a command
 * @param received the signal that will abort `told`
 */
export function teamOf(
  group: ProcessGroup,
  told: AbortSignal,
  received: NonNullable<Context["received"]> = () => undefined,
): Team {
  if (group.size === 1) return { ...group, signal: told, stopIfTold: () => Promise.resolve(told.throwIfAborted()) };
  const urgent = new AbortController();
  let interrupt = (_reason: unknown) => {};
  const stop = (reason: unknown) => {
    if (leavesTime(reason) || urgent.signal.aborted) return;
    urgent.abort(reason);
    interrupt(reason);
  };
  if (told.aborted) stop(told.reason);
  told.addEventListener("abort", () => stop(told.reason));
  const stopIfReceived = () => {
    const signal = received();
    if (signal) stop(new StoppedError(signal));
    urgent.signal.throwIfAborted();
  };
  const unlessUrgent = (call: () => Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      urgent.signal.throwIfAborted();
      interrupt = reject;
      call().then(resolve, reject);
    });
  return {
    ...group,
    signal: urgent.signal,
    sum: (values) => unlessUrgent(() => group.sum(values)),
    sumNow: (values) => group.sumNow(values, stopIfReceived),
    broadcast: (bytes, root) => unlessUrgent(() => group.broadcast(bytes, root)),
    async stopIfTold() {
      const votes = Float32Array.of(told.aborted ? 1 : 0);
      await unlessUrgent(() => group.sum(votes));
      if (votes[0]! > 0) throw new StoppedError("SIGUSR1");
    },
  };
}

const leavesTime = (reason: unknown) => reason instanceof StoppedError && reason.signal === "SIGUSR1";

/**
 * Does work in every process, and waits until all have done it.
 *
 * @throws {TeamError} in all processes, if the work fails in one; the message is of the lowest rank that failed
 */
export async function inAll<T>(team: Team, work: () => Promise<T>): Promise<T> {
  if (team.size === 1) return await work();
  const { result, error } = await Promise.resolve().then(work).then(
    (result) => ({ result, error: undefined }),
    (error) => ({ result: undefined, error }),
  );
  if (error !== undefined && !isOfUser(error)) throw error;
  const messages = await gatherTexts(team, error ? JSON.stringify([error.message, error.exitCode]) : "");
  const rank = messages.findIndex((message) => message !== "");
  if (rank === -1) return result as T;
  const [message, exitCode] = JSON.parse(messages[rank]!);
  throw new TeamError(rank === 0 ? message : `rank ${rank}: ${message}`, exitCode);
}

/**
 * Does work in all processes, if rank 0 decides to.
 *
 * @param decide runs in rank 0 alone; it calls `begin` to start the work in all processes
 * @returns the result of `decide` in rank 0, undefined in the others
 */
export async function ifDecided<T>(
  team: Team,
  decide: (begin: () => Promise<void>) => Promise<T>,
  work: () => Promise<void>,
): Promise<T | undefined> {
  const say = (begins: boolean, exitCode = 0) => broadcastText(team, JSON.stringify([begins, exitCode]), 0);
  if (team.rank > 0) {
    const [begins, exitCode] = JSON.parse(await broadcastText(team, "", 0));
    if (exitCode !== 0) throw new TeamError("rank 0 has not begun", exitCode);
    if (begins) await work();
    return undefined;
  }
  let begun = false;
  try {
    const result = await decide(async () => {
      begun = true;
      await say(true);
      await work();
    });
    if (!begun) await say(false);
    return result;
  } catch (error) {
    if (begun || team.size === 1 || !isOfUser(error)) throw error;
    await say(false, error.exitCode);
    throw new TeamError(error.message, error.exitCode);
  }
}

/**
 * Compares traits that all processes must share.
 *
 * @throws {TeamError} in all of them, naming the first difference from rank 0
 */
export async function sameInAll(team: Team, traits: Readonly<Record<string, unknown>>): Promise<void> {
  const [first, ...others] = (await gatherTexts(team, JSON.stringify(traits))).map((text) =>
    JSON.parse(text) as Record<string, unknown>
  );
  others.forEach((other, at) => {
    const differs = Object.keys(traits).find((name) => JSON.stringify(first![name]) !== JSON.stringify(other[name]));
    if (differs === undefined) return;
    const [own, wanted] = [other[differs], first![differs]].map((trait) => JSON.stringify(trait));
    throw new TeamError(
      `rank ${
        at + 1
      } has ${differs} ${own}, rank 0 has ${wanted}: start all processes with the same flags, data and program`,
      2,
    );
  });
}

/** The part of every batch that this process takes. */
export const partOf = ({ rank, size }: Pick<Team, "rank" | "size">): Part => ({ index: rank, count: size });

/** Threads of a process: the given number, or its share of the cores of its machine. */
export function threadsOf(team: Team, given: number | undefined): number | undefined {
  if (given !== undefined || team.size === 1) return given;
  // A process that is bound to some cores sees only those.
  return Math.max(1, Math.min(navigator.hardwareConcurrency, Math.floor(cpus().length / team.localSize)));
}

const isOfUser = (error: unknown): error is Error & { exitCode: number } =>
  error instanceof Error && "exitCode" in error && typeof error.exitCode === "number" &&
  !(error instanceof StoppedError);
