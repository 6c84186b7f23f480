/**
 * Converts a float32 model to one that computes in float16 and is half the size. Inputs and outputs stay float32, so callers
 * need no change; operators that need more range or precision stay float32 too.
 *
 * @module
 */
import { type NodeProto, TensorProto_DataType as ElementType } from "../file/generated/onnx_pb.ts";
import type { Name } from "../file/encode.ts";
import { attributeOf, floatsOf, isFloat, ModelEditor, newNode, shapeOf } from "../file/model_editor.ts";

type Precision = "float32" | "float16";

const elementTypes = { float32: ElementType.FLOAT, float16: ElementType.FLOAT16 } as const;

/** Operators whose results are no real numbers: they cannot be converted. */
const INTEGER_OPERATORS = ["ArgMax", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Shape"];

/** The part of a model that stays float32. */
export interface KeptFloat32 {
  readonly operators: readonly string[];
  /** Outputs: every node that no other output depends on stays as it is. Default: none. */
  readonly outputs?: readonly string[];
}

/**
 * Converts a model.
 *
 * @param bytes a model whose values are float32, except inputs that it casts
 * @throws {Error} if an operator that is not kept gives no real numbers
 */
export function toFloat16(bytes: Uint8Array, keep: KeptFloat32): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(bytes);
  const values = new Precisions(editor);
  const outputs = new Set(editor.graph.output.map(({ name }) => name));
  const converted = editor.nodesFor([...outputs].filter((name) => !keep.outputs?.includes(name)));
  editor.rewriteNodes((node) => {
    const isKept = !converted.has(node) || keep.operators.includes(node.opType);
    if (!isKept && INTEGER_OPERATORS.includes(node.opType)) {
      throw new Error(`operator ${node.opType} cannot be converted to float16`);
    }
    const precision = isKept ? "float32" : "float16";
    const casts: NodeProto[] = [];
    node.input = node.input.map((name) => values.get(name, precision, casts));
    const target = node.opType === "Cast" ? attributeOf(node, "to") : undefined;
    if (target?.i === BigInt(ElementType.FLOAT)) target.i = BigInt(elementTypes[precision]);
    node.output = node.output.map((name) =>
      values.define(name, precision, precision === "float16" && outputs.has(name))
    );
    return [...casts, node];
  });
  const last: NodeProto[] = [];
  for (const name of outputs) values.restore(name, last);
  editor.graph.node.push(...last);
  return editor.build();
}

/** The precisions in which each value exists, and its names there. */
class Precisions {
  readonly #names = new Map<Name, Partial<Record<Precision, Name>>>();

  constructor(readonly editor: ModelEditor) {
    for (const { name, type } of editor.graph.input) {
      const { value } = type!;
      if (value.case === "tensorType" && value.value.elemType === ElementType.FLOAT) this.define(name, "float32");
    }
  }

  /** Records that a value exists in a precision; under another name if `renamed`, which keeps its own name free. */
  define(value: Name, precision: Precision, renamed = false): Name {
    const name = renamed ? this.editor.fresh(`${value}/${precision}`) : value;
    this.#names.set(value, { [precision]: name });
    return name;
  }

  /** The name of a value in a precision. A cast that this needs is added to `nodes`. An integer keeps its name and type. */
  get(value: Name, precision: Precision, nodes: NodeProto[]): Name {
    const constant = this.editor.constant(value);
    if (constant && !isFloat(constant)) return value;
    const names = this.#names.get(value) ?? (constant ? { float32: value } : undefined);
    if (!names) return value;
    if (names[precision] !== undefined) return names[precision];
    const name = constant
      ? this.editor.addConstant(`${value}/${precision}`, new Float16Array(floatsOf(constant)), shapeOf(constant))
      : this.editor.fresh(`${value}/${precision}`);
    if (!constant) nodes.push(this.#cast(Object.values(names)[0]!, name, precision));
    this.#names.set(value, { ...names, [precision]: name });
    return name;
  }

  /** Casts a value back to float32 under its own name, if it is not there yet. */
  restore(value: Name, nodes: NodeProto[]): void {
    const names = this.#names.get(value);
    if (names && names.float32 !== value) nodes.push(this.#cast(names.float16!, value, "float32"));
  }

  #cast = (from: Name, to: Name, precision: Precision): NodeProto =>
    newNode("Cast", [from], to, { to: elementTypes[precision] });
}
