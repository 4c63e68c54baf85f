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

/** Types that others are made of, which nobody has to name. */
const inner = `
  Needed ValueOf Fields Text SymbolicSize DataOf Build Classes HaikuModuleOf OptionsOf HaikuClass families Rule Source
  ElementType Separator Inserted TypedArray Typed Shared FirstsOf RestsOf OutputsOf Common
  OptionalKeys ModelProto Initializer Show Compute Format Layout MarkdownOptions Rest Layers Presence
  Variants Part Call Definition Rerunnable Calls Shaped Span Tagged Families AnyModel Names Pattern
  AppliesOf Hosts RuntimeSession
`;

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
  blockTags: [...typedoc.OptionDefaults.blockTags, '@generated'],
  lightHighlightTheme: 'github-light',
  darkHighlightTheme: 'github-dark',
  intentionallyNotExported: inner.trim().split(/\s+/),
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: false },
};

/**
 * Writes the reference into a folder.
 * @throws Error with TypeDoc's warnings, if there are any
 */
export const writeReference = async (folder: string): Promise<void> => {
  const app = await typedoc.Application.bootstrap(options, [new typedoc.TSConfigReader()]);
  app.logger.level = typedoc.LogLevel.Warn;
  app.converter.on(typedoc.Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getChildrenByKind(typedoc.ReflectionKind.Module)) {
      for (const [name, source] of entryPoints)
        if (module.name === source.replace(/(\/index)?\.ts$/, '')) module.name = name;
    }
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the sources');
  app.validate(project);
  await app.generateDocs(project, folder);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc had something to say');
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeReference(process.argv[2]);
