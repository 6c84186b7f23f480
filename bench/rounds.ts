/**
 * Measures ours and other implementations in turns, so that the load of the machine meets all.
 *
 * The first round measures everyone. In later rounds only ours and the leaders run: those that are best in a figure. What
 * trails costs time, above all where it compiles, and decides nothing.
 *
 * @module
 */
import { median } from "../engine/median.ts";
import type { Figures, Flags, Peers } from "./commands.ts";
import { bestOf } from "./peers.ts";
import { stop } from "./stop.ts";

export interface RoundsOptions {
  readonly flags: Flags;
  readonly rounds: number;
  /** The time after which nothing begins; default: no limit. */
  readonly minutes?: number;
  /** The figures that leaders lead. */
  readonly compared: readonly string[];
  /** Text before the name of what runs; default: none. */
  readonly label?: string;
  /** Says what runs; default: on standard error. */
  readonly say?: (text: string) => void;
  /** Ends the rounds; default: Ctrl-C. */
  readonly signal?: AbortSignal;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** Medians, and sentences about what they lack. */
export interface Measured {
  readonly own: Figures;
  readonly peers: Readonly<Record<string, Figures>>;
  readonly notes: readonly string[];
}

interface Contestant {
  readonly name: string;
  readonly run: (flags: Flags) => Promise<Figures>;
  readonly figures: Figures[];
  /** Time of its last run. */
  milliseconds: number;
}

const toStandardError = (text: string): void => void Deno.stderr.writeSync(new TextEncoder().encode(text));

/**
 * @param own the parts of ours, by name
 * @param peers the others; absent ones are left out, and so is one that fails
 * @throws if ours fails
 */
export async function inRounds(
  own: Readonly<Record<string, (flags: Flags) => Promise<Figures>>>,
  peers: Peers,
  options: RoundsOptions,
): Promise<Measured> {
  const ours = Object.entries(own).map(([name, run]) => contestant(name, run));
  const theirs = Object.entries(peers).flatMap(([name, peer]) => "run" in peer ? [contestant(name, peer.run)] : []);
  const notes = await new Rounds(ours, theirs, options).run();
  return {
    own: Object.assign({}, ...ours.map(({ figures }) => medians(figures))),
    peers: Object.fromEntries(theirs.map(({ name, figures }) => [name, medians(figures)])),
    notes,
  };
}

const contestant = (name: string, run: (flags: Flags) => Promise<Figures>): Contestant => ({
  name,
  run,
  figures: [],
  milliseconds: 0,
});

class Rounds {
  readonly #begun: number;
  readonly #now: () => number;
  readonly #say: (text: string) => void;
  readonly #signal: AbortSignal;
  readonly #limit: number;
  readonly #notes: string[] = [];

  constructor(readonly ours: Contestant[], readonly theirs: Contestant[], readonly options: RoundsOptions) {
    const { now = () => performance.now(), say = toStandardError, signal = stop, minutes = Infinity } = options;
    [this.#now, this.#say, this.#signal, this.#limit] = [now, say, signal, 60_000 * minutes];
    this.#begun = now();
  }

  async run(): Promise<string[]> {
    let runners = [...this.ours, ...this.theirs];
    for (let round = 1; round <= this.options.rounds; round++) {
      if (round > 1 && !this.#hasTimeFor(runners, round)) break;
      for (const runner of runners) await this.#measure(runner, round);
      if (this.#signal.aborted) {
        this.#notes.push(`Stopped in round ${round} of ${this.options.rounds}.`);
        break;
      }
      if (round === 1) runners = [...this.ours, ...this.#leaders()];
    }
    return this.#notes;
  }

  async #measure(runner: Contestant, round: number): Promise<void> {
    const { rounds, label = "", flags, minutes } = this.options;
    if (this.#signal.aborted) return;
    if (this.#elapsed() > this.#limit && this.theirs.includes(runner)) {
      this.#notes.push(`Without ${runner.name}: ${minutes} minutes had passed; --minutes allows more.`);
      return;
    }
    this.#say(`round ${round} of ${rounds}: ${label}${runner.name} ... `);
    const begun = this.#now();
    try {
      runner.figures.push(await runner.run(flags));
      runner.milliseconds = this.#now() - begun;
      this.#say(`${(runner.milliseconds / 1000).toFixed(0)} s\n`);
    } catch (error) {
      this.#say(`${this.#signal.aborted ? "stopped" : "failed"}\n`);
      if (this.#signal.aborted) return;
      if (this.ours.includes(runner)) throw error;
      this.#notes.push(`Without ${runner.name}: ${(error as Error).message}.`);
    }
  }

  /** Finds the peers that are best in a figure; a sentence says who rests. */
  #leaders(): Contestant[] {
    const figures = Object.fromEntries(this.theirs.map(({ name, figures }) => [name, figures[0] ?? {}]));
    const leading = new Set(this.options.compared.map((figure) => bestOf(figures, figure)?.name));
    const resting = this.theirs.filter(({ name, figures }) => figures.length > 0 && !leading.has(name));
    if (resting.length > 0 && this.options.rounds > 1) {
      const names = resting.map(({ name }) => name).join("; ");
      this.#notes.push(`Measured in the first round only, where others were ahead: ${names}.`);
    }
    return this.theirs.filter(({ name }) => leading.has(name));
  }

  /** Tells if another round fits the limit, by the times of the last ones. */
  #hasTimeFor(runners: readonly Contestant[], round: number): boolean {
    const expected = runners.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    if (this.#elapsed() + expected <= this.#limit) return true;
    const { rounds, minutes } = this.options;
    this.#notes.push(
      `Medians of ${round - 1} instead of ${rounds} rounds: another takes ${(expected / 1000).toFixed(0)} s, and ` +
        `${minutes} minutes are the limit; --minutes allows more.`,
    );
    return false;
  }

  #elapsed = (): number => this.#now() - this.#begun;
}

const medians = (rounds: readonly Figures[]): Figures =>
  Object.fromEntries(Object.keys(rounds[0] ?? {}).map((name) => [name, median(rounds.map((round) => round[name]!))]));
