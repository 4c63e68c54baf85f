"""A published model as DeepMind's own code builds it, compiled by JAX on the CPU.

run_deepmind.py CODE FOLDER MODEL: CODE has DeepMind's folder `perceiver`, whose colabs say how the models are built;
FOLDER has model.pickle and inputs.npz.
"""

import functools
import json
import pathlib
import pickle
import sys

CODE = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(CODE))

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from perceiver import bytes_tokenizer, io_processors, perceiver, position_encoding

from contestant import serve


def colab(name):
    """What the cells of a colab that say how a model is built define."""
    text = (CODE / "perceiver" / "colabs" / f"{name}.ipynb").read_text()
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    known = {
        **{"hk": hk, "jax": jax, "jnp": jnp, "np": np, "perceiver": perceiver, "io_processors": io_processors},
        **{"position_encoding": position_encoding, "bytes_tokenizer": bytes_tokenizer},
    }
    for cell in cells:
        if cell.startswith("#@title Model con") or "perceiver.PerceiverEncoder(" in cell:
            exec(cell, known)
    return known


def language(params, _state, key, ids, mask):
    return [colab("masked_language_modelling")["apply_perceiver"](params, rng=key, inputs=ids, input_mask=mask)]


def imagenet(kind):
    def model(params, state, key, image):
        known = colab("imagenet_classification")
        return [known["imagenet_classifier"].apply(params, state, key, known["CONFIGS"][kind], image)[0]]

    return model


def flow(params, _state, key, images):
    return [colab("optical_flow")["optical_flow"].apply(params, key, images)]


def multimodal(params, state, key, image, audio, points):
    apply = colab("video_autoencoding")["video_autoencoder"].apply
    outputs, _ = apply(params, state, key, image, audio, {**points, "label": None})
    return [outputs[name] for name in ("image", "audio", "label")]


models = {
    "language": language,
    "imagenet-fourier": imagenet("fourier_position_encoding"),
    "imagenet-learned": imagenet("learned_position_encoding"),
    "imagenet-conv": imagenet("conv_preprocessing"),
    "multimodal": multimodal,
    "flow": flow,
}


def engine(folder, model):
    with open(folder / "model.pickle", "rb") as file:
        loaded = pickle.load(file)
    trees = loaded if set(loaded) == {"params", "state"} else {"params": loaded, "state": {}}
    inputs = dict(np.load(folder / "inputs.npz"))
    # What is decoded is chosen, not computed.
    points = {name: inputs.pop(f"{name}_points") for name in ("image", "audio") if f"{name}_points" in inputs}
    chosen = {"points": points} if points else {}
    apply = jax.jit(functools.partial(models[model], **chosen))
    # Asked for by dropout, which drops nothing.
    arrays = jax.device_put((trees["params"], trees["state"], jax.random.PRNGKey(0), inputs))

    def run():
        params, state, key, given = arrays
        return jax.block_until_ready(apply(params, state, key, **given))

    return run


serve(lambda: engine(pathlib.Path(sys.argv[2]), sys.argv[3]))
