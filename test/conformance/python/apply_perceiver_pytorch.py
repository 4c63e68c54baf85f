"""Applies lucidrains' Perceiver (perceiver-pytorch) to weights by name.

apply_perceiver_pytorch.py FOLDER...: each with case.json, weights.npz (the state dict, every name of it) and inputs.npz:
`data`, and `mask` where something is absent. case.json has the class's arguments, `has_head_norm`, and `encode` where
the data are points whose Fourier features are computed by the package. Logits go to FOLDER/out.npz. Prints as JSON what
went wrong with each.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from einops import rearrange
from perceiver_pytorch.perceiver_pytorch import Perceiver, fourier_encode


def run(folder):
    case = json.loads((folder / "case.json").read_text())
    model = Perceiver(**case["arguments"]).eval()
    if not case["has_head_norm"]:
        model.to_logits[1] = torch.nn.Identity()
    with np.load(folder / "weights.npz") as weights:
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, strict=True)
    with np.load(folder / "inputs.npz") as inputs:
        data = torch.from_numpy(inputs["data"])
        mask = torch.from_numpy(inputs["mask"] != 0) if "mask" in inputs else None
    if case["encode"]:
        data = rearrange(fourier_encode(data, **case["encode"]), "b n d c -> b n (d c)")
    with torch.inference_mode():
        np.savez(folder / "out.npz", out=model(data, mask=mask).numpy())


def attempt(folder):
    try:
        run(pathlib.Path(folder))
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    problems = {folder: attempt(folder) for folder in sys.argv[1:]}
    print(json.dumps({folder: problem for folder, problem in problems.items() if problem}))
