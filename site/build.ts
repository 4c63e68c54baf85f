/**
 * The whole site in a folder: `node build.js [--out DIR]`. Pages of models, the hand-written ones, the API reference and
 * the page that runs; what takes long is made side by side, and the folder is written whole or not at all.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { exampleStyle } from '../cli/docs/examples.js';
import { checkFolder, writeFolder } from '../cli/docs/folder.js';
import { modelOfFile } from '../cli/docs/modelFile.js';
import { presetSubject } from '../cli/docs/subjects.js';
import { unlessInterrupted } from '../cli/interrupt.js';
import { withTemporaryFolder } from '../cli/temporaryFolder.js';
import { Html } from '../lib/docs/html/html.js';
import {
  documentModel,
  type ModelDocument,
  modelPage,
  shell,
  type Site,
  site,
  type SiteOptions,
} from '../lib/docs/index.js';
import { frameOf } from '../lib/docs/site.js';
import { stopThreads } from '../lib/engine/index.js';
import { presets } from '../presets/index.js';
import { frameReference } from './api/frame.js';
import { exampleFiles, examplePath, type Examples, guide, handWritten, root } from './pages.js';
import { buildTry } from './try/build.js';
import type { Shell } from './try/page.js';

const run = promisify(execFile);

const options: SiteOptions = {
  home: 'index.html',
  comparison: 'models/index.html',
  navigation: [
    { title: 'Guide', entries: guide },
    { title: 'API', path: 'api/index.html' },
    { title: 'Try it', path: 'try/index.html' },
    { title: 'Train one', path: 'try/train.html' },
  ],
};

type Files = ReadonlyMap<string, string | Uint8Array>;

/** The files of a folder, by their paths with another folder before them. */
const filesIn = async (folder: string, under: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>();
  for (const path of (await readdir(folder, { recursive: true })).sort())
    if ((await stat(join(folder, path))).isFile())
      files.set(`${under}/${path.split(sep).join('/')}`, await readFile(join(folder, path)));
  return files;
};

/** The files that a function writes into a folder of its own. */
const written = async (
  under: string,
  write: (folder: string) => Promise<unknown>,
): Promise<ReadonlyMap<string, Uint8Array>> =>
  withTemporaryFolder('renga-site', async (folder, signal) => {
    await unlessInterrupted(signal, write(folder));
    return filesIn(folder, under);
  });

/** TypeDoc's pages, and the colours of its code. */
const reference = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const program = fileURLToPath(new URL('./api/reference.js', import.meta.url));
  return written('api', (folder) =>
    run(process.execPath, [program, folder]).catch(({ stderr }: { stderr: string }) => {
      throw new Error(`the API reference: ${stderr}`);
    }),
  );
};

const framed = async (written: ReadonlyMap<string, Uint8Array>, frame: Site): Promise<Files> => {
  const pages = [...written].filter(([path]) => path.endsWith('.html'));
  const text = (content: Uint8Array): string => Buffer.from(content).toString();
  return new Map<string, string | Uint8Array>([
    ...pages.map(([path, content]) => [path, frameReference(text(content), path, frame)] as const),
    ['api/highlight.css', written.get('api/assets/highlight.css') as Uint8Array],
    ['api/reference.css', await readFile(join(root, 'site', 'api', 'reference.css'))],
  ]);
};

/** Every preset, with what the small trained ones really give. */
const documented = async (): Promise<readonly ModelDocument[]> => {
  const documents: ModelDocument[] = [];
  for (const name of Object.keys(presets)) documents.push(documentModel(await presetSubject(name)));
  return documents;
};

/** The models of docs/examples, which run as they are read. */
const documentedExamples = async (): Promise<Examples> => {
  const documents = new Map<string, ModelDocument>();
  for (const file of exampleFiles())
    documents.set(file, documentModel(await modelOfFile(join(root, 'docs', 'examples', file))));
  return documents;
};

/** All files of the site, by their paths. */
export const buildSite = async (): Promise<Files> => {
  const api = reference(); // in a process of its own
  api.catch(() => undefined); // told of below
  const documents = await documented();
  const examples = await documentedExamples();
  await stopThreads(); // they would keep the program from ending
  const frame = frameOf(documents, options);
  const around: Shell = ({ file, main, scripts, styles, ...page }) =>
    shell(
      {
        ...page,
        path: `try/${file}`,
        main: Html.trusted(main),
        styles: styles.map((name) => `try/${name}`),
        scripts: scripts.map((name) => `try/${name}`),
      },
      frame,
    );
  const live = await written('try', (folder) => buildTry(folder, around));
  const { pages, files } = handWritten(documents, examples);
  const ofExamples = [...examples].map(([file, document]) => {
    const path = examplePath(file);
    return [path, modelPage(document, frame, path)] as const;
  });
  const style = await readFile(join(root, 'site', 'pages.css'));
  const own = site(documents, {
    ...options,
    style: exampleStyle,
    pages,
    files: new Map<string, string | Uint8Array>([
      ['site-pages.css', style],
      ...files,
      ...ofExamples,
      ...live,
    ]),
  });
  return new Map([...own, ...(await framed(await api, frame))]); // which is ready by now
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { out } = parseArgs({ options: { out: { type: 'string', default: 'site-out' } } }).values;
  const start = performance.now();
  await checkFolder(out);
  const files = await buildSite();
  await writeFolder(out, files);
  console.log(`${out}: ${files.size} files in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
