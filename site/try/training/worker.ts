/**
 * The worker of the page that trains: the loop, its checkpoints, and the page's requests between two steps. No timers or
 * animation frames, so that a hidden tab goes on.
 */
import * as E from 'fp-ts/lib/Either.js';
import type * as tf from '@tensorflow/tfjs-core';
import { formatCheckpoint, showCheckpointError } from '../../../lib/checkpoint/index.js';
import type { Weights } from '../../../lib/data/leaf.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import { type CheckpointStore, memoryStore } from '../../../lib/train/checkpointStore.js';
import { jsonOf } from '../../../lib/train/log.js';
import { opfsStore } from '../../../lib/train/opfsStore.js';
import { train, type TrainEvent } from '../../../lib/train/train.js';
import { hosts } from '../../../lib/train/trainState.js';
import { files } from '../files.js';
import { askedFor, type Choice, hasGraphicsProcessor, startBackend } from '../backend.js';
import { fetchBytes } from '../fetchBytes.js';
import { type Chosen, chooseFaster, type Pace } from './fastest.js';
import {
  keepDrawings,
  keepRun,
  keptBackend,
  keptDrawings,
  keptLog,
  keptRun,
  removeRun,
  withLog,
} from './keptRun.js';
import type { News, Request, Settings } from './messages.js';
import { digitsOf, trainingOf } from './training.js';

const tell = (news: News): void => postMessage(news);

const fail = (error: unknown): void =>
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });

/** Updates between two evaluations, and between two checkpoints: a twentieth of the run, or more. */
const often = ({ numSteps }: Settings): number => Math.max(10, Math.ceil(numSteps / 20));

/** The most threads that so small a model has work for. */
const mostThreads = 4;

/** The reason why workers of this worker may not run; undefined where they may. */
const whyOneThread = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    if (!globalThis.crossOriginIsolated) return resolve('the page is not cross-origin isolated');
    const refused = (): void => resolve("the page's policy forbids further workers");
    const url = URL.createObjectURL(new Blob(['postMessage(0)'], { type: 'text/javascript' }));
    try {
      const worker = new Worker(url);
      worker.onmessage = () => {
        worker.terminate();
        resolve(undefined);
      };
      worker.onerror = refused;
    } catch {
      refused();
    }
  });

/** Milliseconds in which the worker of a page that is left ends. */
const patience = 4000;

/** Holds a lock for as long as this worker lives; false where another tab holds it. */
const isOnly = (): Promise<boolean> =>
  new Promise((resolve) => {
    const { locks } = navigator as Partial<Navigator>;
    if (!locks) return resolve(true);
    const name = 'renga/try/train';
    const hold = (): Promise<never> => {
      resolve(true);
      return new Promise(() => undefined);
    };
    // Time counts only where it is held: a slow machine is no other tab.
    const wait = (): Promise<unknown> => locks.request(name, { signal: AbortSignal.timeout(patience) }, hold);
    const free = locks.request(name, { ifAvailable: true }, (lock) => (lock ? hold() : false));
    free.then(wait).catch(() => resolve(false));
  });

const openStore = async (): Promise<{ readonly store: CheckpointStore; readonly notKept?: string }> => {
  if (!(await isOnly()))
    return { store: memoryStore(), notKept: 'another tab has this page open, and keeps its run' };
  const opened = await opfsStore('renga/digits');
  return E.isRight(opened) ? { store: opened.right } : { store: memoryStore(), notKept: opened.left };
};

/** Hands weights to the page as a file. */
const tellWeights = async ({ params, state = {} }: Weights, step: number): Promise<void> => {
  const read = { params: await hosts(params), state: await hosts(state) };
  const metadata = { preset: 'digits', steps: `${step}` };
  tell({
    kind: 'weights',
    step,
    bytes: orThrow(formatCheckpoint(read, { format: 'safetensors', metadata }), showCheckpointError),
  });
};

const plain = (event: TrainEvent): Extract<News, { kind: 'event' }>['event'] => {
  if (event.kind !== 'ended') return event;
  const { weights: _weights, averaged: _averaged, ...rest } = event;
  return rest;
};

/** The steps that are measured; the first ones compile programs. */
const paceSteps = 5;

/** Milliseconds after which no further step is measured. */
const longestMeasure = 10_000;

const paceOf =
  (make: (settings: Settings) => ReturnType<typeof trainingOf>): Pace =>
  async () => {
    const { evaluate: _evaluate, ...run } = make({ numSteps: paceSteps, drawings: [] });
    let fastest = Infinity;
    for await (const event of train({ ...run, signal: AbortSignal.timeout(longestMeasure) }))
      if (event.kind === 'step') fastest = Math.min(fastest, event.seconds);
    return fastest;
  };

/** The backend that the address asks for, that a kept run began on, or the faster one. */
const startEngine = async (threads: number, kept: Choice | undefined, pace: Pace): Promise<Chosen> => {
  const started = async (choice: Choice) => startBackend({ threads, query: `?backend=${choice}` });
  const asked = askedFor(location.search) ?? kept;
  if (asked !== undefined) return { info: await started(asked) };
  if (!(await hasGraphicsProcessor())) return { info: await started('wasm') };
  tell({ kind: 'measuring' });
  return chooseFaster(started, pace);
};

const start = async (): Promise<(request: Request) => void> => {
  const [training, heldOut, { store, notKept }, oneThread] = await Promise.all([
    fetchBytes(files.training).then(digitsOf),
    fetchBytes(files.heldOut).then(digitsOf),
    openStore(),
    whyOneThread(),
  ]);
  const threads = oneThread === undefined ? Math.min(mostThreads, navigator.hardwareConcurrency) : 1;
  const began = await keptBackend(store);
  const pace = paceOf((settings) => trainingOf(settings, training, heldOut));
  const chosen = await startEngine(threads, began === 'webgpu' || began === 'wasm' ? began : undefined, pace);
  const info = { ...chosen.info, oneThread: oneThread ?? chosen.info.oneThread };
  let last: Promise<unknown> = Promise.resolve();
  let abort = new AbortController();
  let [isSaveAsked, isStopped] = [false, false];

  const work = async (settings: Settings): Promise<void> => {
    abort = new AbortController();
    [isSaveAsked, isStopped] = [false, false];
    const run = trainingOf(settings, training, heldOut);
    let lines: string[] = [];
    let step = 0;
    const evaluate = {
      every: often(settings),
      run: async (weights: Required<Weights<tf.Tensor>>) => {
        await tellWeights(weights, step);
        return run.evaluate.run(weights, {});
      },
    };
    const checkpoints = {
      store: withLog(store, () => lines),
      every: often(settings),
      resume: true,
      isAsked: () => {
        const isAsked = isSaveAsked;
        isSaveAsked = false;
        return isAsked;
      },
    };
    for await (const event of train({ ...run, evaluate, checkpoints, signal: abort.signal })) {
      ({ step } = event);
      if (event.kind === 'started' && event.from !== undefined) lines = [await keptLog(store, step)];
      lines.push(`${jsonOf(event)}\n`);
      if (event.kind === 'ended') {
        if (isStopped) await keepRun(store, { settings, isStopped, backend: info.backend });
        await tellWeights(event.weights, step);
      }
      tell({ kind: 'event', event: plain(event) });
    }
  };

  const begin = async (settings: Settings): Promise<void> => {
    await removeRun(store);
    await keepRun(store, { settings, isStopped: false, backend: info.backend });
    await work(settings);
  };
  const goOn = async (): Promise<void> => {
    const kept = await keptRun(store);
    if (!kept) throw new Error('no run is kept');
    await work(kept.run.settings);
  };
  const stop = async (): Promise<void> => {
    const kept = await keptRun(store);
    if (kept && !kept.run.isEnded)
      await keepRun(store, { settings: kept.run.settings, isStopped: true, backend: info.backend });
  };

  /** Does something when what was asked for before is done. */
  const next = (task: () => Promise<unknown>): void => {
    last = last.then(task).catch(fail);
  };

  const [kept, drawings] = [await keptRun(store), await keptDrawings(store)];
  const told = {
    kind: 'ready',
    engine: { ...chosen, info },
    notKept,
    drawings,
  } as const;
  tell({ ...told, ...(kept && { run: kept.run }) });
  if (kept) await tellWeights(kept.weights, kept.run.step);

  return (request) => {
    switch (request.kind) {
      case 'start':
        return next(() => begin(request.settings));
      case 'goOn':
        return next(goOn);
      case 'pause':
        return abort.abort();
      case 'stop':
        isStopped = true;
        abort.abort();
        return next(stop); // of a run that is paused
      case 'save':
        isSaveAsked = true;
        return;
      case 'keep':
        // At once, since a run may be under way for long.
        return void keepDrawings(store, request.drawings).catch(fail);
    }
  };
};

const started = start();
started.catch(fail);
onmessage = ({ data }: MessageEvent<Request>): void => void started.then((take) => take(data), fail);
