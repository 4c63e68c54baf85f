/**
 * The code snippets of pages as programs: compiled as a user's project compiles them against the built package, run
 * there, and their output compared with the comments beside it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { nodeBeside, outputOf } from './child.js';
import { linkDependencies, linkPackage } from './project.js';

/** A block of a page, and the line on which it begins, from 0. */
export interface Block {
  readonly text: string;
  readonly line: number;
}

/** The blocks of a language, in order. */
export const blocks = (markdown: string, language: string): readonly Block[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ({ 1: text, index }) => ({ text, line: markdown.slice(0, index).split('\n').length }),
  );

/** Blocks on the lines that they have in the page, so that what is said of them names those. */
const onTheirLines = (parts: readonly Block[]): string =>
  parts.reduce(
    (text, block) => text + '\n'.repeat(block.line - (text.split('\n').length - 1)) + block.text,
    '',
  );

/** A page's programs: a block that imports something begins one, a block that does not continues it. */
export const programs = (markdown: string): readonly string[] => {
  const found: Block[][] = [];
  for (const block of blocks(markdown, 'ts'))
    if (found.length === 0 || /^import /m.test(block.text)) found.push([block]);
    else found[found.length - 1].push(block);
  return found.map(onTheirLines);
};

/** A line of a shell, taken apart: words, or texts in quotes. */
const words = (line: string): string[] =>
  [...line.replace(/ +#.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, word]) => double ?? single ?? word,
  );

/** Every command of a page's shell blocks. */
export const commandsOf = (markdown: string): readonly (readonly string[])[] =>
  blocks(markdown, 'sh').flatMap(({ text }) => text.trim().split('\n').map(words));

const options: ts.CompilerOptions = {
  strict: true,
  noUnusedLocals: true,
  sourceMap: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};

/** Compiles files as a user's project does; what the compiler says of them and of the package, a line each. */
export const compile = (paths: string[]): string[] => {
  const program = ts.createProgram(paths, options);
  program.emit();
  const ours = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));
  return [
    ...program.getGlobalDiagnostics(),
    ...ours.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ].map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : '';
    return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
};

/** Runs files one after the other in one process, which tells what each one logs on which line of its source. */
const runner = `
  let logged = [];
  const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value, (_, part) =>
    ArrayBuffer.isView(part) ? [...part] : part));
  console.log = (...values) => {
    const line = Number(/:(\\d+):\\d+\\)?$/.exec(new Error().stack.split('\\n')[2])[1]);
    logged.push({ line, text: values.map(shown).join(' ') });
  };
  const results = [];
  const { state } = (await import('@tensorflow/tfjs-core')).engine();
  for (const file of process.argv.slice(2)) {
    logged = [];
    const before = state.numTensors;
    const error = await import(file).then(() => undefined, (thrown) => String(thrown.stack));
    results.push({ logged, error, tensors: state.numTensors - before });
  }
  process.stdout.write(JSON.stringify(results), () => process.exit());
`;

/** The output and the error of a program. */
export interface Run {
  readonly logged: readonly { readonly line: number; readonly text: string }[];
  readonly error?: string;
  /** The tensors that it left on the engine. */
  readonly tensors: number;
}

/** Makes a user's project of an empty folder: the package, what it depends on, and files. */
export const fillProject = (folder: string, files: Readonly<Record<string, string>>): void => {
  linkDependencies(folder);
  linkPackage(folder);
  const all = { 'package.json': '{ "type": "module" }', 'run.js': runner, ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
};

/** Runs compiled files of such a project. */
export const run = async (folder: string, files: readonly string[]): Promise<readonly Run[]> => {
  const env = { RENGA_OFFLINE: '1', RENGA_CACHE: join(folder, 'cache') };
  const paths = files.map((file) => `./${file}`);
  return JSON.parse(outputOf(await nodeBeside(folder, env, '--enable-source-maps', 'run.js', ...paths)));
};

/** A call of `console.log`: its line, whether it is a statement of the program itself, and what it is said to print. */
export interface Log {
  readonly line: number;
  readonly isCertain: boolean;
  readonly promise?: string;
}

/** The comment behind a statement, or on the lines after it. */
const commentAfter = (text: string, end: number): string | undefined => {
  const [, beside, below] = /^;? *(?:\/\/ (.*)|((?:\n *\/\/ .*)+))?/.exec(text.slice(end)) ?? [];
  return beside ?? below?.replace(/\n *\/\/ /g, '\n').trim();
};

/** Every `console.log` of a program. */
export const logsOf = (text: string): readonly Log[] => {
  const source = ts.createSourceFile('program.ts', text, ts.ScriptTarget.ES2022, true);
  const logs: Log[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && /^console\s*\.log\(/.test(node.getText())) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const isCertain = node.parent === source;
      logs.push({ line, isCertain, promise: commentAfter(text, node.end) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return logs;
};

/** Names and numbers without the marks of lists, records and texts. */
const plain = (text: string): string =>
  text
    .replace(/["'[\]{}]/g, '')
    .replace(/\s*([,:])\s*/g, '$1 ')
    .replace(/\s+/g, ' ')
    .trim();

/** Tells if a text keeps the promise of a comment, in which `…` stands for anything. */
export const keeps = (text: string, promise: string): boolean => {
  const parts = plain(promise)
    .split('…')
    .map((part) => part.trim().replace(/[.*+?^${}()|\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(plain(text));
};
