/**
 * Compiled training steps: a step is traced with its gradient, its optimizer and its random draws, and run by onnxruntime.
 * The state stays with the runtime from step to step, and is read when it is asked for.
 */
import { sizeOf, type TypedArray } from '../data/array.js';
import { nameInBatch, realExamples } from '../data/examples.js';
import { asHost, isTensor, tensorValues } from '../data/leaf.js';
import { donate, expectNotDonated } from '../engine/index.js';
import type { Input } from '../graph/graph.js';
import { isKey } from '../graph/traceFunction.js';
import { expectArrays, showBatch } from './checkInputs.js';
import { type CompileOptions, checkCompileOptions } from './compileOptions.js';
import { expectIds } from './lookups.js';
import { nestKey } from './nestKey.js';
import { type OnnxRuntime, runtimeTensor, type RuntimeTensor } from './onnxruntime.js';
import { programs } from './programs.js';
import { isWords, OutputMemory, type Part, RuntimeState, typeOf } from './runtimeState.js';
import { leavesOf, type Step, stepProgram, type StepProgram } from './stepProgram.js';

const valuesOf = async (leaf: Part): Promise<TypedArray> => {
  if (isKey(leaf)) return Int32Array.from(leaf.words);
  if (isTensor(leaf) && leaf.isDisposed)
    throw new Error(
      'compileStep: an array of the state or the batch was freed, as the step itself frees a state that is handed to it: ' +
        'give the state that it returned',
    );
  const host = await asHost(leaf);
  return isWords(leaf) ? Int32Array.from(host.data as Uint32Array) : tensorValues(host);
};

/** A leaf as tensors for its inputs: views of its numbers, one behind the other. */
const onRuntime = async (
  runtime: OnnxRuntime,
  leaf: Part,
  inputs: readonly Input[],
): Promise<readonly RuntimeTensor[]> => {
  const values = await valuesOf(leaf);
  let end = 0;
  return inputs.map((input) => {
    const shape = input.shape as readonly number[];
    const start = end;
    end += sizeOf(shape);
    return runtimeTensor(runtime, typeOf(leaf), shape, values.subarray(start, end)) as RuntimeTensor;
  });
};

/** The options of a compiled step: those of `compile`, but for the types of weights. */
export type StepOptions = Omit<CompileOptions, 'weights' | 'products' | 'whole'>;

/** The first state, of which the structure is used, and what a step is called with. */
interface Given<S, B> {
  readonly first: S;
  readonly state: S | RuntimeState<S>;
  readonly batch: B;
}

/** Tells JavaScript's error of a property of undefined or null, such as that of an array that a batch lacks. */
const isReadOfNothing = (error: unknown): error is TypeError =>
  error instanceof TypeError && /properties of (undefined|null)|(undefined|null) has no/.test(error.message);

type Tensors = Readonly<Record<string, RuntimeTensor>>;

export interface CompiledStep<S, B> extends AsyncDisposable {
  (
    state: S | RuntimeState<S>,
    batch: B,
  ): Promise<{
    readonly state: RuntimeState<S>;
    readonly metrics: Readonly<Record<string, number>>;
  }>;
  /** Waits for steps under way and frees the sessions. Later calls throw; states can still be read. */
  readonly dispose: () => Promise<void>;
}

/**
 * Compiles a step for onnxruntime: at the first call, and again for a state or a batch of other shapes or names; the last
 * eight programs are held, in the order of their use; on a graphics processor also those that a state has arrays of. Numbers,
 * strings and the like in a batch are part of the program, so that another number is another program: give what changes
 * from step to step as an array. Examples whose `exampleWeights` are 0 are left out, as in the step itself. Ids that come from
 * the batch, as they are or rearranged or computed element by element, are checked against the tables that they are used on; ids
 * that depend on parameters or random keys are not.
 *
 * The compiled step is called as the step is, with a state that `step.init`, the step, `read` or a compiled step returned, and
 * resolves to the next state and numbers. Such a state is freed when it is handed on, as by the step itself; a state that the
 * caller put together stays the caller's, and its host arrays must not be written to while later states are in use. A state that
 * a compiled step returned stays with the runtime, on WebGPU in the graphics processor's memory; the last one is freed by
 * `state.dispose()`.
 * @throws TypeError for a step that is no function, or a runtime that is none; Error or RangeError for options that are not
 * known or out of range. From each call: RangeError for ids that a table has not; TypeError where the step does not return a state like
 * the one that it was given, or a metric is not one number; Error where onnxruntime is not installed or the state was freed;
 * UnsupportedError where ONNX lacks the form of an operation; and what `traceFunction` throws
 * @example
 * await using fast = compileStep(step, { threads: 2 });
 * let { state, metrics } = await fast(step.init(weights, key(0)), batch);
 * ({ state, metrics } = await fast(state, batch)); // metrics.loss is a number
 * const trained = await state.read();
 */
export const compileStep = <S, B>(step: Step<S, B>, options: StepOptions = {}): CompiledStep<S, B> => {
  if (typeof step !== 'function')
    throw new TypeError(
      `compileStep: the step is of type ${typeof step}, expected a function, as trainStep gives`,
    );
  for (const name of ['weights', 'products', 'whole'])
    if ((options as CompileOptions)[name as 'weights'] !== undefined)
      throw new TypeError(
        `compileStep: option '${name}' is not for training steps, whose parameters are float32; give it to compile`,
      );
  checkCompileOptions('compileStep', options);
  const { use, run, dispose } = programs<StepProgram>(
    options.runtime,
    'the compiled step was disposed of; call compileStep for another one',
  );
  const memory = new OutputMemory();
  let taken = '';
  const stateKeys = new WeakMap<object, string>();

  /** The text of a state; states that follow one another have the same first one. */
  const stateKey = (first: S & object): string => {
    const known = stateKeys.get(first) ?? nestKey(first);
    stateKeys.set(first, known);
    return known;
  };

  const feedsOf = async (
    runtime: OnnxRuntime,
    { inputs }: StepProgram,
    { first, state, batch }: Given<S, B>,
  ): Promise<Tensors> => {
    const given = state instanceof RuntimeState ? state.tensors : undefined;
    const own = new Map(given ? [] : leavesOf(state));
    const onHost = (leaf: Part, i: number) => onRuntime(runtime, leaf, inputs[i]);
    const ofState = leavesOf(first).map(([path], i) => {
      const parts = given?.get(path);
      if (parts && parts.length !== inputs[i].length)
        throw new Error(
          'the state is of another compiled step, which holds it in other parts: give its numbers, await state.read()',
        );
      return parts ?? onHost(own.get(path) as Part, i);
    });
    const ofBatch = leavesOf(batch).map(([, leaf], i) => onHost(leaf, ofState.length + i));
    const tensors = await Promise.all([...ofState, ...ofBatch]);
    return Object.fromEntries(
      inputs.flatMap((parts, i) => parts.map(({ name }, part) => [name, tensors[i][part]])),
    );
  };

  /** The program of a batch; errors tell of the batch, and of one that the step took before. */
  const programOf = async (runtime: OnnxRuntime, first: S & object, batch: B): Promise<StepProgram> => {
    try {
      const program = await stepProgram(step, first, batch, runtime, options);
      taken = `; the step took ${showBatch(batch)} before`;
      return program;
    } catch (error) {
      if (isReadOfNothing(error))
        error.message = `compileStep: the step reads what is not there: ${error.message}`;
      if (error instanceof Error) error.message += `; the batch is ${showBatch(batch)}${taken}`;
      throw error;
    }
  };

  const compute = (runtime: OnnxRuntime, first: S & object, state: S | RuntimeState<S>, batch: B) =>
    use(
      `${stateKey(first)} ${nestKey(batch)}`,
      () => programOf(runtime, first, batch),
      (program) => runStep(runtime, program, { first, state, batch }),
    );

  const runStep = async (runtime: OnnxRuntime, program: StepProgram, given: Given<S, B>) => {
    const { first, state } = given;
    const { inputs, outputs, flag, chosen, same } = program;
    const feeds = await feedsOf(runtime, program, given);
    const { lookUps, batchNames } = program;
    const numbers = [...batchNames.keys()].map(
      (input) => [input, feeds[input.name].data as TypedArray] as const,
    );
    expectIds('compileStep', lookUps, new Map(numbers), (input) => batchNames.get(input) as string);
    const found = await runInto(runtime, program, feeds, memory);
    const isChosen = flag === undefined || (found[flag].data as Uint8Array)[0] !== 0;
    const isKept = (name: string): boolean => same.has(name) || (!isChosen && chosen.has(name));
    const next = new Map(
      leavesOf(first).map(([path], i) => {
        const names = outputs.get(path) as readonly string[];
        const after = (name: string, part: number) =>
          isKept(name) ? feeds[inputs[i][part].name] : found[name];
        return [path, names.map(after)] as const;
      }),
    );
    const kept = new Set([...next.values()].flat());
    for (const { name } of program.written) {
      memory.lend(found[name], program.lent);
      if (!kept.has(found[name])) memory.give(found[name]);
    }
    if (state instanceof RuntimeState) state.free(kept);
    const metrics = Object.entries(program.metrics).map(([metric, name]) => [
      metric,
      Number((found[name].data as Float32Array)[0]),
    ]);
    return {
      state: new RuntimeState(first, next, memory),
      metrics: Object.fromEntries(metrics) as Readonly<Record<string, number>>,
    };
  };

  const call = (state: S | RuntimeState<S>, given: B) =>
    run(async (runtime) => {
      expectArrays(given, (path) => `compileStep: ${nameInBatch(path)}`);
      const batch = realExamples(given);
      if (typeof state !== 'object' || state === null)
        throw new TypeError(
          `the compiled step was given ${state === null ? 'null' : typeof state} as its state, expected one as the step's own init gives, or one that a compiled step returned`,
        );
      if (!(state instanceof RuntimeState)) {
        expectNotDonated(state);
        const made = await compute(runtime, state, state, batch);
        donate(state);
        return made;
      }
      state.hand(true);
      try {
        return await compute(runtime, state.like as S & object, state, batch);
      } catch (error) {
        state.hand(false);
        throw error;
      }
    });
  return Object.assign(call, { dispose, [Symbol.asyncDispose]: dispose });
};

/** Runs a program; the state's arrays are written to memory that is free, where the runtime does so. */
const runInto = async (
  runtime: OnnxRuntime,
  { session, written, metrics, flag }: StepProgram,
  feeds: Tensors,
  memory: OutputMemory,
): Promise<Tensors> => {
  const places = written.map(({ name, value: { dtype, shape } }) => [
    name,
    memory.take(runtime, dtype, shape as readonly number[]) ?? null,
  ]);
  const others = [...Object.values(metrics), ...(flag === undefined ? [] : [flag])];
  const fetches = Object.fromEntries([...places, ...others.map((name) => [name, null])]) as Record<
    string,
    RuntimeTensor | null
  >;
  try {
    const found = await session.run(feeds as Readonly<Record<string, never>>, fetches as never);
    return Object.fromEntries(Object.keys(fetches).map((name) => [name, fetches[name] ?? found[name]]));
  } catch (error) {
    for (const place of Object.values(fetches)) if (place) memory.give(place);
    throw error;
  }
};
