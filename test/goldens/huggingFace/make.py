"""What Hugging Face's Perceivers are called and compute: `published.json`, `tiny.json`. Run by hand:

    python -m venv venv && venv/bin/pip install torch==2.13.0 transformers==5.23.0
    venv/bin/python test/goldens/huggingFace/make.py

The sequence classifier was made by transformers 5.24.0, which gives the other six the same outputs.

`published.json` has names and shapes of the seven classes as DeepMind's weights were published for them: no weights are
made. `tiny.json` has seven small models, whose weights and inputs follow from their names by `values` (which
`weights.ts` has too), with their outputs.
"""

import json
import math
import pathlib

import numpy as np
import torch
import transformers
from transformers import PerceiverConfig

here = pathlib.Path(__file__).parent


def values(name, shape):
    """Numbers from -1 to 1 that follow from a name: Murmur3's finaliser of the place, begun at FNV-1a of the name."""
    seed = np.uint32(2166136261)
    with np.errstate(over='ignore'):
        for byte in name.encode():
            seed = np.uint32((seed ^ np.uint32(byte)) * np.uint32(16777619))
        x = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(2654435761) + seed
        x ^= x >> 16
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> 13
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> 16
    return (x / 2.0**31 - 1).reshape(shape)


def weight(name, shape):
    """A weight as large as it must be for every part of a model to matter."""
    if name.endswith('num_batches_tracked'):
        return np.int64(7)
    u = values(name, shape)
    if name.endswith('running_var'):
        return 1 + u / 2
    if name.endswith('.weight') and len(shape) == 1:
        return 1 + u / 4
    if name.endswith('.weight') and 'embeddings' not in name:
        return u * math.sqrt(3 / math.prod(shape[1:]))
    return u / 2


def written(config):
    """What `save_pretrained` writes to config.json."""
    return json.loads(config.to_json_string())


def shapes(model):
    return {name: list(array.shape) for name, array in model.state_dict().items()}


imagenet = dict(
    num_latents=512, d_latents=1024, num_blocks=8, num_self_attends_per_block=6, num_self_attention_heads=8,
    num_cross_attention_heads=1, num_labels=1000,
)
# As the conversion script of transformers made them.
published = {
    'PerceiverForMaskedLM': dict(qk_channels=256, v_channels=1280),
    'PerceiverForSequenceClassification': dict(qk_channels=256, v_channels=1280),
    'PerceiverForImageClassificationLearned': dict(imagenet, d_model=512, image_size=224),
    'PerceiverForImageClassificationFourier': dict(imagenet, d_model=261),
    'PerceiverForImageClassificationConvProcessing': dict(imagenet, d_model=322),
    'PerceiverForOpticalFlow': dict(
        num_latents=2048, d_latents=512, d_model=322, num_blocks=1, num_self_attends_per_block=24,
        num_self_attention_heads=16, num_cross_attention_heads=1,
    ),
    'PerceiverForMultimodalAutoencoding': dict(
        num_latents=784, d_latents=512, d_model=704, num_blocks=1, num_self_attends_per_block=8,
        num_self_attention_heads=8, num_cross_attention_heads=1, num_labels=700,
    ),
}


def publish(name, options):
    config = PerceiverConfig(architectures=[name], **options)
    with torch.device('meta'):
        model = getattr(transformers, name)(config)
    kept = {key: value for key, value in written(config).items() if key not in ('id2label', 'label2id')}
    if 'num_labels' in options:
        kept['num_labels'] = options['num_labels']
    return {'config': kept, 'shapes': shapes(model)}


small = dict(
    num_latents=6, d_latents=16, num_blocks=2, num_self_attends_per_block=3, num_self_attention_heads=4,
    num_cross_attention_heads=2, qk_channels=8, v_channels=16,
)


def floats(name, shape):
    return torch.tensor(values(name, shape), dtype=torch.float32)


def ids(shape, count):
    return torch.tensor(np.floor((values('inputs', shape) + 1) / 2 * count), dtype=torch.int64)


tiny = {
    'PerceiverForMaskedLM': (
        dict(small, d_model=24, vocab_size=20, max_position_embeddings=10, self_attention_widening_factor=2),
        lambda: dict(inputs=ids((2, 10), 20), attention_mask=torch.tensor([[1] * 10, [1] * 6 + [0] * 4])),
    ),
    'PerceiverForSequenceClassification': (
        dict(small, d_model=24, vocab_size=20, max_position_embeddings=10, num_labels=5),
        lambda: dict(inputs=ids((2, 10), 20), attention_mask=torch.tensor([[1] * 10, [1] * 6 + [0] * 4])),
    ),
    'PerceiverForImageClassificationLearned': (
        dict(small, image_size=4, num_labels=5, cross_attention_widening_factor=2),
        lambda: dict(inputs=floats('inputs', (2, 3, 4, 4))),
    ),
    'PerceiverForImageClassificationFourier': (
        dict(small, num_labels=5, use_query_residual=False, hidden_act='gelu_new'),
        lambda: dict(inputs=floats('inputs', (2, 3, 8, 6))),
    ),
    'PerceiverForImageClassificationConvProcessing': (
        dict(small, num_labels=5, cross_attention_shape_for_attention='q', qk_channels=None, v_channels=None),
        lambda: dict(inputs=floats('inputs', (2, 3, 26, 32))),
    ),
    'PerceiverForOpticalFlow': (
        dict(small, train_size=[5, 6]),
        lambda: dict(inputs=floats('inputs', (1, 2, 27, 5, 6))),
    ),
    'PerceiverForMultimodalAutoencoding': (
        dict(
            small, num_cross_attention_heads=1, qk_channels=None, v_channels=None, num_labels=5, num_frames=2,
            image_size=3, audio_samples_per_frame=8, samples_per_patch=4, output_shape=[1, 4, 5, 6],
            output_num_channels=8, _label_trainable_num_channels=9,
        ),
        lambda: dict(
            inputs=dict(
                image=floats('image', (1, 2, 3, 12, 12)),
                audio=floats('audio', (1, 16, 1)),
                label=torch.zeros(1, 5),
            ),
            subsampled_output_points=dict(image=torch.tensor([0, 7, 119]), audio=torch.tensor([1, 3]), label=None),
        ),
    ),
}


def compute(name, options, inputs):
    config = PerceiverConfig(architectures=[name], **options)
    model = getattr(transformers, name)(config).eval()
    made = {key: torch.tensor(weight(key, shape)).to(model.state_dict()[key].dtype) for key, shape in shapes(model).items()}
    model.load_state_dict(made, strict=True)
    with torch.no_grad():
        outputs = model(**inputs()).logits
    named = outputs if isinstance(outputs, dict) else {'': outputs}
    return {
        'config': written(config),
        'shapes': shapes(model),
        'outputs': {key: {'shape': list(out.shape), 'data': [float(f'{v:.8g}') for v in out.flatten().tolist()]} for key, out in named.items()},
    }


def save(file, data):
    (here / file).write_text(json.dumps(data, separators=(',', ':')) + '\n')


save('published.json', {name: publish(name, options) for name, options in published.items()})
save('tiny.json', {name: compute(name, *rest) for name, rest in tiny.items()})
