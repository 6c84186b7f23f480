/**
 * The border to Open MPI's library, which is called through Deno's foreign function interface.
 *
 * Open MPI's handles are the addresses of symbols of its library (mpi.h: `ompi_mpi_comm_world` and so on). A call that is
 * `nonblocking` here runs on a thread of its own; the others return at once.
 *
 * @module
 */
import { ProcessLostError } from "./process_group.ts";

/** Reports that Open MPI cannot be used; the message says what to do. */
export class MpiUnavailableError extends Error {
  override name = "MpiUnavailableError";
  readonly exitCode = 1;
}

/** The library of Open MPI 2 to 5. */
export const MPI_LIBRARY = Deno.build.os === "darwin" ? "libmpi.40.dylib" : "libmpi.so.40";

const handle = { type: "pointer" } as const;
const message = ["buffer", "i32", "pointer", "i32", "i32", "pointer"] as const;

const symbols = {
  MPI_Init_thread: { parameters: ["pointer", "pointer", "i32", "buffer"], result: "i32", nonblocking: true },
  MPI_Comm_set_errhandler: { parameters: ["pointer", "pointer"], result: "i32" },
  MPI_Comm_split_type: {
    parameters: ["pointer", "i32", "i32", "pointer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  MPI_Comm_dup: { parameters: ["pointer", "buffer"], result: "i32", nonblocking: true },
  MPI_Comm_rank: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Comm_size: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Iallreduce: {
    parameters: ["pointer", "buffer", "i32", "pointer", "pointer", "pointer", "buffer"],
    result: "i32",
  },
  MPI_Ibcast: { parameters: ["buffer", "i32", "pointer", "i32", "pointer", "buffer"], result: "i32" },
  MPI_Ibarrier: { parameters: ["pointer", "buffer"], result: "i32" },
  MPI_Test: { parameters: ["buffer", "buffer", "pointer"], result: "i32" },
  MPI_Isend: { parameters: [...message, "buffer"], result: "i32" },
  MPI_Request_free: { parameters: ["buffer"], result: "i32" },
  MPI_Iprobe: { parameters: ["i32", "i32", "pointer", "buffer", "buffer"], result: "i32" },
  MPI_Recv: { parameters: [...message, "pointer"], result: "i32" },
  MPI_Finalize: { parameters: [], result: "i32", nonblocking: true },
  ompi_mpi_comm_world: handle,
  ompi_mpi_errors_return: handle,
  ompi_mpi_info_null: handle,
  ompi_mpi_op_sum: handle,
  ompi_mpi_float: handle,
  ompi_mpi_double: handle,
  ompi_mpi_byte: handle,
  ompi_mpi_int32_t: handle,
} as const;

export type Mpi = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** @throws {MpiUnavailableError} if Open MPI is not installed */
export function loadMpi(library: string): Mpi {
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

/** @throws {ProcessLostError} if a call of Open MPI failed */
export function check(code: number): void {
  if (code !== 0) {
    throw new ProcessLostError(
      `Open MPI reports error ${code}: another process of the job, or the network to it, is gone`,
    );
  }
}

/** Returns the rank in a communicator, and its size. */
export function placeIn(mpi: Mpi, communicator: Deno.PointerValue): [rank: number, size: number] {
  const rank = new Int32Array(1), size = new Int32Array(1);
  check(mpi.MPI_Comm_rank(communicator, rank));
  check(mpi.MPI_Comm_size(communicator, size));
  return [rank[0]!, size[0]!];
}
