/**
 * Backpropagation over what tfjs recorded of a program. tfjs's own walk holds every tensor that was kept, and every
 * cotangent, until its end; here each is freed once nothing is left that needs it, and a node costs one scope.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isWithoutData } from '../shapes/withoutData.js';

/** A recorded operation. */
interface Node {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  /** The tensors that the derivative needs. */
  readonly saved?: readonly tf.Tensor[];
  /** From the outputs' cotangents to those of inputs, each computed when asked for; absent where there is no rule. */
  readonly gradient?: (dys: (tf.Tensor | null)[]) => Readonly<Record<string, () => tf.Tensor>>;
}

/** The part of tfjs's engine that its published type leaves out. */
interface Recorder {
  readonly state: {
    activeTape: readonly Node[] | null;
    readonly gradientDepth: number;
    readonly activeScope: { readonly id: number };
  };
  startTape(): void;
  /** A recorded copy; tf.clone records none while a kernel runs. */
  clone(x: tf.Tensor): tf.Tensor;
  endTape(): void;
  /** Keeps what a derivative needs; tfjs's own form records an operation for each. */
  saveTensorsForBackwardMode?(tensors: readonly (tf.Tensor | undefined)[]): (tf.Tensor | undefined)[];
  startScope(name?: string): void;
  endScope(result?: readonly tf.Tensor[]): void;
}

const recorder = (): Recorder => tf.engine() as unknown as Recorder;

/** Lets go of what the derivatives of the last program would have needed; not inside of another gradient. */
export const forgetTape = (): void => {
  const { state } = recorder();
  if (state.gradientDepth > 0) return;
  state.activeTape?.forEach(({ saved = [] }) => tf.dispose([...saved]));
  state.activeTape = null;
};

/** Another tensor of the same elements, which is on no tape and in no scope. */
const alias = ({ dataId, shape, dtype }: tf.Tensor): tf.Tensor => {
  const engine = tf.engine();
  engine.backend.incRef(dataId);
  return engine.keep(engine.makeTensorFromTensorInfo({ dataId, shape, dtype }, engine.backend));
};

/**
 * Runs a program in a scope of its own whose operations are recorded.
 *
 * Tensors that derivatives need are kept as aliases. Only derivatives of derivatives would look for them on the tape: inside of
 * another gradient, and where a program is written down, tfjs keeps recorded copies.
 */
const record = (f: () => tf.Tensor): tf.Tensor => {
  const engine = recorder();
  const isOutermost = engine.state.gradientDepth === 0;
  const withCopies = engine.saveTensorsForBackwardMode;
  engine.startTape();
  const copy = (x: tf.Tensor): tf.Tensor => tf.keep(engine.clone(x));
  const keep = isOutermost && !isWithoutData() ? alias : copy;
  // Inputs that an operation may do without, such as the scale of batch norm, are undefined.
  engine.saveTensorsForBackwardMode = (tensors) => tensors.map((x) => x && keep(x));
  try {
    return tf.tidy(f);
  } finally {
    engine.endTape();
    delete engine.saveTensorsForBackwardMode;
    if (!isOutermost && withCopies) engine.saveTensorsForBackwardMode = withCopies;
  }
};

/** The nodes that depend on some of the inputs, each with the names of those of its own inputs that do. */
const dependents = (
  tape: readonly Node[],
  xs: readonly tf.Tensor[],
): (readonly [Node, readonly string[]])[] => {
  const ids = new Set(xs.map(({ id }) => id));
  return tape.flatMap((node) => {
    const names = Object.keys(node.inputs).filter((name) => ids.has(node.inputs[name]?.id));
    if (names.length === 0) return [];
    node.outputs.forEach(({ id }) => ids.add(id));
    return [[node, names] as const];
  });
};

const expectCotangent = (kernelName: string, name: string, x: tf.Tensor, dx: tf.Tensor): void => {
  if (dx.dtype === 'float32' && tf.util.arraysEqual(dx.shape, x.shape)) return;
  throw new Error(
    `the derivative of ${kernelName} gives its input '${name}' a cotangent of ${dx.dtype} [${dx.shape}], ` +
      `expected float32 [${x.shape}]`,
  );
};

/** The cotangents of some inputs of a node; each is a tensor of its own. */
const backOf = (node: Node, names: readonly string[], dys: (tf.Tensor | null)[]): readonly tf.Tensor[] => {
  const { kernelName, inputs, gradient } = node;
  if (!gradient) throw new Error(`there is no derivative of ${kernelName}`);
  const engine = recorder();
  engine.startScope(kernelName);
  const found: tf.Tensor[] = [];
  try {
    const cotangents = gradient(dys);
    for (const name of names) {
      if (!Object.hasOwn(cotangents, name))
        throw new Error(`the derivative of ${kernelName} has nothing for its input '${name}'`);
      const dx = cotangents[name]();
      expectCotangent(kernelName, name, inputs[name], dx);
      // What was not made here, or is another input's as well, would be freed with its owner.
      const isOwn = dx.scopeId === engine.state.activeScope.id && !found.includes(dx);
      found.push(isOwn ? dx : tf.clone(dx));
    }
  } finally {
    engine.endScope(found);
  }
  return found;
};

/**
 * The value of a program and its cotangents in some tensors; undefined for those on which the value does not depend.
 * @param f  gives a scalar that is none of `xs`
 * @param xs float32
 */
export const backpropagate = (
  f: () => tf.Tensor,
  xs: readonly tf.Tensor[],
): { readonly value: tf.Tensor; readonly cotangents: readonly (tf.Tensor | undefined)[] } => {
  const value = record(f);
  const { state } = recorder();
  // Inside of another gradient, the tape is that one's as well.
  const isOutermost = state.gradientDepth === 0;
  const known = new Map<number, tf.Tensor>([[value.id, tf.ones(value.shape)]]);
  const kept = new Set(xs.map(({ id }) => id));
  for (const [node, names] of dependents(state.activeTape ?? [], xs).reverse()) {
    const dys = node.outputs.map(({ id }) => known.get(id) ?? null);
    if (dys.some((dy) => dy !== null)) {
      backOf(node, names, dys).forEach((dx, i) => {
        const { id } = node.inputs[names[i]];
        const before = known.get(id);
        known.set(id, before ? tf.add(before, dx) : dx);
        if (before && isOutermost) tf.dispose([before, dx]);
      });
      for (const { id } of isOutermost ? node.outputs : []) {
        if (kept.has(id)) continue;
        known.get(id)?.dispose();
        known.delete(id);
      }
    }
    if (isOutermost && node.saved) tf.dispose([...node.saved]);
  }
  forgetTape();
  return { value, cotangents: xs.map(({ id }) => known.get(id)) };
};
