/**
 * A model of float32 as one that computes in float16, half the size. Inputs and outputs stay float32, so that callers
 * need not care; what needs more range or precision than float16 has stays float32 inside too.
 *
 * @module
 */
import { type NodeProto, TensorProto_DataType as ElementType } from "../file/generated/onnx_pb.ts";
import type { Name } from "../file/model_builder.ts";
import { attributeOf, floatsOf, isFloat, ModelEditor, newNode, shapeOf } from "../file/model_editor.ts";

type Form = "float32" | "float16";

const elementTypes = { float32: ElementType.FLOAT, float16: ElementType.FLOAT16 } as const;

/** Operators whose results are no real numbers; a model that has them between its nodes is not converted. */
const INTEGER_OPERATORS = ["ArgMax", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Shape"];

/**
 * @param bytes a model whose values are float32, but for inputs that it casts
 * @param keep operators that stay float32
 */
export function toFloat16(bytes: Uint8Array, keep: readonly string[]): Uint8Array<ArrayBuffer> {
  const editor = new ModelEditor(bytes);
  const forms = new Forms(editor);
  const outputs = new Set(editor.graph.output.map(({ name }) => name));
  editor.rewriteNodes((node) => {
    if (INTEGER_OPERATORS.includes(node.opType)) throw new Error(`${node.opType} cannot be converted to float16`);
    const form = keep.includes(node.opType) ? "float32" : "float16";
    const casts: NodeProto[] = [];
    node.input = node.input.map((name) => forms.get(name, form, casts));
    const target = node.opType === "Cast" ? attributeOf(node, "to") : undefined;
    if (target?.i === BigInt(ElementType.FLOAT)) target.i = BigInt(elementTypes[form]);
    node.output = node.output.map((name) => forms.define(name, form, form === "float16" && outputs.has(name)));
    return [...casts, node];
  });
  const last: NodeProto[] = [];
  for (const name of outputs) forms.restore(name, last);
  editor.graph.node.push(...last);
  return editor.build();
}

/** In which of the two types a value exists, and under which name. */
class Forms {
  readonly #names = new Map<Name, Partial<Record<Form, Name>>>();

  constructor(readonly editor: ModelEditor) {
    for (const { name, type } of editor.graph.input) {
      const { value } = type!;
      if (value.case === "tensorType" && value.value.elemType === ElementType.FLOAT) this.define(name, "float32");
    }
  }

  /** Says that a value exists; under another name if its own must be kept free. */
  define(value: Name, form: Form, renamed = false): Name {
    const name = renamed ? this.editor.fresh(`${value}/${form}`) : value;
    this.#names.set(value, { [form]: name });
    return name;
  }

  /** The name of a value in a form; a cast that this needs is added to `nodes`. What is not float32 stays as it is. */
  get(value: Name, form: Form, nodes: NodeProto[]): Name {
    const constant = this.editor.constant(value);
    if (constant && !isFloat(constant)) return value;
    const names = this.#names.get(value) ?? (constant ? { float32: value } : undefined);
    if (!names) return value;
    if (names[form] !== undefined) return names[form];
    const name = constant
      ? this.editor.addConstant(`${value}/${form}`, new Float16Array(floatsOf(constant)), shapeOf(constant))
      : this.editor.fresh(`${value}/${form}`);
    if (!constant) nodes.push(this.#cast(Object.values(names)[0]!, name, form));
    this.#names.set(value, { ...names, [form]: name });
    return name;
  }

  /** Makes a value exist as float32 under its own name. */
  restore(value: Name, nodes: NodeProto[]): void {
    const names = this.#names.get(value);
    if (names && names.float32 !== value) nodes.push(this.#cast(names.float16!, value, "float32"));
  }

  #cast = (from: Name, to: Name, form: Form): NodeProto => newNode("Cast", [from], to, { to: elementTypes[form] });
}
