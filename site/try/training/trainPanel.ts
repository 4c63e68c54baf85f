/** The panel of the training: its settings, its buttons, its figures and curves. */
import { byId } from '../dom.js';
import { startChart } from './chart.js';
import type { Drawing, KeptRun, PlainEvent, Request, Settings } from './messages.js';

export interface TrainPanel {
  /** Shows a run of an earlier visit, which can be gone on with if it did not end. */
  readonly showKept: (run: KeptRun) => void;
  readonly take: (event: PlainEvent) => void;
  /** Shows that the run ended by an error. */
  readonly fail: () => void;
  readonly setDrawings: (drawings: readonly Drawing[]) => void;
  /** Says that checkpoints go when the tab is closed. */
  readonly setNotKept: () => void;
  readonly isRunning: () => boolean;
}

/** The course of a run: `ending` from a press of Pause or Stop to the end of the step. */
type Course = 'none' | 'running' | 'ending' | 'paused' | 'ended';

const labels: Readonly<Record<Course, string>> = {
  none: 'Start',
  running: 'Pause',
  ending: 'Pause',
  paused: 'Go on',
  ended: 'Start anew',
};

const duration = (seconds: number): string => {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `about ${Math.ceil(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
};

/** Pictures that are held out. */
const heldOut = 360;

const rightOf = (accuracy: number): string =>
  `${Math.round(accuracy * heldOut)} (${(100 * accuracy).toFixed(1)} %)`;

/**
 * Puts the panel to work.
 * @param ask  sends a request to the worker
 * @param say  tells a sentence about the run, which is read aloud
 */
export const startTraining = (ask: (request: Request) => void, say: (text: string) => void): TrainPanel => {
  const [go, stop, anew] = ['go', 'stop', 'anew'].map((id) => byId(id, HTMLButtonElement));
  const steps = byId('steps', HTMLInputElement);
  const progress = byId('progress', HTMLProgressElement);
  const figures = ['step', 'loss', 'accuracy', 'left', 'kept-step'].map((id) => byId(id, HTMLElement));
  const [step, loss, accuracy, left, kept] = figures;
  const chart = startChart(byId('curves', HTMLElement));
  let course: Course = 'none';
  let isStopped = false;
  let numSteps = 0;
  let drawings: readonly Drawing[] = [];
  let right: number | undefined;
  let isKept = true;

  const set = (now: Course): void => {
    course = now;
    go.textContent = labels[now];
    go.setAttribute('aria-disabled', `${now === 'ending'}`);
    stop.disabled = now !== 'running' && now !== 'paused';
    anew.hidden = now !== 'paused';
    left.textContent = now === 'running' ? left.textContent : '–';
  };
  const clear = (): void => {
    right = undefined;
    for (const figure of figures) figure.textContent = '–';
  };
  const showStep = (now: number): void => {
    step.textContent = `${now} of ${numSteps}`;
    Object.assign(progress, { max: numSteps, value: now });
  };
  const showFigures = (line: PlainEvent): void => {
    if (line.kind === 'step') loss.textContent = line.metrics.loss.toFixed(3);
    if (line.kind === 'evaluated') {
      right = line.raw.accuracy;
      accuracy.textContent = rightOf(right);
    }
  };
  const showSaved = (now: number): void => {
    kept.textContent = isKept ? `${now}` : 'not kept';
  };
  const isOwn = (): boolean =>
    document.querySelector<HTMLInputElement>('input[name="data"]:checked')?.value === 'own';
  const settings = (): Settings => ({ numSteps: Number(steps.value), drawings: isOwn() ? drawings : [] });
  const begin = (): void => {
    if (!byId('settings', HTMLFormElement).reportValidity()) return;
    const chosen = settings();
    ({ numSteps } = chosen);
    clear();
    chart.begin(numSteps);
    showStep(0);
    set('running');
    ask({ kind: 'start', settings: chosen });
  };
  const end = (kind: 'pause' | 'stop'): void => {
    set('ending');
    ask({ kind });
  };

  byId('settings', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    if (course === 'running') end('pause');
    else if (course === 'paused') {
      set('running');
      ask({ kind: 'goOn' });
    } else if (course !== 'ending') begin();
  });
  stop.addEventListener('click', () => {
    go.focus(); // which stays, while this one is disabled
    if (course === 'paused') {
      set('ended');
      say('Stopped.');
      return ask({ kind: 'stop' });
    }
    isStopped = true;
    end('stop');
  });
  anew.addEventListener('click', () => {
    go.focus();
    begin();
  });

  const ended = (event: Extract<PlainEvent, { kind: 'ended' }>): void => {
    const isPaused = event.reason === 'aborted' && !isStopped && event.step < numSteps;
    isStopped = false;
    const result =
      right === undefined ? '' : ` At the last count it had ${rightOf(right)} of ${heldOut} right.`;
    if (isPaused) say(`Paused after step ${event.step}.`);
    else if (event.reason === 'notFinite') say('The training ended: its numbers are not finite any more.');
    else say(`${event.step < numSteps ? 'Stopped' : 'Done'} after step ${event.step}.${result}`);
    set(isPaused ? 'paused' : 'ended');
  };

  return {
    take: (event) => {
      chart.add(event);
      showFigures(event);
      if (event.kind === 'started') {
        showStep(event.step);
        const from = event.from === undefined ? 'Training …' : `Training goes on after step ${event.step} …`;
        say([from, ...event.notes].join(' '));
      }
      if (event.kind === 'step') {
        showStep(event.step);
        left.textContent = course === 'running' ? duration(event.secondsLeft) : '–';
      }
      if (event.kind === 'saved') showSaved(event.step);
      if (event.kind === 'ended') ended(event);
    },
    showKept: (run) => {
      ({ numSteps } = run.settings);
      steps.value = `${numSteps}`;
      if (run.settings.drawings.length > 0)
        byId('settings', HTMLFormElement).querySelector<HTMLInputElement>('[value="own"]')!.checked = true;
      chart.begin(numSteps, run.log);
      for (const line of run.log.split('\n').filter((text) => text !== ''))
        showFigures(JSON.parse(line) as PlainEvent);
      showStep(run.step);
      showSaved(run.step);
      set(run.isEnded ? 'ended' : 'paused');
    },
    fail: () => set(course === 'none' ? 'none' : 'ended'),
    setDrawings: (all) => {
      if (all.length > drawings.length)
        byId('settings', HTMLFormElement).querySelector<HTMLInputElement>('[value="own"]')!.checked = true;
      drawings = all;
      byId('own-count', HTMLElement).textContent = all.length === 0 ? 'none yet' : `${all.length}`;
    },
    setNotKept: () => {
      isKept = false;
    },
    isRunning: () => course === 'running',
  };
};
