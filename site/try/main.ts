/** The page's program: fetches models, starts the engine and reports its progress. */
import { byId } from './dom.js';
import { startDigits } from './digitsPanel.js';
import { type Examples, files } from './files.js';
import { fetchBytes } from './fetchBytes.js';
import { loadDigits, loadWords, startEngine } from './models.js';
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
  const [info, digits, json] = await Promise.all([startEngine(), coming.digits, coming.examples]);
  const loaded = performance.now();
  const examples = JSON.parse(new TextDecoder().decode(json)) as Examples;
  startDigits(loadDigits(digits), examples);
  ready('digits');
  const first = seconds(loaded);
  startWords(loadWords(await coming.words), examples);
  ready('words');
  const slowly = info.backend === 'cpu' ? ` (${info.reason ?? 'without WebAssembly'})` : '';
  status.textContent =
    `Ready. Everything runs on this device, by ${info.backend === 'wasm' ? 'WebAssembly' : 'JavaScript'}${slowly}; ` +
    `the first answer took ${first}.`;
};

byId('try-serve', HTMLElement).remove();
start().catch((error: unknown) => {
  status.classList.add('is-error');
  status.textContent = `The models did not start. ${error instanceof Error ? error.message : String(error)}`;
  for (const id of ['digits', 'words']) ready(id);
});
