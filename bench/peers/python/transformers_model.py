"""A published model as transformers has it, computing what DeepMind's does.

A folder has config.json and weights, as `from_pretrained` takes them, inputs.npz with arrays under `in/`, and
outputs.json: the order of the outputs, and what they are multiplied by to be those of the preset.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import transformers

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "test" / "conformance" / "python"))

from apply_hugging_face import outputs_of, tensors


def as_deepmind(model):
    """Where the classes of transformers compute otherwise whatever their config says.

    Learned positions: the query is not added to what it attended to. Convolution: padded as 'SAME' pads in JAX.
    """
    kind = type(model).__name__
    if kind == "PerceiverForImageClassificationLearned":
        model.perceiver.decoder.decoder.decoding_cross_attention.attention.use_query_residual = False
    if kind == "PerceiverForImageClassificationConvProcessing":
        network = model.perceiver.input_preprocessor.convnet
        network.conv.zero_pad_2d = torch.nn.ZeroPad2d((2, 3, 2, 3))
        network.max_pool = torch.nn.Sequential(torch.nn.ZeroPad2d((0, 1, 0, 1)), network.max_pool)
    return model


class Flat(torch.nn.Module):
    """The model as a function of its inputs alone, to its outputs in their order."""

    def __init__(self, model, architecture, names, fixed):
        super().__init__()
        self.model = model
        self.architecture = architecture
        self.names = names
        self.fixed = fixed

    def forward(self, **inputs):
        outputs = outputs_of(self.model, self.architecture, {**inputs, **self.fixed})
        return tuple(outputs[name] for name in self.names)


def load(folder):
    """The model, its inputs by name, and what its outputs are multiplied by."""
    architecture = json.loads((folder / "config.json").read_text())["architectures"][0]
    outputs = json.loads((folder / "outputs.json").read_text())
    model = getattr(transformers, architecture).from_pretrained(folder)
    model.eval()
    inputs = tensors(np.load(folder / "inputs.npz"))
    # What is decoded is chosen, not computed.
    fixed = {name: inputs.pop(name) for name in list(inputs) if name.endswith("_points")}
    return Flat(as_deepmind(model), architecture, outputs["names"], fixed), inputs, outputs["factor"]
