/** Sets the number of cores that a page reports, which is the number of workers that jax-js makes. */
export const offerWorkers = (threads: number): void => {
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads, configurable: true });
};
