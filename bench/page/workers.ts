/**
 * How many workers jax-js makes in a page: as many as there are cores, so it is told that there are so many.
 */
export const offerWorkers = (threads: number): void => {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads, configurable: true });
};
