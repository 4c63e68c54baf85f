/** The page's program: fetches models, starts the engine and reports its progress. */
import { byId } from './dom.js';
import { startDigits } from './digitsPanel.js';
import { type Examples, files } from './files.js';
import { fetchBytes } from './fetchBytes.js';
import { loadDigits, loadWords, startEngine } from './models.js';
import { showRunsOn } from './runsOn.js';
import { startWords } from './wordsPanel.js';

const status = byId('try-status', HTMLElement);

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Marks a panel as loaded. */
const ready = (id: string): void => byId(id, HTMLElement).setAttribute('aria-busy', 'false');

const start = async (): Promise<void> => {
  const coming = {
    digits: fetchBytes(files.digits),
    words: fetchBytes(files.words),
    examples: fetchBytes(files.examples),
  };
  coming.words.catch(() => undefined); // it is waited for, and what is wrong with it told, below
  const [info, digits, json] = await Promise.all([
    startEngine(location.search),
    coming.digits,
    coming.examples,
  ]);
  showRunsOn(info);
  const loaded = performance.now();
  const examples = JSON.parse(new TextDecoder().decode(json)) as Examples;
  await startDigits(loadDigits(digits), examples);
  ready('digits');
  const first = seconds(loaded);
  await startWords(loadWords(await coming.words), examples);
  ready('words');
  status.textContent = `Ready. Everything runs on this device; the first answer took ${first}.`;
};

const fail = (what: string, error: unknown): void => {
  status.classList.add('is-error');
  status.textContent = `${what} ${error instanceof Error ? error.message : String(error)}`;
  for (const id of ['digits', 'words']) ready(id);
};

byId('try-serve', HTMLElement).remove();
addEventListener('unhandledrejection', ({ reason }) => fail('The models do not answer.', reason));
start().catch((error: unknown) => fail('The models did not start.', error));
