/**
 * Counts the bytes of the array buffers that a program makes, freed ones too, from the moment that this file is
 * imported: it must come before what it is to count.
 */
let counted = 0;

/** Bytes of all buffers made since the count was last asked for. */
export const takeCount = (): number => {
  const count = counted;
  counted = 0;
  return count;
};

interface Made {
  readonly byteLength: number;
}

const isBuffer = (value: unknown): boolean =>
  value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;

const counting = (maker: object): object =>
  new Proxy(maker as new (...args: readonly unknown[]) => Made, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as Made;
      if (!isBuffer(args[0])) counted += made.byteLength;
      return made;
    },
  });

const names = ['Uint8Array', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array', 'Int32Array'].concat([
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
]);

for (const name of names) {
  const maker = Reflect.get(globalThis, name) as object;
  Object.defineProperty(globalThis, name, { value: counting(maker), writable: true, configurable: true });
}
