/** Flags that several commands of the benchmark share. */
import { InvalidArgumentError } from 'commander';

/** A regular expression. @throws InvalidArgumentError where it is none */
export const regex = (text: string): RegExp => {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};
