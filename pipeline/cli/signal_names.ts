/**
 * The signals that stop a command. Windows has no SIGTERM and no SIGUSR1; it sends SIGHUP when the console is closed.
 * Schedulers send SIGUSR1, which mpirun passes on, some time before a job must end.
 *
 * @module
 */
export const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const;
export type StopSignal = typeof signals[number];
