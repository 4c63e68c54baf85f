/**
 * Frames: the names given in one call of one method. Haiku's numbering, and the places of module values that were named
 * before.
 */

const parts = /^(.*?)(?:_(0|[1-9]\d*))?$/;

export class Frame {
  /** The next number of each name without its number. */
  private numbers = new Map<string, number>();
  /** The values that have names in this frame, by name. */
  private named = new Map<string, unknown>();

  /** @param prefix  the beginning of the paths of all modules that are declared in this frame */
  constructor(readonly prefix: string) {}

  /** The path of a name in this frame. */
  pathOf(name: string): string {
    return this.prefix ? `${this.prefix}/${name}` : name;
  }

  /**
   * The next free name for a new value: `a`, `a_1`, …
   * @throws Error for a name that ends in a number and is taken
   */
  take(name: string, value: unknown): string {
    const [, base, number] = parts.exec(name) as RegExpExecArray;
    const next = this.numbers.get(base) ?? 0;
    if (number !== undefined && this.named.has(name)) throw new Error(`module name '${name}' is taken`);
    const index = number === undefined ? next : Number(number);
    const given = number === undefined && index === 0 ? base : `${base}_${index}`;
    this.numbers.set(base, Math.max(next, index + 1));
    this.named.set(given, value);
    return given;
  }

  /**
   * Takes a name again for the value that was given it in a frame of the same prefix, so that the names of new values
   * beside it stay the same.
   * @throws Error when another value has the name by now
   */
  takeAgain(given: string, value: unknown): void {
    if (this.named.get(given) === value) return;
    if (this.named.has(given)) {
      throw new Error(
        `two modules would share the path '${this.pathOf(given)}': the module that was declared there in an earlier ` +
          'call comes second in this one; declare both in the constructor, or in the same order in every call',
      );
    }
    const [, base, number = '0'] = parts.exec(given) as RegExpExecArray;
    this.numbers.set(base, Math.max(this.numbers.get(base) ?? 0, Number(number) + 1));
    this.named.set(given, value);
  }

  /** Remembers the names given so far; the function that is returned goes back to them, again and again. */
  mark(): () => void {
    const { numbers, named } = this;
    const [numbersThen, namedThen] = [new Map(numbers), new Map(named)];
    return () => {
      this.numbers = new Map(numbersThen);
      this.named = new Map(namedThen);
    };
  }
}
