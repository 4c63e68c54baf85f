/** The program of the page that trains: starts the worker and the models, and joins the panels. */
import { byId } from '../dom.js';
import { files } from '../files.js';
import { engine } from '../../../lib/engine/index.js';
import { fetchBytes, here } from '../fetchBytes.js';
import { runsOn } from '../backend.js';
import { showRunsOn } from '../runsOn.js';
import { type Ask, modelOf } from './answers.js';
import { type DrawPanel, startDrawing } from './drawPanel.js';
import type { News, Request } from './messages.js';
import { startTraining, type TrainPanel } from './trainPanel.js';

const status = byId('try-status', HTMLElement);

const say = (text: string): void => {
  status.classList.remove('is-error');
  status.textContent = text;
};

const fail = (text: string): void => {
  status.classList.add('is-error');
  status.textContent = text;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Marks a panel as loaded. */
const ready = (id: string): void => byId(id, HTMLElement).setAttribute('aria-busy', 'false');

let address: string | undefined;

/** Offers weights as a file. */
const offer = (bytes: Uint8Array, step: number): void => {
  if (address !== undefined) URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  byId('download', HTMLAnchorElement).href = address;
  byId('weights-step', HTMLElement).textContent = `${step}`;
  byId('weights', HTMLElement).hidden = false;
  byId('no-weights', HTMLElement).hidden = true;
};

type Ready = Extract<News, { kind: 'ready' }>;

const keptText = ({ notKept }: Ready): string =>
  notKept === undefined
    ? `The run is kept in this browser, in files of this page's own: it can be gone on with when the tab was closed.`
    : `The run is not kept when the tab is closed: ${notKept}.`;

const welcome = ({ run }: Ready): string => {
  if (!run) return 'Ready.';
  const { step, isEnded, settings } = run;
  return isEnded
    ? `Your model of an earlier visit is here, after step ${step}.`
    : `A run of an earlier visit is kept, at step ${step} of ${settings.numSteps}. Go on with it, or start anew.`;
};

const paceText = (seconds: number): string =>
  seconds < 1 ? `${Math.max(1, Math.round(1000 * seconds))} ms a step` : `${seconds.toFixed(1)} s a step`;

const measuredText = ({ measured }: Ready['engine']): string =>
  measured === undefined
    ? ''
    : `, ${paceText(measured.seconds)}; ${runsOn(measured.other)} takes ${paceText(measured.otherSeconds)}`;

const start = async (): Promise<void> => {
  const address = new URL('./worker.js', import.meta.url);
  address.search = location.search;
  const worker = new Worker(address, { type: 'module' });
  const ask = (request: Request): void => worker.postMessage(request);
  const panel: TrainPanel = startTraining(ask, say);
  const shipped = Promise.all([engine({ wasmPath: here.href, threads: 1 }), fetchBytes(files.digits)]).then(
    ([, bytes]) => modelOf(bytes),
  );
  let drawing: DrawPanel | undefined;
  let own: ReturnType<typeof modelOf> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const takeWeights = async (bytes: Uint8Array, step: number): Promise<void> => {
    offer(bytes, step);
    const before = own;
    own = modelOf(bytes);
    await drawing?.setOwn(own.ask);
    await before?.dispose();
  };
  const takeReady = async (news: Ready): Promise<void> => {
    const model: { readonly ask: Ask } = await shipped;
    drawing = startDrawing(model.ask, news.drawings, (drawings) => {
      panel.setDrawings(drawings);
      ask({ kind: 'keep', drawings });
    });
    panel.setDrawings(news.drawings);
    if (news.notKept !== undefined) panel.setNotKept();
    if (news.run) panel.showKept(news.run);
    byId('kept', HTMLElement).textContent = keptText(news);
    showRunsOn(news.engine.info, measuredText(news.engine));
    ['training', 'drawing'].forEach(ready);
    say(welcome(news));
  };
  const take = async (news: News): Promise<void> => {
    switch (news.kind) {
      case 'measuring':
        return say('Measuring a few steps in WebAssembly and on the graphics processor …');
      case 'ready':
        return takeReady(news);
      case 'weights':
        return takeWeights(news.bytes, news.step);
      case 'event':
        panel.take(news.event);
        if (news.event.kind === 'ended') drawing?.say();
        return;
      case 'failed':
        panel.fail();
        ['training', 'drawing'].forEach(ready);
        return fail(`The training failed. ${news.message}`);
    }
  };

  worker.onmessage = ({ data }: MessageEvent<News>) => {
    last = last.then(() => take(data)).catch((error: unknown) => fail(messageOf(error)));
  };
  worker.onerror = (event) => {
    ['training', 'drawing'].forEach(ready);
    fail(`The worker did not start. ${event.message ?? ''}`);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && panel.isRunning()) ask({ kind: 'save' });
  });
};

byId('try-serve', HTMLElement).remove();
start().catch((error: unknown) => {
  ['training', 'drawing'].forEach(ready);
  fail(`The page did not start. ${messageOf(error)}`);
});
