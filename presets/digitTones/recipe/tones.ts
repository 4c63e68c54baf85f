/**
 * Telephone tones: the two frequencies of each digit on a keypad as sound, and back from sound to frequencies.
 * Source: ITU-T Q.23.
 */

/** Frequencies of rows and of columns, in hertz. */
export const rowTones = [697, 770, 852, 941] as const;
export const columnTones = [1209, 1336, 1477] as const;

/** The row and the column of a digit's key. */
export const keyOf = (digit: number): readonly [row: number, column: number] =>
  digit === 0 ? [3, 1] : [Math.floor((digit - 1) / 3), (digit - 1) % 3];

/** The sum of both tones, in [-1, 1], from phase 0 on. */
export const toneOf = (digit: number, samples: number, sampleRate = 8000): Float32Array => {
  const [row, column] = keyOf(digit);
  const wave = (frequency: number, i: number): number => Math.sin((2 * Math.PI * frequency * i) / sampleRate);
  return Float32Array.from(
    { length: samples },
    (_, i) => 0.5 * wave(rowTones[row], i) + 0.5 * wave(columnTones[column], i),
  );
};

/** The power of a sound at one frequency. */
const powerAt = (sound: ArrayLike<number>, frequency: number, sampleRate: number): number => {
  let [cosines, sines] = [0, 0];
  for (let i = 0; i < sound.length; i++) {
    const angle = (2 * Math.PI * frequency * i) / sampleRate;
    cosines += sound[i] * Math.cos(angle);
    sines += sound[i] * Math.sin(angle);
  }
  return cosines ** 2 + sines ** 2;
};

/** The row and the column whose tones are the strongest in a sound. */
export const keyIn = (
  sound: ArrayLike<number>,
  sampleRate = 8000,
): readonly [row: number, column: number] => {
  const strongest = (tones: readonly number[]): number => {
    const powers = tones.map((frequency) => powerAt(sound, frequency, sampleRate));
    return powers.indexOf(Math.max(...powers));
  };
  return [strongest(rowTones), strongest(columnTones)];
};
