/**
 * TensorBoard's event files: TFRecords of Event messages (tensorflow/core/util/event.proto, framework/summary.proto).
 *
 * @module
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { appendToFile, restoreFile, writeFileAtomic } from "../../data/files/files.ts";
import { maskedCrc32c } from "./crc32c.ts";

/** The content of an event beside its time. */
export interface EventContent {
  readonly step?: number;
  /** Version of the file's format, in its first event. */
  readonly version?: string;
  /** Voids earlier events of this step and later ones; a resumed run writes them again. */
  readonly restart?: boolean;
  readonly scalars?: Readonly<Record<string, number>>;
  /** Texts in Markdown, by name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The first event of every file. */
const FIRST: EventContent = { version: "brain.Event:2" };

/** A file that events are appended to. */
export class EventFile {
  private constructor(readonly path: string) {}

  /** Begins a file in a folder; TensorBoard reads those of a folder in the order of their names. */
  static async begin(folder: string): Promise<EventFile> {
    const file = new EventFile(`${folder}/events.out.tfevents.${Date.now()}.shakenet`);
    await writeFileAtomic(file.path, "");
    await file.#write(FIRST);
    return file;
  }

  async append(content: EventContent): Promise<void> {
    if (await restoreFile(this.path)) await this.#write(FIRST);
    await this.#write(content);
  }

  async #write(content: EventContent): Promise<void> {
    await appendToFile(this.path, record(encodeEvent(Date.now() / 1000, content)));
  }
}

/** Frames data as a TFRecord: length, checksum of the length, data, checksum of the data. */
export function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(data.length + 16), view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(framed.subarray(0, 8)), true);
  framed.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return framed;
}

/** Field numbers of the messages. */
const Event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 };
const SessionLog = { status: 1, start: 1 };
const Summary = { value: 1 };
const Value = { tag: 1, simpleValue: 2, tensor: 8, metadata: 9 };
const SummaryMetadata = { pluginData: 1 };
const PluginData = { name: 1 };
const Tensor = { dtype: 1, string: 7, stringValue: 8 };

/** @param wallTime seconds since 1970 */
export function encodeEvent(
  wallTime: number,
  { step, version, restart, scalars = {}, texts = {} }: EventContent,
): Uint8Array {
  const writer = new BinaryWriter().tag(Event.wallTime, WireType.Bit64).double(wallTime);
  if (step !== undefined) writer.tag(Event.step, WireType.Varint).int64(step);
  if (version !== undefined) writer.tag(Event.fileVersion, WireType.LengthDelimited).string(version);
  if (restart) {
    const session = writer.tag(Event.sessionLog, WireType.LengthDelimited).fork();
    session.tag(SessionLog.status, WireType.Varint).int32(SessionLog.start).join();
  }
  if (Object.keys({ ...scalars, ...texts }).length > 0) {
    writer.tag(Event.summary, WireType.LengthDelimited).fork();
    for (const [tag, value] of Object.entries(scalars)) writeScalar(writer, tag, value);
    for (const [tag, text] of Object.entries(texts)) writeText(writer, tag, text);
    writer.join();
  }
  return writer.finish();
}

function writeScalar(writer: BinaryWriter, tag: string, value: number): void {
  writer.tag(Summary.value, WireType.LengthDelimited).fork()
    .tag(Value.tag, WireType.LengthDelimited).string(tag)
    .tag(Value.simpleValue, WireType.Bit32).float(value)
    .join();
}

function writeText(writer: BinaryWriter, tag: string, text: string): void {
  writer.tag(Summary.value, WireType.LengthDelimited).fork()
    .tag(Value.tag, WireType.LengthDelimited).string(tag);
  writer.tag(Value.tensor, WireType.LengthDelimited).fork()
    .tag(Tensor.dtype, WireType.Varint).int32(Tensor.string)
    .tag(Tensor.stringValue, WireType.LengthDelimited).string(text)
    .join();
  writer.tag(Value.metadata, WireType.LengthDelimited).fork()
    .tag(SummaryMetadata.pluginData, WireType.LengthDelimited).fork()
    .tag(PluginData.name, WireType.LengthDelimited).string("text")
    .join().join().join();
}
