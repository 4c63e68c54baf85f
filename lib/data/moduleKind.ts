/**
 * Kinds of modules: a module declares its kind, so that documents and watchers find layers without guessing from their
 * names or configs.
 */

/** The part that a module plays in a network. */
export type ModuleKind =
  | 'model'
  | 'preprocessor'
  | 'encoder'
  | 'decoder'
  | 'postprocessor'
  | 'crossAttention'
  | 'selfAttention'
  | 'attention'
  | 'mlp'
  | 'linear'
  | 'convolution'
  | 'pooling'
  | 'norm'
  | 'activation'
  | 'dropout'
  | 'embedding'
  | 'position'
  | 'other';
