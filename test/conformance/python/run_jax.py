"""Calls exported programs: python run_jax.py FOLDER...; in each, model.jax and in.npz, whose arrays are the leaves of the
arguments by their numbers, and of cotangents as ct0, ct1, ...; out.npz gets results and gradients (g0, g1, ...).
With params.pickle, the first argument, or params and state, are what pickle.load gives."""

import json
import pickle
import sys
from pathlib import Path

import jax
import numpy as np
from jax import export
from jax.dtypes import float0


def is_float(leaf):
    return np.dtype(leaf.dtype) == np.float32


def weights(pickled):
    if not pickled.exists():
        return []
    with open(pickled, "rb") as file:
        loaded = pickle.load(file)
    if set(loaded) != {"params", "state"}:
        return [loaded]
    return [loaded["params"], loaded["state"]] if loaded["state"] else [loaded["params"]]


def run(folder):
    exported = export.deserialize(bytearray((folder / "model.jax").read_bytes()))
    given = np.load(folder / "in.npz") if (folder / "in.npz").exists() else {}
    leaves = iter([given[str(i)] for i in range(sum(name.isdigit() for name in given))])
    args = weights(folder / "params.pickle")
    for tree in exported.in_tree.children()[0].children()[len(args) :]:
        args.append(jax.tree.unflatten(tree, [next(leaves) for _ in range(tree.num_leaves)]))
    if "ct0" not in given:
        results = exported.call(*args)
        found = {}
    else:
        results, pullback = jax.vjp(exported.call, *args)
        leaves, tree = jax.tree.flatten(results)
        numbers = iter(range(len(leaves)))
        cotangents = [
            given[f"ct{next(numbers)}"] if is_float(leaf) else np.zeros(leaf.shape, float0) for leaf in leaves
        ]
        gradients = jax.tree.leaves(pullback(jax.tree.unflatten(tree, cotangents)))
        found = {f"g{i}": np.asarray(leaf) for i, leaf in enumerate(gradients) if leaf.dtype != float0}
    found.update({str(i): np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(results))})
    np.savez(folder / "out.npz", **found)


problems = {}
for name in sys.argv[1:]:
    try:
        run(Path(name))
    except Exception as error:
        problems[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
print(json.dumps(problems))
