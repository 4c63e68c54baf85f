/**
 * The programs of a compiled layer or step: made for the shapes of what is given when these are first met, run on one
 * runtime, and released together.
 */
import { onnxruntime, type OnnxRuntime, type RuntimeSession } from './onnxruntime.js';

/** Programs by what they were made for. */
export interface Programs<P> {
  /** The program of a key, made if it is the first of it. One that could not be made is made again at the next call. */
  readonly programFor: (key: string, make: () => Promise<P>) => Promise<P>;
  /** Does something with the runtime. @throws Error after `dispose` */
  readonly run: <A>(work: (runtime: OnnxRuntime) => Promise<A>) => Promise<A>;
  /** Waits for what runs, then releases every program. */
  readonly dispose: () => Promise<void>;
}

/**
 * Programs of one layer or step.
 * @param given  the module of an onnxruntime; `onnxruntime-node` if not given
 * @param disposed  the message of what is asked for after `dispose`
 */
export const programs = <P extends { readonly session: RuntimeSession }>(
  given: OnnxRuntime | undefined,
  disposed: string,
): Programs<P> => {
  const made = new Map<string, Promise<P>>();
  const running = new Set<Promise<unknown>>();
  let runtime: Promise<OnnxRuntime> | undefined;
  let isDisposed = false;

  const programFor = (key: string, make: () => Promise<P>): Promise<P> => {
    const known = made.get(key);
    if (known) return known;
    const program = make();
    made.set(key, program);
    program.catch(() => made.delete(key));
    return program;
  };
  const run = async <A>(work: (runtime: OnnxRuntime) => Promise<A>): Promise<A> => {
    if (isDisposed) throw new Error(disposed);
    runtime ??= given ? Promise.resolve(given) : onnxruntime();
    const result = runtime.then(work);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  };
  const dispose = async (): Promise<void> => {
    isDisposed = true;
    await Promise.allSettled(running);
    const all = await Promise.allSettled(made.values());
    made.clear();
    for (const program of all) if (program.status === 'fulfilled') await program.value.session.release();
  };
  return { programFor, run, dispose };
};
