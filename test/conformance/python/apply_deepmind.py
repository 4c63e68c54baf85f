"""Loads a pickle by pickle.load and applies DeepMind's own language model with it.

apply_deepmind.py CODE FOLDER...: CODE has DeepMind's folder `perceiver`; each FOLDER has model.pickle, inputs.npz and
sizes.json with the model's length, width, and the constructor arguments of its encoder and decoder. Outputs in
FOLDER/out.npz.
"""

import json
import pathlib
import pickle
import sys

sys.path.insert(0, sys.argv[1])

import haiku as hk
import jax
import numpy as np
from perceiver import io_processors, perceiver, position_encoding


def language_model(sizes):
    """The model of DeepMind's colab: bytes [B, T] and a mask to logits [B, T, V]."""

    def forward(ids, mask):
        table = hk.Embed(vocab_size=sizes["vocabulary"], embed_dim=sizes["width"])
        places = position_encoding.TrainablePositionEncoding(
            index_dim=sizes["length"], num_channels=sizes["width"]
        )
        embedded = table(ids) + places(ids.shape[0])
        model = perceiver.Perceiver(
            encoder=perceiver.PerceiverEncoder(**sizes["encoder"]),
            decoder=perceiver.BasicDecoder(**sizes["decoder"]),
        )
        outputs = model(embedded, is_training=False, input_mask=mask, query_mask=mask)
        return io_processors.EmbeddingDecoder(embedding_matrix=table.embeddings)(outputs)

    return hk.transform(forward)


# Asked for by dropout, which drops nothing.
key = jax.random.PRNGKey(0)

for folder in map(pathlib.Path, sys.argv[2:]):
    with open(folder / "model.pickle", "rb") as file:
        params = pickle.load(file)
    inputs = np.load(folder / "inputs.npz")
    sizes = json.loads((folder / "sizes.json").read_text())
    logits = language_model(sizes).apply(params, key, inputs["ids"], inputs["mask"])
    np.savez(folder / "out.npz", out=np.asarray(logits))
print("null")
