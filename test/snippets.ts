/**
 * What a document promises in code: its blocks, compiled as a user's project compiles them against the built package, and
 * run there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { node, outputOf } from './child.js';
import { linkDependencies, linkPackage } from './project.js';

/** A block of a document, with the last heading before it. */
export interface Block {
  readonly text: string;
  readonly heading?: string;
}

/** The blocks of a language. */
export const blocks = (markdown: string, language: string): readonly Block[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ({ 1: text, index }) => ({
      text,
      heading: [...markdown.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1],
    }),
  );

/** A line of a shell, taken apart: words, or texts in quotes. */
const words = (line: string): string[] =>
  [...line.replace(/ +#.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, word]) => double ?? single ?? word,
  );

/** Every command of a document's shell blocks. */
export const commandsOf = (markdown: string): readonly (readonly string[])[] =>
  blocks(markdown, 'sh').flatMap(({ text }) => text.trim().split('\n').map(words));

const options: ts.CompilerOptions = {
  strict: true,
  noUnusedLocals: true,
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
  ].map(
    ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
};

/** Prints what is logged as JSON, a line each. */
const recorder = 'console.log = (value) => process.stdout.write(JSON.stringify(value) + "\\n");';

/** Makes a user's project of an empty folder: the package, what it depends on, and files. */
export const fillProject = (folder: string, files: Readonly<Record<string, string>>): void => {
  linkDependencies(folder);
  linkPackage(folder);
  const all = { 'package.json': '{ "type": "module" }', 'record.js': recorder, ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
};

/** What a compiled file of such a project logs, in order. */
export const logged = (folder: string, file: string): string[] =>
  outputOf(node(folder, '--import', './record.js', file))
    .trim()
    .split('\n');
