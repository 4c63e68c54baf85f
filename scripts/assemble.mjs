/**
 * Compiles the kernels in lib/engine/assembly to WebAssembly: once for every machine, once for those with relaxed SIMD,
 * and once for engines that make wider operations of those; and writes them into a module of dist as text, so that a
 * bundler carries them with the rest.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));

const flags = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--uncheckedBehavior', 'always'],
  // The memory is tfjs's own: shared, as large as it can be; the loader takes the mark of sharing off where it must.
  ...[
    '--importMemory',
    '--noExportMemory',
    '--sharedMemory',
    '--initialMemory',
    '256',
    '--maximumMemory',
    '65536',
  ],
  ...['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
];

/** A data segment would be written over tfjs's own static data when the module is started. */
const refuseData = (binary) => {
  for (let at = 8; at < binary.length;) {
    const id = binary[at++];
    let [size, shift] = [0, 0];
    do {
      size |= (binary[at] & 0x7f) << shift;
      shift += 7;
    } while (binary[at++] & 0x80);
    if (id === 11) throw new Error('the kernels have static data, which would overwrite that of tfjs');
    at += size;
  }
};

const compile = async (features) => {
  let binary;
  const { error, stderr } = await asc.main(
    ['lib/engine/assembly/index.ts', '--baseDir', root, '--outFile', 'kernels.wasm', ...flags, ...features],
    { writeFile: (name, contents) => void (name === 'kernels.wasm' && (binary = contents)) },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  refuseData(binary);
  return binary;
};

/** Puts the binaries into dist. */
export const assemble = async (dist) => {
  const folder = join(dist, 'lib', 'engine', 'wasm');
  const entries = [
    ['plain', await compile(['--use', 'WIDE=0'])],
    ['relaxed', await compile(['--use', 'WIDE=0', '--enable', 'relaxed-simd'])],
    ['wide', await compile(['--use', 'WIDE=1', '--enable', 'relaxed-simd'])],
  ].map(([name, binary]) => `export const ${name} = '${Buffer.from(binary).toString('base64')}';\n`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'binaries.js'), entries.join(''));
  copyFileSync(join(root, 'lib', 'engine', 'wasm', 'binaries.d.ts'), join(folder, 'binaries.d.ts'));
};
