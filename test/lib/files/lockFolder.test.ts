import t from 'tap';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { lockFolder } from '../../../lib/files/lockFolder.js';

t.test('a folder is locked once, and again after it was opened', async (t) => {
  const folder = join(t.testdir({}), 'run');
  const release = await lockFolder(folder);
  t.match(JSON.parse(readFileSync(join(folder, '.lock'), 'utf8')), { process: process.pid });
  await t.rejects(lockFolder(folder), /run: found a run of this program, expected none; .* or remove/);
  await release();
  t.notOk(existsSync(join(folder, '.lock')));
  await (
    await lockFolder(folder)
  )();
});

t.test('the lock of a living process holds, that of one that is gone does not', async (t) => {
  const folder = t.testdir({});
  const write = (owner: unknown) => writeFileSync(join(folder, '.lock'), JSON.stringify(owner));
  write({ process: process.ppid, host: hostname() });
  await t.rejects(lockFolder(folder), new RegExp(`a run of process ${process.ppid} on `));
  write({ process: spawnSync(process.execPath, ['--version']).pid, host: 'elsewhere' });
  await t.rejects(lockFolder(folder), / on elsewhere, expected none/, 'of another machine nothing is known');
  write({ process: spawnSync(process.execPath, ['--version']).pid, host: hostname() });
  const release = await lockFolder(folder);
  t.match(JSON.parse(readFileSync(join(folder, '.lock'), 'utf8')), { process: process.pid });
  await release();
});

t.test(
  'the lock of a process that was killed, and whose parent has not asked for its status, does not hold',
  async (t) => {
    if (process.platform !== 'linux') return;
    // A process that ends only after its parent has become another program, which never asks; the shell would have asked.
    const parent = spawn('sh', ['-c', 'read line <&3 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    });
    t.teardown(() => parent.kill());
    const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
    const pid = Number(line.toString());
    while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8') !== 'sleep\n') await new Promise(setImmediate);
    (parent.stdio[3] as Writable).end();
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate);
    const folder = t.testdir({ '.lock': JSON.stringify({ process: pid, host: hostname() }) });
    const release = await lockFolder(folder);
    t.match(JSON.parse(readFileSync(join(folder, '.lock'), 'utf8')), { process: process.pid });
    await release();
  },
);

t.test('a folder that cannot be locked is named, with the reason', async (t) => {
  const folder = t.testdir({ file: '', inside: { '.lock': {} }, cut: { '.lock': 'null' } });
  await t.rejects(
    lockFolder(join(folder, 'file', 'run')),
    /run: found a part of the path that is not a directory, expected/,
  );
  await t.rejects(lockFolder(join(folder, 'inside')), /\.lock: found a directory, expected/);
  await t.rejects(lockFolder(join(folder, 'cut')), /found a run of process \? on an unknown machine/);
});
