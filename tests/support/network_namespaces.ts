/**
 * Machines that are network namespaces of this one, on one bridge, so that a link between them can be cut. Open MPI reaches
 * them by TCP alone. They need root and the command `ip`.
 */
import { resolve } from "node:path";
import { mpirun } from "./mpi.ts";
import { STRESS_FOLDER } from "./temporary_folder.ts";

export interface Machines extends AsyncDisposable {
  /** Starts the same command of the program in one process on each machine. */
  startTeam(args: readonly string[]): Deno.ChildProcess;
  /** Takes the link of a machine down. */
  cut(machine: number): Promise<void>;
}

const PREFIX = `shake${Deno.pid % 1000}`;
const bridge = `${PREFIX}br`;
const nameOf = (machine: number) => `${PREFIX}n${machine}`;
const linkOf = (machine: number) => `${PREFIX}l${machine}`;
const addressOf = (machine: number) => `10.213.77.${machine + 1}`;

async function ip(words: string): Promise<boolean> {
  const command = new Deno.Command("ip", { args: words.split(" "), stdout: "null", stderr: "null" });
  return await command.output().then(({ success }) => success, () => false);
}

/** Returns connected machines, or nothing where they cannot be made. */
export async function connectedMachines(count: number): Promise<Machines | undefined> {
  const machines = Array.from({ length: count }, (_, at) => at);
  const remove = async () => {
    for (const machine of machines) await ip(`netns del ${nameOf(machine)}`);
    await ip(`link del ${bridge}`);
  };
  if (!await connect(machines)) {
    await remove();
    return undefined;
  }
  const agent = resolve(await Deno.makeTempFile({ dir: STRESS_FOLDER, prefix: "agent-" }));
  await Deno.writeTextFile(agent, AGENT);
  await Deno.chmod(agent, 0o700);
  return {
    startTeam: (args) =>
      mpirun(machines.map(() => ["pipeline/main.ts", ...args]), namespaceFlags(agent, count), within(0)),
    async cut(machine) {
      if (!await ip(`link set ${linkOf(machine)} down`)) {
        throw new Error(`the link of machine ${machine} cannot be cut`);
      }
    },
    async [Symbol.asyncDispose]() {
      await remove();
      await Deno.remove(agent);
    },
  };
}

async function connect(machines: readonly number[]): Promise<boolean> {
  const commands = [
    `link add ${bridge} type bridge`,
    `link set ${bridge} up`,
    ...machines.flatMap((machine) => [
      `netns add ${nameOf(machine)}`,
      `link add ${linkOf(machine)} type veth peer name eth0 netns ${nameOf(machine)}`,
      `link set ${linkOf(machine)} master ${bridge} up`,
      `-n ${nameOf(machine)} addr add ${addressOf(machine)}/24 dev eth0`,
      `-n ${nameOf(machine)} link set eth0 up`,
      `-n ${nameOf(machine)} link set lo up`,
      // mpirun waits for a machine until TCP gives up: after 25 s instead of 15 minutes.
      `netns exec ${nameOf(machine)} sysctl -qw net.ipv4.tcp_retries2=6`,
    ]),
  ];
  for (const command of commands) if (!await ip(command)) return false;
  return true;
}

/** Starts a command on a machine by its address, as `ssh` would; each machine has a name of its own. */
const AGENT = `#!/bin/sh
host=$1; shift
number=$((\${host##*.} - 1))
exec ip netns exec ${PREFIX}n$number unshare --uts sh -c "hostname ${PREFIX}n$number; $*"
`;

/** The words before a command that runs it on a machine. */
const within = (machine: number) => ["ip", "netns", "exec", nameOf(machine), "unshare", "--uts"];

const namespaceFlags = (agent: string, count: number) => [
  ...["--host", Array.from({ length: count }, (_, machine) => addressOf(machine)).join(",")],
  ...["--mca", "plm_rsh_agent", agent, "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "eth0"],
  ...["--mca", "oob_tcp_if_include", "eth0"],
];
