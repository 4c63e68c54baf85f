/** One bit of a WebAssembly binary says whether its memory is shared. */
import t from 'tap';
import { readFileSync } from 'node:fs';
import * as binaries from '../../../lib/engine/wasm/binaries.js';
import { withSharing } from '../../../lib/engine/wasm/sharedHeap.js';

const folder = 'node_modules/@tensorflow/tfjs-backend-wasm/dist';
const stock = readFileSync(`${folder}/tfjs-backend-wasm-simd.wasm`);
const plain = Buffer.from(binaries.plain, 'base64');

t.test("tfjs's own memory becomes shared and remains a valid module, one byte apart", async (t) => {
  const shared = withSharing(stock, true);
  t.ok(WebAssembly.validate(shared));
  t.equal(shared.filter((byte, i) => byte !== stock[i]).length, 1);
  t.ok(Buffer.from(withSharing(shared, false)).equals(stock), 'and back');
});

t.test('kernels take either memory', async (t) => {
  for (const isShared of [true, false]) {
    const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: isShared });
    const env = { memory, giveUp: () => undefined };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(withSharing(plain, isShared)), {
      env,
    });
    t.type(exports.matMul, 'function');
  }
});

t.test('what has no memory with a maximum is refused', async (t) => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  t.throws(() => withSharing(empty, true), /no memory with a maximum/);
  t.throws(() => withSharing(stock.subarray(0, 9), true), /ends in the middle/);
});
