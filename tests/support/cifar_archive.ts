/** Files and archive of CIFAR-10's published layout, at full size but of plain pictures. */
import { createTarPacker } from "modern-tar";
import { catalogue } from "../../data/catalogue.ts";
import { recordBytes } from "../../data/cifar.ts";

/** The files by name: record n of a file has class n modulo 10, every pixel is 51, the classes are called a to j. */
export function* cifarFiles(): Generator<readonly [name: string, bytes: Uint8Array<ArrayBuffer>]> {
  const { train, test, labelFile, classes } = catalogue["cifar-10"];
  const size = recordBytes({ labelBytes: 1 });
  for (const { name, records } of [...train, ...test]) {
    const bytes = new Uint8Array(records * size).fill(51);
    for (let record = 0; record < records; record++) bytes[record * size] = record % classes;
    yield [name, bytes];
  }
  yield [labelFile, new TextEncoder().encode([..."abcdefghij"].join("\n"))];
}

/** Packs {@linkcode cifarFiles} as the archive is published. */
export async function writeCifarArchive(path: string): Promise<void> {
  const { readable, controller } = createTarPacker();
  const written = readable.pipeThrough(new CompressionStream("gzip")).pipeTo((await Deno.create(path)).writable);
  for (const [name, bytes] of cifarFiles()) {
    const header = { name: `${catalogue["cifar-10"].folder}/${name}`, size: bytes.length, type: "file" } as const;
    const writer = controller.add(header).getWriter();
    await writer.write(bytes);
    await writer.close();
  }
  controller.finalize();
  await written;
}
