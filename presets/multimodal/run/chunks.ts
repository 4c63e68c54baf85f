/**
 * Decoding in chunks: every output element has a query of its own, so a video is encoded once and its 800,000 elements are
 * decoded in chunks. The size of the chunks does not change the result.
 *
 * Source: DeepMind's video autoencoding colab, `autoencode_video`, whose 128 chunks are 6272 pixels and 15 pieces of
 * audio each. The colab drops elements that do not fill a last chunk; here chunks differ in length by at most one, and
 * no element is dropped.
 */

/** Number of output elements of each modality. */
export type Elements = Readonly<Record<string, number>>;

/** The output elements of a chunk by modality: row-major indices in ascending order. */
type ChunkPoints = Readonly<Record<string, Int32Array>>;

/** Output elements of a chunk of the colab: 6272 pixels and 15 pieces of audio. */
export const publishedChunkSize = 6272 + 15;

/**
 * The output elements of all modalities cut in chunks. Each chunk has elements of every modality.
 *
 * @param chunkSize  most elements of a chunk, all modalities together; more only where a modality has so few that there
 *                   are not enough chunks to give one to each
 * @throws RangeError when the size or a number of elements is not a positive whole number
 */
export const chunks = (elements: Elements, chunkSize: number): readonly ChunkPoints[] => {
  const counts = Object.values(elements);
  for (const n of [chunkSize, ...counts]) {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`${n} is not a positive whole number`);
  }
  const number = numberOfChunks(counts, chunkSize);
  return Array.from({ length: number }, (_, i) =>
    Object.fromEntries(
      Object.entries(elements).map(([name, count]) => {
        const [from, to] = [i, i + 1].map((j) => Math.floor((j * count) / number));
        return [name, Int32Array.from({ length: to - from }, (_, k) => from + k)];
      }),
    ),
  );
};

const numberOfChunks = (counts: readonly number[], chunkSize: number): number => {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const most = Math.min(...counts);
  let number = Math.ceil(sum(counts) / chunkSize);
  while (number < most && sum(counts.map((n) => Math.ceil(n / number))) > chunkSize) number++;
  return Math.min(number, most);
};

/**
 * Decodes every chunk and puts its values in their places; only one chunk's outputs are held beside the result.
 *
 * @param decode  a chunk's values by modality, [points, width] for each, given its points and the number of chunks before it
 * @returns       each modality's values, [elements, width]
 * @throws RangeError when a chunk lacks a modality's values, or has another number of them for each point
 */
export const decodeInChunks = async (
  elements: Elements,
  chunkSize: number,
  decode: (
    points: ChunkPoints,
    index: number,
    numChunks: number,
  ) => Readonly<Record<string, Float32Array>> | Promise<Readonly<Record<string, Float32Array>>>,
): Promise<Readonly<Record<string, Float32Array>>> => {
  const all = chunks(elements, chunkSize);
  const decoded: Record<string, Float32Array> = {};
  for (const [index, points] of all.entries()) {
    const values = await decode(points, index, all.length);
    for (const [name, count] of Object.entries(elements)) {
      const width = (values[name]?.length ?? NaN) / points[name].length;
      decoded[name] ??= new Float32Array(Number.isSafeInteger(width) ? count * width : 0);
      if (decoded[name].length !== count * width) {
        throw new RangeError(`${name}: ${values[name]?.length} values for ${points[name].length} points`);
      }
      decoded[name].set(values[name], points[name][0] * width);
    }
  }
  return decoded;
};
