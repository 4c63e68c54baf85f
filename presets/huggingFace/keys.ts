/**
 * The keys of a Hugging Face `config.json`: the Perceiver's own with their defaults, and those of any model, which say
 * nothing of what a Perceiver computes.
 */

/** Every key of `PerceiverConfig` with its default. Source: transformers 5.23.0, `configuration_perceiver.py`. */
export const perceiverDefaults: Readonly<Record<string, unknown>> = {
  num_latents: 256,
  d_latents: 1280,
  d_model: 768,
  num_blocks: 1,
  num_self_attends_per_block: 26,
  num_self_attention_heads: 8,
  num_cross_attention_heads: 8,
  qk_channels: null,
  v_channels: null,
  cross_attention_shape_for_attention: 'kv',
  self_attention_widening_factor: 1,
  cross_attention_widening_factor: 1,
  hidden_act: 'gelu',
  attention_probs_dropout_prob: 0.1,
  initializer_range: 0.02,
  layer_norm_eps: 1e-12,
  use_query_residual: true,
  vocab_size: 262,
  max_position_embeddings: 2048,
  image_size: 56,
  train_size: [368, 496],
  num_frames: 16,
  audio_samples_per_frame: 1920,
  samples_per_patch: 16,
  output_shape: [1, 16, 224, 224],
  output_num_channels: 512,
  _label_trainable_num_channels: 1024,
};

/** Keys with only one allowed value. */
export const onlyValues: Readonly<Record<string, unknown>> = { model_type: 'perceiver', pruned_heads: {} };

/**
 * Keys that any model's config may have and that change nothing of a Perceiver's outputs.
 * Source: `PreTrainedConfig.to_dict` of transformers 5.23.0 and, for files that older ones wrote, 4.x.
 */
export const generalKeys: readonly string[] = [
  ...['architectures', 'transformers_version', '_name_or_path', '_commit_hash'],
  ...['id2label', 'label2id', 'num_labels', 'problem_type', 'finetuning_task', 'task_specific_params'],
  ...['dtype', 'torch_dtype', 'use_bfloat16', 'torchscript', 'tf_legacy_loss', 'gradient_checkpointing'],
  ...[
    'attn_implementation',
    '_attn_implementation',
    '_attn_implementation_autoset',
    'chunk_size_feed_forward',
  ],
  ...['output_attentions', 'output_hidden_states', 'return_dict', 'use_cache', 'tokenizer_class', 'prefix'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'sep_token_id', 'decoder_start_token_id'],
  ...['is_decoder', 'is_encoder_decoder', 'add_cross_attention', 'cross_attention_hidden_size'],
  ...['tie_word_embeddings', 'tie_encoder_decoder'],
  ...['max_length', 'min_length', 'do_sample', 'early_stopping', 'num_beams', 'num_beam_groups'],
  ...['diversity_penalty', 'temperature', 'top_k', 'top_p', 'typical_p', 'repetition_penalty'],
  ...['length_penalty', 'no_repeat_ngram_size', 'encoder_no_repeat_ngram_size', 'bad_words_ids'],
  ...['num_return_sequences', 'output_scores', 'return_dict_in_generate', 'remove_invalid_values'],
  ...['forced_bos_token_id', 'forced_eos_token_id', 'exponential_decay_length_penalty'],
  ...['suppress_tokens', 'begin_suppress_tokens'],
];
