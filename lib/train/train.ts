/**
 * The loop of training, as a generator of events: steps, evaluations, checkpoints, the end. Whoever consumes them prints
 * a line, draws a curve, or leaves early; the loop frees what it holds in every case.
 */
import { donate } from '../engine/index.js';
import { messageOf } from '../files/error.js';
import type { Key } from '../random/index.js';
import { expectBatch } from './batch.js';
import { bestName, saveIn, saveWeights } from './checkpointStore.js';
import { type Data, EndOfData, readAhead } from './data.js';
import { isOfOutputs } from './evaluation.js';
import {
  type EvaluateOptions,
  evaluateBoth,
  type Figures,
  hostAveraged,
  judged,
  judgedWeights,
  notesOf,
} from './judging.js';
import { findNotFinite, findNotFiniteWeight, type NotFinite, showNotFinite } from './notFinite.js';
import { begin, type CheckpointOptions } from './resume.js';
import { errorAt, expectTrainOptions } from './runOptions.js';
import { type Best, formatTrainCheckpoint, type RunRecord } from './trainCheckpoint.js';
import { type HostWeights, stepOf, type TrainState, weightsOf } from './trainState.js';
import { keysOf, readMetrics, type TrainStep } from './trainStep.js';
import type { OptimizerState } from './transformation.js';

/** A training step for the loop: of the engine, or computed elsewhere, in which case it resolves to its results. */
export type LoopStep<B, S extends OptimizerState> = Pick<TrainStep<B, S>, 'init' | 'averaged' | 'parts'> & {
  (state: TrainState<S>, batch: B): StepResult<B, S> | Promise<StepResult<B, S>>;
  /** The name and version of the program that computes the step; this library's own engine if not given. */
  readonly engine?: string;
};

type StepResult<B, S extends OptimizerState> = ReturnType<TrainStep<B, S>>;

export interface TrainOptions<B, S extends OptimizerState> {
  readonly step: LoopStep<B, S>;
  /** The first state: of `step.init`, or read from elsewhere. */
  readonly state: TrainState<S>;
  readonly data: Data<B>;
  /** The key that the data is addressed with. */
  readonly key: Key;
  /** The number of updates of the whole run, also where it is resumed. */
  readonly numSteps: number;
  readonly evaluate?: EvaluateOptions;
  readonly checkpoints?: CheckpointOptions;
  /** The settings that the run was made from, as JSON: kept with checkpoints, and compared on resuming. */
  readonly recipe?: unknown;
  /** Batches that are read ahead; 2 if not given. */
  readonly ahead?: number;
  /**
   * The answer to a step that is not finite: `stop` ends the run, `skip` leaves the batch out; `stop` if not given. Weights
   * that are not finite end the run in any case.
   */
  readonly onNotFinite?: 'stop' | 'skip';
  /** Batches in a row that `skip` leaves out, at most: one more ends the run; 10 if not given. */
  readonly mostSkipped?: number;
  /** Ends the run after the step, evaluation or checkpoint that it is in. */
  readonly signal?: AbortSignal;
}

/** Events of a run, in their order. */
export type TrainEvent =
  | {
      readonly kind: 'started';
      readonly step: number;
      readonly from?: string;
      readonly notes: readonly string[];
    }
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly batch: number;
      readonly metrics: Figures;
      readonly seconds: number;
      /** Seconds that the rest of the run takes at the pace so far. */
      readonly secondsLeft: number;
      /** The metrics that are not finite, in words; left out where all are. */
      readonly notes?: readonly string[];
    }
  | {
      readonly kind: 'evaluated';
      readonly step: number;
      readonly raw: Figures;
      readonly ema?: Figures;
      /** False, too, where the figure is not finite. */
      readonly isBest: boolean;
      readonly best: Best | null;
      /** The figures that are not finite, in words; left out where all are. */
      readonly notes?: readonly string[];
    }
  | { readonly kind: 'saved'; readonly step: number; readonly name: string }
  | {
      readonly kind: 'notFinite';
      readonly step: number;
      readonly batch: number;
      readonly place?: NotFinite;
      readonly message: string;
    }
  | {
      readonly kind: 'ended';
      readonly step: number;
      readonly reason: 'done' | 'patience' | 'aborted' | 'notFinite' | 'endOfData';
      /** The trained weights, which the garbage collector owns. */
      readonly weights: HostWeights;
      /** The same with the moving average in their place. */
      readonly averaged?: HostWeights;
    };

/** The cause that is left where a step is computed again, and each of its numbers is finite. */
const showOverflow = (microBatches = 1): string =>
  `each number is finite, and ${microBatches === 1 ? '' : 'a sum over micro-batches or '}the norm of the gradient is ` +
  'beyond float32: take a lower learning rate';

const showBrokenWeight = ({ kind, path }: NotFinite): string =>
  `the update made the ${kind} '${path}' not finite, after a loss and a gradient that were: take a lower learning rate`;

/** The result of a part of the run; an error gets the part's place before its text. */
const at = async <A>(place: string, f: () => A | Promise<A>): Promise<A> => {
  try {
    return await f();
  } catch (error) {
    throw errorAt(place, error);
  }
};

/** Saves before an error goes on; an error in it is told behind the other one. */
const unlessItFails = async <A>(error: unknown, save: () => Promise<A>): Promise<A> => {
  try {
    return await save();
  } catch (failed) {
    const since = 'and the updates since the last checkpoint are lost, which could not be saved';
    throw new Error(`${messageOf(error)}; ${since}: ${messageOf(failed)}`, { cause: error });
  }
};

type Reason = Extract<TrainEvent, { kind: 'ended' }>['reason'];

/** Lets messages and signals in before a step; no timer, since browsers slow those of hidden pages down. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') return void setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

type Ending = Pick<TrainOptions<never, never>, 'numSteps' | 'evaluate'>;

const isOutOfPatience = ({ sinceBest }: RunRecord, { evaluate }: Ending): boolean =>
  sinceBest >= (evaluate?.best?.patience ?? Infinity);

/** True after an update that an evaluation follows. */
const isEvaluatedAfter = (done: number, { evaluate, numSteps }: Ending): boolean =>
  evaluate !== undefined && (done % evaluate.every === 0 || done === numSteps);

/** A note where the run of a checkpoint has an evaluation to take again, or nothing left to do. */
const overBefore = (record: RunRecord, done: number, options: Ending): readonly string[] => {
  if (record.isEvaluationDue && isEvaluatedAfter(done, options))
    return [`the evaluation after step ${done}, which failed, is taken again`];
  if (isOutOfPatience(record, options))
    return [
      `the run has ended before: its last ${record.sinceBest} evaluations were not better than step ` +
        `${record.best?.step}; a larger 'patience' goes on`,
    ];
  return done < options.numSteps
    ? []
    : [
        `nothing is left to do: the checkpoint is after ${done} updates, and numSteps is ${options.numSteps}; a larger one goes on`,
      ];
};

/**
 * Trains. The state that was given is handed on, as to a step.
 * @throws RangeError or TypeError, at the first event, for options that no run can have
 * @throws Error, at the first event, where a checkpoint cannot be gone on from, or another run holds the store; later,
 *   where data, the step or an evaluation throws: with the step and the batch, and what was thrown as its cause. The updates
 *   so far are saved before, where there are checkpoints: going on takes the batch or the evaluation again
 * @example
 * for await (const event of train({ step, state: step.init({ params }, key(0)), data, key: key(1), numSteps: 100 }))
 *   if (event.kind === 'step') console.log(showEvent(event));
 */
export async function* train<B, S extends OptimizerState>(
  options: TrainOptions<B, S>,
): AsyncGenerator<TrainEvent, void, undefined> {
  const {
    step,
    data,
    numSteps,
    evaluate,
    checkpoints,
    signal,
    ahead = 2,
    onNotFinite = 'stop',
    mostSkipped = 10,
  } = options;
  let state = options.state;
  let release: (() => Promise<void>) | undefined;
  try {
    expectTrainOptions(options);
    release = await checkpoints?.store.lock?.();
    const begun = await begin(options);
    state = begun.state;
    let { record } = begun;
    let done = stepOf(state);
    const doneBefore = done;
    let saved = begun.from === undefined ? -1 : done;
    yield {
      kind: 'started',
      step: done,
      ...(begun.from !== undefined && { from: begun.from }),
      notes: [...begun.notes, ...(begun.from === undefined ? [] : overBefore(record, done, options))],
    };
    let nextBatch: (() => Promise<B>) | undefined;
    let reason: Reason = 'done';
    let [busy, timed] = [0, 0];
    const hasEnded = (): boolean => isOutOfPatience(record, options);
    const save = async (of = { state, record }): Promise<TrainEvent> => {
      const { store, metadata } = checkpoints as CheckpointOptions;
      const name = await saveIn(store, done, await formatTrainCheckpoint(of.state, of.record, metadata));
      saved = done;
      return { kind: 'saved', step: done, name };
    };
    let [checked, broken, lastBatch]: [number, TrainEvent | undefined, number] = [done, undefined, -1];
    /** The event of the last update, which made a weight not finite. */
    const brokenAt = (found: NotFinite, why: readonly string[] = []): TrainEvent => {
      const message = [`step ${done}, batch ${lastBatch}: ${showBrokenWeight(found)}`, ...why].join('; ');
      return { kind: 'notFinite', step: done, batch: lastBatch, place: found, message };
    };
    /** The same, or undefined: asked for before weights are evaluated, saved or given. */
    const brokenWeights = async (why?: readonly string[]): Promise<TrainEvent | undefined> => {
      if (checked === done) return undefined;
      const found = await findNotFiniteWeight(step, state);
      checked = done;
      return found && brokenAt(found, why);
    };
    const isBroken = (): boolean => broken !== undefined || notFinite !== undefined;
    /** Evaluates and saves, where that is due. */
    const afterUpdate = async function* (): AsyncGenerator<TrainEvent, void, undefined> {
      const isAgain = record.isEvaluationDue ?? false;
      if (evaluate && isEvaluatedAfter(done, options)) {
        broken = await brokenWeights();
        if (broken) return;
        // A checkpoint that is saved because the evaluation throws says that it is still to be taken.
        record = { ...record, isEvaluationDue: true };
        let evaluated;
        try {
          evaluated = await at(`step ${done}, evaluation`, async () => {
            const figures = await evaluateBoth(options, state);
            return { figures, ...judged(record, evaluate, figures, done) };
          });
        } catch (error) {
          if (!isOfOutputs(error)) throw error;
          const batch = record.nextBatch - 1;
          notFinite = { kind: 'notFinite', step: done, batch, message: messageOf(error) };
          reason = 'notFinite';
          return;
        }
        const { figures, record: after, isBest } = evaluated;
        const notes = [...notesOf(figures.raw), ...notesOf(figures.ema ?? {}, ' of averaged weights')];
        const { best } = after;
        yield { kind: 'evaluated', step: done, ...figures, isBest, best, ...(notes.length > 0 && { notes }) };
        if (isBest && checkpoints) {
          const { store, metadata, plain = (weights) => weights } = checkpoints;
          await saveWeights(store, plain(await judgedWeights(options, state)), metadata);
          yield { kind: 'saved', step: done, name: bestName };
        }
        record = after;
      }
      record = { ...record, isEvaluationDue: false };
      const isDue = done % (checkpoints?.every ?? 1) === 0 || done === numSteps || hasEnded() || isAgain;
      // Asked in any case, so that what was asked for before a save is not saved twice.
      const isAsked = checkpoints?.isAsked?.() ?? false;
      if (checkpoints && (isDue || isAsked)) {
        broken = await brokenWeights();
        if (!broken) yield await save();
      }
    };
    let notFinite: TrainEvent | undefined;
    /** The step that was not finite, to be taken again: with its batch and its key. */
    let again: { readonly state: TrainState<S>; readonly record: RunRecord } | undefined;
    try {
      if (record.isEvaluationDue) yield* afterUpdate();
      if (!isBroken() && hasEnded()) reason = 'patience';
      while (done < numSteps && reason === 'done') {
        await turn();
        if (signal?.aborted) {
          reason = 'aborted';
          break;
        }
        const start = performance.now();
        let batch: B;
        try {
          nextBatch ??= readAhead(data, record.dataKey, record.nextBatch, ahead);
          batch = expectBatch(await nextBatch());
        } catch (error) {
          if (!(error instanceof EndOfData))
            throw errorAt(`step ${done + 1}, batch ${record.nextBatch}`, error);
          reason = 'endOfData';
          break;
        }
        const number = record.nextBatch;
        const place = `step ${done + 1}, batch ${number}`;
        const [stepKey] = keysOf(state, step.parts.options);
        const { key: keyBefore } = state;
        const result = await at(place, () => step(state, batch));
        [state, record] = [result.state, { ...record, nextBatch: number + 1 }];
        const metrics = await readMetrics(result.metrics);
        if (metrics.isFinite === 0) {
          const found = await findNotFinite(step, state, batch, stepKey);
          const isOfWeights = found?.kind === 'parameter' || found?.kind === 'state';
          if (isOfWeights && lastBatch >= 0) {
            broken = brokenAt(found);
            break;
          }
          const { skipped = 0 } = record;
          const isLast = onNotFinite === 'stop' || isOfWeights || skipped >= mostSkipped;
          const end = isLast && skipped > 0 ? `; the run ends: ${skipped} batches before were left out` : '';
          const message = `${place}: ${found ? showNotFinite(found) : showOverflow(step.parts.options.microBatches)}${end}`;
          const event: TrainEvent = {
            kind: 'notFinite',
            step: done + 1,
            batch: number,
            ...(found && { place: found }),
            message,
          };
          const before = { state: { ...state, key: keyBefore }, record: { ...record, nextBatch: number } };
          record = { ...record, skipped: skipped + 1 };
          if (!isLast) {
            yield event;
            continue;
          }
          [notFinite, again] = [event, before];
          reason = 'notFinite';
          break;
        }
        done += 1;
        lastBatch = number;
        record = { ...record, skipped: 0 };
        const unclear = notesOf(metrics);
        if (unclear.length > 0) {
          broken = await brokenWeights(unclear);
          if (broken) break;
        }
        const seconds = (performance.now() - start) / 1000;
        [busy, timed] = [busy + seconds, timed + 1];
        const secondsLeft = (busy / timed) * (numSteps - done);
        yield {
          kind: 'step',
          step: done,
          batch: number,
          metrics,
          seconds,
          secondsLeft,
          ...(unclear.length > 0 && { notes: unclear }),
        };
        yield* afterUpdate();
        if (isBroken()) break;
        if (hasEnded()) reason = 'patience';
      }
    } catch (error) {
      const isWhole = stepOf(state) === done;
      if (checkpoints && isWhole && done !== doneBefore && saved !== done) {
        const event = await unlessItFails(error, async () => ((await brokenWeights()) ? undefined : save()));
        if (event) yield event;
      }
      throw error;
    }
    broken ??= await brokenWeights();
    notFinite ??= broken;
    if (notFinite) reason = 'notFinite';
    const isNew = !notFinite || done !== doneBefore;
    let last: TrainEvent | undefined;
    try {
      // Before the event that may be the last one that is asked for.
      if (checkpoints && !broken && isNew && saved !== done) last = await save(again);
    } finally {
      if (notFinite) yield notFinite;
    }
    if (last) yield last;
    const weights = await weightsOf(state);
    const averaged = state.ema ? await hostAveraged(step, state) : undefined;
    yield { kind: 'ended', step: done, reason, weights, ...(averaged && { averaged }) };
  } finally {
    donate(state);
    try {
      await (data as Data<B> | undefined)?.close?.();
    } finally {
      await release?.();
    }
  }
}
