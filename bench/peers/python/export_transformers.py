"""A published model of transformers as PyTorch itself exports it to ONNX.

export_transformers.py FOLDER: FOLDER as `transformers_model` reads it; writes exported.onnx there. Prints as JSON why
it could not, or null.
"""

import json
import pathlib
import sys

import torch

from transformers_model import load


def export(folder):
    model, inputs, _ = load(folder)
    with torch.inference_mode():
        torch.onnx.export(
            model,
            (),
            folder / "exported.onnx",
            kwargs=inputs,
            input_names=list(inputs),
            # Names of inputs are taken.
            output_names=[f"output_{name}" for name in model.names],
            dynamo=True,
            external_data=False,
        )


def attempt(folder):
    try:
        return export(folder)
    except Exception as error:  # whatever it is, it is why there is no export
        cause = error.__cause__ or error
        return f"{type(cause).__name__}: {cause}".strip().splitlines()[0][:300]


print(json.dumps(attempt(pathlib.Path(sys.argv[1]))))
