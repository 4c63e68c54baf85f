/** Written files are read back leaf for leaf and bit for bit: every format, in memory and on disk. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  type Checkpoint,
  type CheckpointError,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  readCheckpoint,
  type SaveFormat,
  showCheckpointError,
  writeCheckpoint,
} from '../../../lib/checkpoint/index.js';
import { anyTree, plainTree } from './arbitraryTree.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const plain = ({ params, state }: Pick<Checkpoint, 'params' | 'state'>) => [
  plainTree(params),
  plainTree(state),
];

const formats: readonly (readonly [SaveFormat, leastLeaves: 0 | 1])[] = [
  [{ format: 'pickle' }, 0],
  [{ format: 'pickle', flatMapping: true }, 0],
  [{ format: 'npz' }, 1],
  [{ format: 'npz', deflate: true }, 1],
  [{ format: 'safetensors' }, 1],
];

for (const [format, leastLeaves] of formats) {
  const name = Object.values(format).join(' ');
  t.test(`any tree, written as ${name}, is read back equal`, async (t) => {
    const property = fc.property(anyTree(leastLeaves), anyTree(leastLeaves), (params, state) => {
      const read = right(parseCheckpoint(right(formatCheckpoint({ params, state }, format))));
      t.equal(read.format, format.format);
      t.strictSame(plain(read), plain({ params, state }));
      t.equal(read.rest.size, 0);
    });
    t.doesNotThrow(() => fc.assert(property, { numRuns: 60 }));
  });
}

t.test('written again from what was read, the bytes are the same', async (t) => {
  const property = fc.property(
    anyTree(1),
    anyTree(1),
    fc.constantFrom(...formats),
    (params, state, [format]) => {
      const first = right(formatCheckpoint({ params, state }, format));
      const second = right(formatCheckpoint(right(parseCheckpoint(first)), format));
      t.ok(Buffer.from(first).equals(second));
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 40 }));
});

t.test('through files: opened, read whole, and in shards of any size', async (t) => {
  const folder = mkdtempSync(join(t.testdir(), 'x'));
  const sizes = fc.constantFrom(1, 16, 64, 1e6, undefined);
  const property = fc.asyncProperty(
    anyTree(1),
    anyTree(1),
    sizes,
    fc.nat(4),
    async (params, state, shardSize, which) => {
      const format =
        shardSize === undefined ? formats[which][0] : ({ format: 'safetensors', shardSize } as const);
      const { files, bytes } = right(
        await writeCheckpoint(join(folder, 'model'), { params, state }, format)(),
      );
      t.equal(
        files.reduce((sum, file) => sum + readFileSync(file).length, 0),
        bytes,
      );
      const path = files.at(-1) as string;
      t.strictSame(plain(right(await openCheckpoint(path)())), plain({ params, state }));
      t.strictSame(plain(right(await openCheckpoint(path, { verify: false })())), plain({ params, state }));
      t.strictSame(plain(right(await readCheckpoint(path)())), plain({ params, state }));
      for (const file of files) rmSync(file);
    },
  );
  await fc.assert(property, { numRuns: 25 });
});

t.test("names of PyTorch's form, with dots, are read back equal", async (t) => {
  const dotted = anyTree(1).map((tree) =>
    Object.fromEntries(
      Object.entries(tree).map(([module, leaves], i) => [
        `m${i}.${module.replaceAll('/', '.').replaceAll('__metadata__', 'x')}`,
        Object.fromEntries(Object.values(leaves).map((leaf, j) => [`weight_${j}`, leaf])),
      ]),
    ),
  );
  const property = fc.property(dotted, (params) => {
    const format = { format: 'safetensors', separator: '.' } as const;
    const read = right(parseCheckpoint(right(formatCheckpoint({ params }, format))));
    t.strictSame(plainTree(read.params), plainTree(params));
    t.strictSame(read.metadata, { format: 'pt' });
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 25 }));
});
