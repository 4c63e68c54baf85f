/** The files that the pages fetch, beside their scripts. */
export const files = {
  digits: 'digits.pystate',
  words: 'words.safetensors',
  examples: 'examples.json',
  training: 'digits-train.npz',
  heldOut: 'digits-test.npz',
} as const;

/** Pictures and texts that the models never saw in training. */
export interface Examples {
  readonly digits: readonly {
    readonly label: number;
    /** [8, 8] in sixteenths, row by row. */
    readonly sixteenths: readonly number[];
  }[];
  /** Letters to be blank in brackets. */
  readonly texts: readonly string[];
}
