/** `renga completion`: what shells complete. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { presetNames } from '../../presets/registry.js';
import { complaintOf, outputOf, renga } from './run.js';

const here = process.cwd();

t.test(
  'bash completes commands, options, their values and presets',
  { skip: process.platform === 'win32' },
  (t) => {
    const script = outputOf(renga(here, 'completion', 'bash'));
    const completed = (...words: readonly string[]) =>
      spawnSync(
        'bash',
        [
          '-c',
          `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _renga; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        { encoding: 'utf8' },
      )
        .stdout.trim()
        .split('\n');
    t.same(completed('renga', 'cla'), ['classify']);
    t.same(completed('renga', 'classify', '--thr'), ['--threads']);
    t.same(completed('renga', 'export', '--weights', 'f'), ['float32', 'float16']);
    t.same(completed('renga', 'classify', '--preset', 'dig'), ['digits']);
    t.same(
      completed('renga', 'describe', 'imagenet'),
      presetNames().filter((name) => name.startsWith('imagenet')),
    );
    t.same(completed('renga', 'completion', 'f'), ['fish']);
    t.same(completed('renga', 'classify', '--checkpoint', 'x'), [''], 'files are the shell’s own');
    t.end();
  },
);

t.test('zsh and fish know every command and its options', (t) => {
  const commands = [...outputOf(renga(here, '--help')).matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) (?:\[|<| {2})/gm)];
  for (const shell of ['zsh', 'fish']) {
    const script = outputOf(renga(here, 'completion', shell));
    const missing = commands
      .map(([, name]) => name)
      .filter((name) => name !== 'help' && !new RegExp(`\\b${name}\\b`).test(script));
    t.same(missing, [], shell);
    t.match(script, 'blank', 'an option of fill-mask');
  }
  t.match(complaintOf(renga(here, 'completion', 'tcsh')), /Allowed choices are bash, zsh, fish\./);
  t.end();
});
