/** Cases of the table of operations whose kernels StableHLO has no form for. */
export const withoutForm: readonly string[] = [
  ...['spaceToBatchND', 'batchToSpaceND', 'diag', 'dilation2d', 'dilation2d, same, by 2, holes of 2'],
  ...['cropAndResize', 'rotateWithOffset', 'transform', 'localResponseNormalization', 'maxPoolWithArgmax'],
  ...['bincount', 'denseBincount', 'searchSorted', 'multinomial', 'sparseToDense', 'broadcastArgs'],
  'complex numbers',
];
