/**
 * A process group on Open MPI. `mpirun` or a scheduler starts the processes and connects them.
 *
 * Every exchange is begun without waiting for it, and then tested until it is done, because a call that waits for a process
 * that hangs never returns. Open MPI moves the numbers while it is tested.
 *
 * @module
 */
import { check, loadMpi, type Mpi, MPI_LIBRARY, MpiUnavailableError, placeIn } from "./open_mpi_library.ts";
import { type Numbers, type ProcessGroup, ProcessLostError } from "./process_group.ts";
import { type Kind, type Post, RollCall } from "./roll_call.ts";
import { limitOf, wait, waitNow } from "./wait.ts";

export { MpiUnavailableError };

export interface OpenMpiOptions {
  /** Seconds in which a process that hangs is found, once the group has started. */
  readonly timeout: number;
  /** The name of Open MPI's library. */
  readonly library?: string;
}

const THREAD_SERIALIZED = 2;
const COMM_TYPE_SHARED = 0;
const MOST_BYTES = 2 ** 31 - 1;
/** Milliseconds after which a process that works answers a roll call. */
const ANSWER_EVERY = 1000;

/**
 * Joins the group of the processes that `mpirun` started together.
 *
 * @throws {MpiUnavailableError} if Open MPI is not installed, or was built without threads
 * @throws {ProcessLostError} if not all processes have joined in time
 */
export async function openMpi({ timeout, library = MPI_LIBRARY }: OpenMpiOptions): Promise<ProcessGroup> {
  const mpi = loadMpi(library);
  const { limit, limitName } = limitOf(timeout, true);
  const { machine, messages } = await inTime(
    join(mpi),
    limit / 1000,
    `not all processes have started within ${limit / 1000} s (${limitName}); ` +
      "see that every machine of the job can be reached and that none of its processes hangs",
  );
  const [rank, size] = placeIn(mpi, mpi.ompi_mpi_comm_world);
  const [localRank, localSize] = placeIn(mpi, machine);
  const rollCall = new RollCall(postOf(mpi, messages, size), rank, size);
  const attending = setInterval(() => attend(rollCall), ANSWER_EVERY);
  attending.unref();
  const exchange = exchangeOf(mpi);
  let limits = { rollCall, ...limitOf(timeout, true) };
  return {
    ...{ rank, size, localRank, localSize },
    sum: (values) => wait(exchange.sum(values), limits),
    sumNow: (values, interrupt) => waitNow(exchange.sum(values), limits, interrupt),
    async broadcast(bytes, root) {
      for (let begin = 0; begin < bytes.length; begin += MOST_BYTES) {
        await wait(exchange.broadcast(bytes.subarray(begin, begin + MOST_BYTES), root), limits);
      }
    },
    started() {
      limits = { rollCall, ...limitOf(timeout, false) };
    },
    async finish() {
      await wait(exchange.barrier(), limits);
      clearInterval(attending);
      check(await inTime(mpi.MPI_Finalize(), timeout, `not all processes have ended within ${timeout} s`));
    },
  };
}

function attend(rollCall: RollCall): void {
  try {
    rollCall.attend();
  } catch (error) {
    // The next exchange fails for the same reason, where it is handled.
    if (!(error instanceof ProcessLostError)) throw error;
  }
}

/** Communicators: of the processes on this machine, and of all for the roll call. */
interface Communicators {
  readonly machine: Deno.PointerValue;
  readonly messages: Deno.PointerValue;
}

async function join(mpi: Mpi): Promise<Communicators> {
  const world = mpi.ompi_mpi_comm_world;
  const provided = new Int32Array(1);
  check(await mpi.MPI_Init_thread(null, null, THREAD_SERIALIZED, provided));
  if (provided[0]! < THREAD_SERIALIZED) {
    throw new MpiUnavailableError(
      "this Open MPI was built without threads (MPI_THREAD_SERIALIZED); use your system's package openmpi-bin",
    );
  }
  // A failed call returns an error, so that the trained state can still be saved. New communicators inherit this.
  check(mpi.MPI_Comm_set_errhandler(world, mpi.ompi_mpi_errors_return));
  const [rank] = placeIn(mpi, world);
  const machine = new BigUint64Array(1), messages = new BigUint64Array(1);
  check(await mpi.MPI_Comm_split_type(world, COMM_TYPE_SHARED, rank, mpi.ompi_mpi_info_null, machine));
  check(await mpi.MPI_Comm_dup(world, messages));
  return { machine: Deno.UnsafePointer.create(machine[0]!), messages: Deno.UnsafePointer.create(messages[0]!) };
}

/** Begins exchanges; each returns the test that says when it is done. */
function exchangeOf(mpi: Mpi) {
  const world = mpi.ompi_mpi_comm_world;
  // Address 1 is MPI_IN_PLACE: the result replaces the operand.
  const inPlace = Deno.UnsafePointer.create(1n);
  const begun = (begin: (request: BigUint64Array<ArrayBuffer>) => number, memory?: unknown) => {
    const request = new BigUint64Array(1), done = new Int32Array(1);
    check(begin(request));
    return () => {
      check(mpi.MPI_Test(request, done, null));
      // Open MPI writes to the memory until then; naming it here keeps it.
      return done[0] !== 0 && memory !== null;
    };
  };
  return {
    sum(values: Numbers) {
      const type = values instanceof Float32Array ? mpi.ompi_mpi_float : mpi.ompi_mpi_double;
      return begun(
        (request) => mpi.MPI_Iallreduce(inPlace, values, values.length, type, mpi.ompi_mpi_op_sum, world, request),
        values,
      );
    },
    broadcast: (bytes: Uint8Array<ArrayBuffer>, root: number) =>
      begun((request) => mpi.MPI_Ibcast(bytes, bytes.length, mpi.ompi_mpi_byte, root, world, request), bytes),
    barrier: () => begun((request) => mpi.MPI_Ibarrier(world, request)),
  };
}

const ANY_SOURCE = -1;
const tags: Readonly<Record<Kind, number>> = { call: 1, answer: 2 };

/** Messages of one number over Open MPI. */
function postOf(mpi: Mpi, communicator: Deno.PointerValue, size: number): Post {
  // A message may still be on its way when the next one is written: both then carry the newer number.
  const sent = Object.fromEntries(
    Object.keys(tags).map((kind) => [kind, Array.from({ length: size }, () => new Int32Array(1))]),
  ) as Record<Kind, Int32Array<ArrayBuffer>[]>;
  const [request, found, status] = [new BigUint64Array(1), new Int32Array(1), new Int32Array(16)];
  return {
    send(rank, kind, round) {
      const number = sent[kind][rank]!;
      number[0] = round;
      check(mpi.MPI_Isend(number, 1, mpi.ompi_mpi_int32_t, rank, tags[kind], communicator, request));
      check(mpi.MPI_Request_free(request));
    },
    receive(kind) {
      check(mpi.MPI_Iprobe(ANY_SOURCE, tags[kind], communicator, found, status));
      if (found[0] === 0) return undefined;
      // The status begins with the sender's rank.
      const rank = status[0]!, number = new Int32Array(1);
      check(mpi.MPI_Recv(number, 1, mpi.ompi_mpi_int32_t, rank, tags[kind], communicator, null));
      return { rank, round: number[0]! };
    },
  };
}

/** @throws {ProcessLostError} with the message, if the work takes longer than so many seconds */
async function inTime<T>(work: Promise<T>, seconds: number, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ProcessLostError(message)), 1000 * seconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
