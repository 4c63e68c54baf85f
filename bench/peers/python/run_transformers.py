"""A published model in PyTorch, eager, by transformers.

run_transformers.py FOLDER THREADS: FOLDER as `transformers_model` reads it.
"""

import pathlib
import sys

import torch

from contestant import serve
from transformers_model import load


def engine(folder, threads):
    torch.set_num_threads(threads)
    model, inputs, factor = load(folder)

    def run():
        with torch.inference_mode():
            return [output.numpy() * factor for output in model(**inputs)]

    return run


serve(lambda: engine(pathlib.Path(sys.argv[1]), int(sys.argv[2])))
