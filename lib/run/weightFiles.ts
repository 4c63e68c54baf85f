/**
 * Models for onnxruntime in Node whose weights stay in files. onnxruntime maps them from there, so that no copy of them is
 * made on the way: weights of a checkpoint that was opened from the checkpoint's own file, others from a temporary one.
 */
import { bytesPerElement, type FilePlace } from '../data/array.js';
import { type FileSystem, fileSystem } from '../files/fileSystem.js';
import { partialOf, removeLeftovers } from '../files/partial.js';
import type { OnnxModel } from '../onnx/exportOnnx.js';
import { onnxBeside, pageSize, smallest } from '../onnx/onnxFile.js';
import { byteLength, type Initializer } from '../onnx/tensor.js';

/** A model and the folder from which its weights are found. */
export interface ModelBesideFiles {
  readonly bytes: Uint8Array;
  readonly folder: string;
  /** Removes the temporary file; what is mapped from it stays. */
  readonly clear: () => Promise<void>;
}

/** Fewer bytes than these in all are put into the model: a file is not worth its making. */
const fewestInFile = 1 << 20;

const bufferSize = 1 << 22;

type File = import('node:fs/promises').FileHandle;

/**
 * Copies bytes between files: one part is written while the next is read. Its two buffers are used again and again, because
 * fresh memory takes longer than the copying.
 */
const copier = ({ promises }: FileSystem['fs'], to: File) => {
  let [buffer, other] = [new Uint8Array(bufferSize), new Uint8Array(bufferSize)];
  let writing: Promise<void> = Promise.resolve();
  const copy = async ({ path, offset }: FilePlace, length: number, at: number): Promise<void> => {
    const from = await promises.open(path, 'r');
    try {
      for (let done = 0; done < length;) {
        const wanted = Math.min(bufferSize, length - done);
        const { bytesRead } = await from.read(buffer, 0, wanted, offset + done);
        if (bytesRead === 0) throw new Error(`${path} ends before a weight does; it was changed meanwhile`);
        await writing;
        writing = write(to, buffer.subarray(0, bytesRead), at + done);
        // Its error is met where it is awaited.
        writing.catch(() => undefined);
        [buffer, other] = [other, buffer];
        done += bytesRead;
      }
    } finally {
      await from.close();
    }
  };
  return { copy, end: () => writing };
};

const write = async (to: File, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length;)
    done += (await to.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
};

/** Writes weights to a temporary file, each at a page's start; gives the file's path. */
const writeTemporary = async (
  { fs, path: paths, os }: FileSystem,
  weights: ReadonlyMap<Initializer, number>,
): Promise<string> => {
  const base = paths.join(await fs.promises.realpath(os.tmpdir()), 'renga-weights');
  await removeLeftovers(base);
  const path = await partialOf(base);
  const file = await fs.promises.open(path, 'wx', 0o600);
  try {
    const { copy, end } = copier(fs, file);
    for (const [weight, at] of weights) {
      const place = weight.place?.();
      await (place ? copy(place, byteLength(weight), at) : write(file, weight.bytes(), at));
    }
    await end();
    return path;
  } catch (error) {
    await fs.promises.rm(path, { force: true });
    // Errors of the file system have a code; what reading an array says is clear by itself.
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new Error(
      `the weights cannot be written to a temporary file: ${error.message}; TMPDIR may name a folder with more room`,
      { cause: error },
    );
  } finally {
    await file.close();
  }
};

/**
 * Matrices that products alone read. onnxruntime packs them anew when it makes a session, by loads from any byte; other
 * operators read numbers where they lie, and want them aligned.
 */
const packedByRuntime = ({ message: { graph } }: OnnxModel): ReadonlySet<string> => {
  const [matrices, others] = [new Set<string>(), new Set<string>()];
  for (const { opType, domain, input } of graph?.node ?? [])
    input.forEach((name, i) => {
      const isMatrix = i === 1 && domain === '' && (opType === 'Gemm' || opType === 'MatMul');
      (isMatrix ? matrices : others).add(name);
    });
  return new Set([...matrices].filter((name) => !others.has(name)));
};

/** A model whose weights are to be mapped from files. */
export const modelBesideFiles = async (model: OnnxModel): Promise<ModelBesideFiles> => {
  const system = await fileSystem();
  const { fs, path: paths, os } = system;
  // onnxruntime opens files below one folder and follows no links out of it.
  const folder = paths.parse(await fs.promises.realpath(os.tmpdir())).root;
  const large = model.initializers.filter((each) => byteLength(each) >= smallest);
  const places = new Map<Initializer, FilePlace>();
  const packed = packedByRuntime(model);
  for (const each of large) {
    const place = each.place?.();
    const isReadable = place && (packed.has(each.name) || place.offset % bytesPerElement[each.type] === 0);
    if (isReadable && paths.parse(place.path).root === folder) places.set(each, place);
  }
  const offsets = new Map<Initializer, number>();
  let end = 0;
  for (const each of large.filter((one) => !places.has(one))) {
    offsets.set(each, end);
    end += Math.ceil(byteLength(each) / pageSize) * pageSize;
  }
  const path = end < fewestInFile ? undefined : await writeTemporary(system, offsets);
  if (path !== undefined) for (const [each, offset] of offsets) places.set(each, { path, offset });
  const bytes = onnxBeside(model, (each) => {
    const place = places.get(each);
    return place && { path: paths.relative(folder, place.path), offset: place.offset };
  });
  const clear = async () => {
    // Where a file that is mapped cannot be removed, it is when the session is released.
    if (path !== undefined) await fs.promises.rm(path, { force: true }).catch(() => undefined);
  };
  return { bytes, folder, clear };
};
