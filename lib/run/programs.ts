/**
 * The programs of a compiled layer or step: made for the shapes of what is given when these are first met, and run on one
 * runtime. The last few are held; the one that was not used for the longest time is released first.
 */
import { onnxruntime, type OnnxRuntime, type RuntimeSession } from './onnxruntime.js';

/** The number of programs that are held at most, but for those that are in use, or whose outputs are. */
export const mostPrograms = 8;

/** A program, whose session is released when it is not needed any more. */
interface Held {
  readonly session: RuntimeSession;
  /** Outputs in use that end with the session, which is released after them; undefined for none. */
  readonly lent?: ReadonlySet<unknown>;
}

/** Programs by what they were made for. */
export interface Programs<P> {
  /**
   * Does something with the program of a key, made if none is held. One that could not be made is made again at the next
   * call; one that is in use is not released.
   */
  readonly use: <A>(key: string, make: () => Promise<P>, work: (program: P) => Promise<A>) => Promise<A>;
  /** Does something with the runtime. @throws Error after `dispose` */
  readonly run: <A>(work: (runtime: OnnxRuntime) => Promise<A>) => Promise<A>;
  /** Waits for what runs, then releases every program. */
  readonly dispose: () => Promise<void>;
}

interface Entry<P> {
  readonly program: Promise<P>;
  /** The number of calls that use it now. */
  users: number;
  /** The program once it is made. */
  made?: P;
}

/**
 * Programs of one layer or step.
 * @param given  the module of an onnxruntime; `onnxruntime-node` if not given
 * @param disposed  the message of what is asked for after `dispose`
 */
export const programs = <P extends Held>(given: OnnxRuntime | undefined, disposed: string): Programs<P> => {
  /** The one that was used last stands last. */
  const held = new Map<string, Entry<P>>();
  const running = new Set<Promise<unknown>>();
  let runtime: Promise<OnnxRuntime> | undefined;
  let isDisposed = false;

  const entryOf = (key: string, make: () => Promise<P>): Entry<P> => {
    const entry = held.get(key) ?? { program: make(), users: 0 };
    held.delete(key);
    held.set(key, entry);
    return entry;
  };
  const releaseOldest = async (): Promise<void> => {
    for (const [key, { made, users }] of held) {
      if (held.size <= mostPrograms) return;
      if (!made || users > 0 || (made.lent?.size ?? 0) > 0) continue;
      held.delete(key);
      await made.session.release();
    }
  };
  const use = async <A>(
    key: string,
    make: () => Promise<P>,
    work: (program: P) => Promise<A>,
  ): Promise<A> => {
    const entry = entryOf(key, make);
    entry.users += 1;
    try {
      entry.made = await entry.program;
      return await work(entry.made);
    } catch (error) {
      if (!entry.made && held.get(key) === entry) held.delete(key);
      throw error;
    } finally {
      entry.users -= 1;
      await releaseOldest();
    }
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
    const all = [...held.values()];
    held.clear();
    for (const { made } of all) await made?.session.release();
  };
  return { use, run, dispose };
};
