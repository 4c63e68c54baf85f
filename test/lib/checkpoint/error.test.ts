/** One message for every error: where, what was found, what was expected. */
import { either as E } from 'fp-ts';
import t from 'tap';
import { attempt, refuse, showCheckpointError } from '../../../lib/files/error.js';

t.test('every kind of error says where and what', async (t) => {
  t.equal(showCheckpointError({ kind: 'pickle', offset: 7, problem: 'no mark' }), 'at byte 7: no mark');
  t.equal(
    showCheckpointError({ kind: 'npy', offset: 7, problem: 'too short', entry: 'a "b"' }),
    'at byte 7 of entry "a \\"b\\"": too short',
  );
  t.equal(
    showCheckpointError({ kind: 'zip', offset: 7, problem: 'damaged', entry: 'n'.repeat(65_535) }),
    `at byte 7 of entry "${'n'.repeat(200)}…": damaged`,
  );
  t.equal(
    showCheckpointError({ kind: 'global', offset: 9, name: 'os.system' }),
    'at byte 9: the pickle asks for os.system, which is not among the names that JAX, NumPy, Haiku and optax write; nothing was run',
  );
  t.equal(
    showCheckpointError({ kind: 'io', path: 'a.npz', problem: 'no permission' }),
    'a.npz: no permission',
  );
  const problems = [
    { path: 'm.w', found: 'None', expected: 'an array' },
    { path: '', found: 'a list', expected: 'a mapping' },
  ];
  t.equal(
    showCheckpointError({ kind: 'tree', problems }),
    'at m.w: found None, expected an array\nat the top: found a list, expected a mapping',
  );
});

t.test('what a file says cannot speak to the terminal', async (t) => {
  const name = 'os.\u001b[31msystem\u009b2J\u202e';
  const message = showCheckpointError({ kind: 'global', offset: 0, name });
  t.match(message, /asks for os\.\\u001b\[31msystem\\u009b2J\\u202e,/);
  const problems = [{ path: 'm\u0007', found: 'a\nb\tc', expected: '\u007f\r' }];
  t.equal(
    showCheckpointError({ kind: 'tree', problems }),
    'at m\\u0007: found a\nb\tc, expected \\u007f\\u000d',
  );
});

t.test('an attempt gives what was read or what was refused, and lets mistakes through', async (t) => {
  const error = { kind: 'io', path: 'x', problem: 'y' } as const;
  t.strictSame(
    attempt(() => 1),
    E.right(1),
  );
  t.strictSame(
    attempt(() => refuse(error)),
    E.left(error),
  );
  t.throws(() => attempt(() => [].reduce((a) => a)), TypeError);
});
