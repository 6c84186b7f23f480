/**
 * The known data sets: their sources and the layout of their files.
 *
 * @module
 */

export const recordDatasetNames = ["shapes", "cifar-10", "cifar-100", "cifar-100-coarse"] as const;
/** A data set in CIFAR's record format. */
export type RecordDatasetName = typeof recordDatasetNames[number];

/** All data sets; `folder` is a folder of the user's images. */
export const datasetNames = [...recordDatasetNames, "folder"] as const;

/** A published archive with its size and digest. */
export interface Archive {
  readonly url: string;
  readonly file: string;
  readonly bytes: number;
  readonly md5: string;
}

/** A file of records. */
export interface RecordFile {
  readonly name: string;
  readonly records: number;
}

/** A value for each colour channel (red, green, blue), of pixels in [0, 1]. */
export type PerChannel = readonly [number, number, number];

export interface DatasetSource {
  readonly title: string;
  /** Name of the data set that owns the files. */
  readonly files: RecordDatasetName;
  readonly classes: number;
  /** Archive of the files; a data set without one is drawn. */
  readonly archive?: Archive;
  /** Folder of the members in the archive. */
  readonly folder: string;
  readonly train: readonly RecordFile[];
  readonly test: readonly RecordFile[];
  /** File of the classes' names, one on each line. */
  readonly labelFile: string;
  /** Other files of names in the archive. */
  readonly otherFiles: readonly string[];
  /** Number of label bytes before the pixels of a record. */
  readonly labelBytes: 1 | 2;
  /** Index of the label byte that is the class. */
  readonly labelAt: 0 | 1;
  /** Customary mean and standard deviation of this data set; default: those of the training split. */
  readonly statistics?: { readonly mean: PerChannel; readonly std: PerChannel };
}

const dataBatches = (records: number): RecordFile[] =>
  [1, 2, 3, 4, 5].map((batch) => ({ name: `data_batch_${batch}.bin`, records }));

/** The files of CIFAR-100, which hold fine and coarse classes. */
const cifar100: Pick<DatasetSource, "files" | "archive" | "folder" | "train" | "test" | "labelBytes"> = {
  files: "cifar-100",
  archive: {
    url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
    file: "cifar-100-binary.tar.gz",
    bytes: 168_513_733,
    md5: "03b5dce01913d631647c71ecec9e9cb8",
  },
  folder: "cifar-100-binary",
  train: [{ name: "train.bin", records: 50_000 }],
  test: [{ name: "test.bin", records: 10_000 }],
  labelBytes: 2,
};

export const catalogue: Readonly<Record<RecordDatasetName, DatasetSource>> = {
  "shapes": {
    title: "Shapes: ten kinds of figures drawn from a seed",
    files: "shapes",
    classes: 10,
    folder: "shapes-batches-bin",
    train: dataBatches(1000),
    test: [{ name: "test_batch.bin", records: 1000 }],
    labelFile: "batches.meta.txt",
    otherFiles: [],
    labelBytes: 1,
    labelAt: 0,
  },
  "cifar-10": {
    title: "CIFAR-10 (Krizhevsky 2009)",
    files: "cifar-10",
    classes: 10,
    archive: {
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      file: "cifar-10-binary.tar.gz",
      bytes: 170_052_171,
      md5: "c32a1d4ab5d03f1284b67883e8d87530",
    },
    folder: "cifar-10-batches-bin",
    train: dataBatches(10_000),
    test: [{ name: "test_batch.bin", records: 10_000 }],
    labelFile: "batches.meta.txt",
    otherFiles: [],
    labelBytes: 1,
    labelAt: 0,
    statistics: { mean: [0.4914, 0.4822, 0.4465], std: [0.2470, 0.2435, 0.2616] },
  },
  "cifar-100": {
    ...cifar100,
    title: "CIFAR-100 (Krizhevsky 2009), fine labels",
    classes: 100,
    labelFile: "fine_label_names.txt",
    otherFiles: ["coarse_label_names.txt"],
    labelAt: 1,
  },
  "cifar-100-coarse": {
    ...cifar100,
    title: "CIFAR-100 (Krizhevsky 2009), coarse labels",
    classes: 20,
    labelFile: "coarse_label_names.txt",
    otherFiles: ["fine_label_names.txt"],
    labelAt: 0,
  },
};

/** Returns the names of all files of a data set. */
export const memberNames = ({ train, test, labelFile, otherFiles }: DatasetSource): string[] =>
  [...train, ...test].map(({ name }) => name).concat([labelFile, ...otherFiles].toSorted());
