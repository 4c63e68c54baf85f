/** Findings as a page of the docs: versions, and a line for each thing that was tried. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { manifest, root } from '../project.js';
import { type Finding, type Group, isPassed, worst } from './finding.js';

const amount = (error: number): string => (error === 0 ? '0' : error.toExponential(1));

const row = (finding: Finding): string => {
  const { error, tolerance, problem } = worst(finding);
  const difference = problem ?? amount(error);
  const result = isPassed(finding) ? 'passed' : '**failed**';
  return `| ${finding.what} | ${finding.checks.length} | ${difference} | ${amount(tolerance)} | ${result} |`;
};

const section = ({ title, doc, findings }: Group): string =>
  [
    `## ${title}`,
    '',
    doc,
    '',
    '| what | arrays | largest difference | allowed | |',
    '| --- | --: | --: | --: | --- |',
    ...findings.map(row),
    '',
  ].join('\n');

const counts = (groups: readonly Group[]): string => {
  const findings = groups.flatMap(({ findings }) => findings);
  const passed = findings.filter(isPassed).length;
  return `${passed} passed, ${findings.length - passed} failed`;
};

/** One line for the end of the command. */
export const summary = counts;

/** Writes `docs/conformance.md`. */
export const writeReport = async (
  versions: Readonly<Record<string, string>>,
  groups: readonly Group[],
): Promise<string> => {
  const path = join(root, 'docs', 'conformance.md');
  const text = [
    '# Conformance',
    '',
    `What \`npm run conformance\` found when it last ran, on ${new Date().toISOString().slice(0, 10)}: ${counts(groups)}. The command writes this page.`,
    '',
    '| program | version |',
    '| --- | --- |',
    `| renga | ${manifest.version} |`,
    `| Node | ${process.versions.node} |`,
    ...Object.entries(versions).map(([name, version]) => `| ${name} | ${version} |`),
    '',
    'Differences are max\\|a − b\\| as a share of the largest output; for files, of 1 + the largest value.',
    '',
    ...groups.map(section),
  ].join('\n');
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
  return path;
};
