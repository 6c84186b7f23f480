/**
 * Gives changed inputs to every reader and counts the outcomes. Failing inputs are kept in the corpus, which the test suite
 * reads each time.
 *
 *     deno task fuzz [inputs, default 10000] [number of the first, default 1] [word in the readers' names]
 */
import { fileURLToPath } from "node:url";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { fuzzTargets } from "./fuzz_targets.ts";
import { FuzzFailure, inputOf, type Outcome, outcomeOf } from "./fuzzing.ts";

const [inputs = 10_000, first = 1] = Deno.args.slice(0, 2).map(Number);
const [word = ""] = Deno.args.slice(2);
const corpus = fileURLToPath(new URL("corpus/", import.meta.url));
let failures = 0;

await inTemporaryFolder(async (folder) => {
  const targets = Object.entries(await fuzzTargets(folder)).filter(([name]) => name.includes(word));
  for (const [at, [name, target]] of targets.entries()) {
    const counts: Record<Outcome | "failed", number> = { accepted: 0, refused: 0, failed: 0 };
    let slowest = 0;
    for (let number = first + at; number < first + inputs; number += targets.length) {
      const began = performance.now();
      try {
        counts[await outcomeOf(target, inputOf(target, number))]++;
      } catch (error) {
        if (!(error instanceof FuzzFailure)) throw error;
        counts.failed++;
        const kept = `${corpus}${name}/${number}.bin`;
        await Deno.mkdir(`${corpus}${name}`, { recursive: true });
        await Deno.writeFile(kept, error.bytes);
        console.error(`${name} ${number}: ${error.message}`);
      }
      slowest = Math.max(slowest, performance.now() - began);
    }
    failures += counts.failed;
    const { accepted, refused, failed } = counts;
    console.log(
      `${name.padEnd(24)} ${accepted} read, ${refused} refused, ${failed} failed; the slowest took ${
        slowest.toFixed(0)
      } ms`,
    );
  }
}, STRESS_FOLDER);
Deno.exit(failures > 0 ? 1 : 0);
