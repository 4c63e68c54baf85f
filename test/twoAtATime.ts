/** Does something for all, for two of them at a time. */
export const twoAtATime = async <A>(items: readonly A[], act: (item: A) => Promise<void>): Promise<void> => {
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item);
  };
  await Promise.all([work(), work()]);
};
