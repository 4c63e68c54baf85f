/**
 * The API reference: TypeDoc's, of every entry point that the package exports, under the names that people import. Runs
 * as a program of its own, `node reference.js FOLDER`, because it takes as long as all the rest of the site.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as typedoc from 'typedoc';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string>>;
};

/** Sources by the names that they are imported by: 'renga/modules' to 'modules/index.ts'. */
export const entryPoints: ReadonlyMap<string, string> = new Map(
  Object.entries(manifest.exports)
    .filter(([, file]) => file.endsWith('.js'))
    .map(([name, file]) => [
      name.replace(/^\./, 'renga'),
      file.replace('./dist/', '').replace(/\.js$/, '.ts'),
    ]),
);

/** A warning that is no problem: functions that return functions describe the parameters of both. */
const harmless = /has an @param with name/;

/** Collects the messages that TypeDoc would print. */
class Messages extends typedoc.Logger {
  readonly problems: string[] = [];

  override log(message: string, level: typedoc.LogLevel): void {
    if (level >= typedoc.LogLevel.Warn && !harmless.test(message)) this.problems.push(message);
  }
}

/** The fence that TypeDoc puts around an example's code. */
const fence = '\n```';

/** Comments in which a line begins with `Source:` have it as a section of its own, wherever it stands. */
const separateSource = (comment: typedoc.Comment): void => {
  const contents = [comment.summary, ...comment.blockTags.map(({ content }) => content)];
  for (const content of contents) {
    const at = content.findIndex(({ text }) => /(^|\n)Source: /.test(text));
    if (at < 0) continue;
    const { kind, text } = content[at];
    const isFenced = kind === 'code' && text.endsWith(fence);
    const [before, source] = (isFenced ? text.slice(0, -fence.length) : text).split(/(?:^|\n)Source: ([^]*)/);
    const after = content.splice(at + 1);
    content[at] = { kind, text: isFenced ? before + fence : before } as typedoc.CommentDisplayPart;
    comment.blockTags.push(new typedoc.CommentTag('@source', [{ kind: 'text', text: source }, ...after]));
    return;
  }
};

const options: typedoc.TypeDocOptions = {
  name: 'renga',
  entryPoints: [...entryPoints.values()].map((file) => join(root, file)),
  tsconfig: join(root, 'tsconfig.json'),
  readme: 'none',
  githubPages: false,
  disableGit: true,
  disableSources: true,
  excludeExternals: true,
  skipErrorChecking: true, // the build has checked them
  includeVersion: true,
  sort: ['source-order'],
  categorizeByGroup: false,
  hideGenerator: true,
  includeHierarchySummary: false, // its page has no places of single types to link to
  blockTags: [...typedoc.OptionDefaults.blockTags, '@generated', '@source'],
  lightHighlightTheme: 'github-light',
  darkHighlightTheme: 'github-dark',
  // Names of files, such as perceiver.py, are no addresses.
  markdownItOptions: { html: true, linkify: false },
  validation: { notExported: false, invalidLink: true, invalidPath: true, notDocumented: false },
};

/**
 * Writes the reference into a folder.
 * @throws Error with TypeDoc's warnings, if there are any
 */
export const writeReference = async (folder: string): Promise<void> => {
  const app = await typedoc.Application.bootstrap(options, [new typedoc.TSConfigReader()]);
  const messages = new Messages();
  app.logger = messages;
  app.converter.on(typedoc.Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getChildrenByKind(typedoc.ReflectionKind.Module)) {
      for (const [name, source] of entryPoints)
        if (module.name === source.replace(/(\/index)?\.ts$/, '')) module.name = name;
    }
    for (const reflection of Object.values(context.project.reflections)) {
      if (reflection.comment) separateSource(reflection.comment);
      if (reflection.kindOf(typedoc.ReflectionKind.Parameter) && reflection.name === '__namedParameters')
        reflection.name = 'options';
    }
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the sources');
  app.validate(project);
  await app.generateDocs(project, folder);
  if (messages.problems.length > 0) throw new Error(messages.problems.join('\n'));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeReference(process.argv[2]);
