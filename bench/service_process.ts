/** The example service as a process of its own, its memory and time (Linux). */
import { fileURLToPath } from "node:url";

/** Linux counts a process's time in hundredths of a second. */
const MILLISECONDS_PER_TICK = 10;

export interface ServiceProcess extends AsyncDisposable {
  /** The address of the service, without a path. */
  readonly url: string;
  /** Reads a size from the process's status in megabytes: `VmRSS` is the memory now, `VmHWM` the greatest so far. */
  memory(field: "VmRSS" | "VmHWM"): Promise<number>;
  /** The milliseconds of processors that it has taken. */
  processorTime(): Promise<number>;
}

/**
 * Starts a service and waits until it listens.
 *
 * @param folder the export that it serves
 * @param service the program
 */
export async function startService(folder: string, service = "../examples/deno/service.ts"): Promise<ServiceProcess> {
  const script = fileURLToPath(new URL(service, import.meta.url));
  const args = ["run", "--no-check", "--allow-read", "--allow-net", "--allow-ffi", "--allow-env", "--allow-sys"];
  const process = new Deno.Command(Deno.execPath(), { args: [...args, script, folder, "0"], stdout: "piped" }).spawn();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await output.read();
  const [url] = /http:\/\/[^/]+/.exec(value) ?? [];
  if (!url) {
    await process[Symbol.asyncDispose]();
    throw new Error(`the service printed "${value}", not its address`);
  }
  return {
    url,
    async memory(field) {
      const status = await Deno.readTextFile(`/proc/${process.pid}/status`);
      return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)![1]) / 1024;
    },
    async processorTime() {
      const fields = (await Deno.readTextFile(`/proc/${process.pid}/stat`)).split(" ");
      return MILLISECONDS_PER_TICK * (Number(fields[13]) + Number(fields[14]));
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await output.cancel();
    },
  };
}
