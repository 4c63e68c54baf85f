"""Loads models by from_pretrained and applies them.

apply_hugging_face.py FOLDER...: each with config.json, weights and inputs.npz (arrays under in/); outputs in
FOLDER/out.npz. Prints as JSON what went wrong with each: what from_pretrained missed or found too much.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import transformers


def tensors(arrays):
    """By name; whole numbers as PyTorch wants them."""
    return {
        name.removeprefix("in/"): torch.from_numpy(array.astype(np.int64) if array.dtype == np.int32 else array)
        for name, array in arrays.items()
    }


def outputs_of(model, architecture, inputs):
    if architecture != "PerceiverForMultimodalAutoencoding":
        return {"": model(**inputs).logits}
    points = {"image": inputs["image_points"], "audio": inputs["audio_points"], "label": None}
    clip = {name: inputs[name] for name in ("image", "audio", "label")}
    return model(inputs=clip, subsampled_output_points=points).logits


def run(folder):
    architecture = json.loads((folder / "config.json").read_text())["architectures"][0]
    kind = getattr(transformers, architecture)
    model, loading = kind.from_pretrained(folder, output_loading_info=True)
    model.eval()
    with torch.inference_mode():
        found = outputs_of(model, architecture, tensors(np.load(folder / "inputs.npz")))
    np.savez(folder / "out.npz", **{f"out/{name}" if name else "out": array.numpy() for name, array in found.items()})
    return {key: sorted(map(str, names)) for key, names in loading.items() if names}


def attempt(folder):
    try:
        return run(pathlib.Path(folder))
    except Exception as error:
        return {"failed": [f"{type(error).__name__}: {error}"]}


if __name__ == "__main__":
    print(json.dumps({folder: attempt(folder) for folder in sys.argv[1:]}))
