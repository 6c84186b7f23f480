/**
 * A process group on Open MPI, whose library is called through Deno's foreign function interface. `mpirun` or a scheduler
 * starts the processes and connects them.
 *
 * Open MPI's handles are the addresses of symbols of its library (mpi.h: `ompi_mpi_comm_world` and so on).
 *
 * @module
 */
import { type Numbers, type ProcessGroup, ProcessLostError } from "./process_group.ts";

/** Reports that Open MPI cannot be used; the message says what to do. */
export class MpiUnavailableError extends Error {
  override name = "MpiUnavailableError";
  readonly exitCode = 1;
}

/** The library of Open MPI 2 to 5. */
const LIBRARY = Deno.build.os === "darwin" ? "libmpi.40.dylib" : "libmpi.so.40";

const handle = { type: "pointer" } as const;
const allReduce = {
  parameters: ["pointer", "buffer", "i32", "pointer", "pointer", "pointer"],
  result: "i32",
} as const;

const symbols = {
  MPI_Init_thread: { parameters: ["pointer", "pointer", "i32", "buffer"], result: "i32" },
  MPI_Comm_set_errhandler: { parameters: ["pointer", "pointer"], result: "i32" },
  MPI_Comm_split_type: { parameters: ["pointer", "i32", "i32", "pointer", "buffer"], result: "i32" },
  MPI_Comm_rank: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Allreduce: { ...allReduce, nonblocking: true },
  allReduceNow: { ...allReduce, name: "MPI_Allreduce" },
  MPI_Bcast: { parameters: ["buffer", "i32", "pointer", "i32", "pointer"], result: "i32", nonblocking: true },
  MPI_Finalize: { parameters: [], result: "i32" },
  ompi_mpi_comm_world: handle,
  ompi_mpi_errors_return: handle,
  ompi_mpi_info_null: handle,
  ompi_mpi_op_sum: handle,
  ompi_mpi_float: handle,
  ompi_mpi_double: handle,
  ompi_mpi_byte: handle,
} as const;

const THREAD_SERIALIZED = 2;
const COMM_TYPE_SHARED = 0;
const MOST_BYTES = 2 ** 31 - 1;

/**
 * Joins the group of the processes that `mpirun` started together.
 *
 * @throws {MpiUnavailableError} if Open MPI is not installed, or was built without threads
 */
export function openMpi(library = LIBRARY): ProcessGroup {
  const mpi = load(library);
  const world = mpi.ompi_mpi_comm_world;
  const provided = new Int32Array(1);
  check(mpi.MPI_Init_thread(null, null, THREAD_SERIALIZED, provided));
  if (provided[0]! < THREAD_SERIALIZED) {
    throw new MpiUnavailableError(
      "this Open MPI was built without threads (MPI_THREAD_SERIALIZED); use your system's package openmpi-bin",
    );
  }
  // A failed call returns an error, so that the trained state can still be saved.
  check(mpi.MPI_Comm_set_errhandler(world, mpi.ompi_mpi_errors_return));
  const [rank, size] = place(mpi, world);
  const [localRank, localSize] = place(mpi, machineOf(mpi, world, rank));
  // Address 1 is MPI_IN_PLACE: the result replaces the operand.
  const inPlace = Deno.UnsafePointer.create(1n);
  const operands = (values: Numbers) =>
    [
      ...[inPlace, values as BufferSource, values.length],
      ...[values instanceof Float32Array ? mpi.ompi_mpi_float : mpi.ompi_mpi_double, mpi.ompi_mpi_op_sum, world],
    ] as Parameters<typeof mpi.allReduceNow>;
  return {
    ...{ rank, size, localRank, localSize },
    async sum(values) {
      check(await mpi.MPI_Allreduce(...operands(values)));
    },
    sumNow: (values) => check(mpi.allReduceNow(...operands(values))),
    async broadcast(bytes, root) {
      for (let begin = 0; begin < bytes.length; begin += MOST_BYTES) {
        const part = bytes.subarray(begin, begin + MOST_BYTES);
        check(await mpi.MPI_Bcast(part, part.length, mpi.ompi_mpi_byte, root, world));
      }
    },
    finish: () => check(mpi.MPI_Finalize()),
  };
}

type Mpi = Deno.DynamicLibrary<typeof symbols>["symbols"];

function load(library: string): Mpi {
  try {
    return Deno.dlopen(library, symbols).symbols;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new MpiUnavailableError(
      `--distributed mpi needs Open MPI, but its library ${library} does not load; install it ` +
        "(Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev) or add its folder to LD_LIBRARY_PATH",
    );
  }
}

/** Returns the rank in a communicator, and its size. */
function place(mpi: Mpi, communicator: Deno.PointerValue): [rank: number, size: number] {
  const rank = new Int32Array(1), size = new Int32Array(1);
  check(mpi.MPI_Comm_rank(communicator, rank));
  check(mpi.MPI_Comm_size(communicator, size));
  return [rank[0]!, size[0]!];
}

/** Returns the communicator of the processes on this machine. */
function machineOf(mpi: Mpi, world: Deno.PointerValue, rank: number): Deno.PointerValue {
  const communicator = new BigUint64Array(1);
  check(mpi.MPI_Comm_split_type(world, COMM_TYPE_SHARED, rank, mpi.ompi_mpi_info_null, communicator));
  return Deno.UnsafePointer.create(communicator[0]!);
}

function check(code: number): void {
  if (code !== 0) {
    throw new ProcessLostError(
      `Open MPI reports error ${code}: another process of the job, or the network to it, is gone`,
    );
  }
}
