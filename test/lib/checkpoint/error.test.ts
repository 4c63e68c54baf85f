/** One message for every error: where, what was found, what was expected. */
import t from 'tap';
import { showCheckpointError } from '../../../lib/checkpoint/error.js';

t.test('every kind of error says where and what', async (t) => {
  t.equal(showCheckpointError({ kind: 'pickle', offset: 7, problem: 'no mark' }), 'at byte 7: no mark');
  t.equal(
    showCheckpointError({ kind: 'global', offset: 9, name: 'os.system' }),
    'at byte 9: the pickle asks for os.system, which acts on a machine and is no part of a checkpoint; nothing was run',
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
