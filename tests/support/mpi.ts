/** Starts the program in several processes, where Open MPI is installed. */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** `mpirun` is installed; tests that need it are ignored elsewhere. */
export const hasMpi: boolean = await new Deno.Command("mpirun", { args: ["--version"], stdout: "null", stderr: "null" })
  .output().then(({ success }) => success, () => false);

/** Flags for tests only, which may run as root and with more processes than cores. */
const allowances = [
  "--allow-run-as-root",
  "--oversubscribe",
  ...["--mca", "btl_vader_single_copy_mechanism", "none"],
  // A busy machine needs more than the second that processes have after SIGTERM.
  ...["--mca", "odls_base_sigkill_timeout", "5"],
];

/**
 * Starts processes, with the arguments of Deno for each.
 *
 * @param flags further flags of `mpirun`
 * @param before the words before the command
 */
export function mpirun(
  ranks: readonly (readonly string[])[],
  flags: readonly string[] = [],
  before: readonly string[] = [],
): Deno.ChildProcess {
  const contexts = ranks.flatMap((args, rank) => [
    ...(rank > 0 ? [":"] : []),
    ...["-np", "1", Deno.execPath(), "run", "-A", "--no-check", ...args],
  ]);
  const [command, ...args] = [...before, "mpirun", ...allowances, ...flags, ...contexts] as [string, ...string[]];
  return new Deno.Command(command, { args, cwd: root, env: { NO_COLOR: "1" }, stdout: "piped", stderr: "piped" })
    .spawn();
}

/** Starts processes on this machine, with the arguments of Deno for each. */
export const startRanks = (ranks: readonly (readonly string[])[]): Deno.ChildProcess => mpirun(ranks);

/** Starts the same command of the program in each of `count` processes. */
export const startTeam = (count: number, args: readonly string[]): Deno.ChildProcess =>
  startRanks(Array(count).fill(["pipeline/main.ts", ...args]));

/** Reads the output of a process to its end. */
export async function ended(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** `mpirun` says that a process was killed with SIGKILL. */
export const KILLED = /on signal 9 \(Killed\)/;

/** The processes that `mpirun` has started, by their ids in the order of the system. */
export async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-P", `${pid}`] }).output();
  return new TextDecoder().decode(stdout).trim().split(/\s+/).filter(Boolean).map(Number);
}
