"""Takes training steps with an exported step: python run_training.py FOLDER STEPS EVERY; in the folder, step.jax and
in.npz, whose arrays are the leaves of batches and of recorded states by their numbers. out.npz gets the losses and
gradients of the recorded steps, and the losses of a run from the first state on."""

import json
import sys
from pathlib import Path

import jax
import numpy as np
from jax import export

folder, steps, every = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
exported = export.deserialize(bytearray((folder / "step.jax").read_bytes()))
step = jax.jit(exported.call)
given = np.load(folder / "in.npz")
state_tree, batch_tree = exported.in_tree.children()[0].children()


def read(tree, name, n):
    return jax.tree.unflatten(tree, [given[f"{name}{n}/{i}"] for i in range(tree.num_leaves)])


batches = [read(batch_tree, "batch", n) for n in range(steps)]
losses, found = [], {}
for i, n in enumerate(range(0, steps, every)):
    result = step(read(state_tree, "state", i), batches[n])
    losses.append(np.asarray(result["metrics"]["loss"]))
    for module, leaves in result["state"]["optimizer"][0]["trace"].items():
        found.update({f"gradient{i}/{module}/{name}": np.asarray(leaf) for name, leaf in leaves.items()})
state, curve = read(state_tree, "state", 0), []
for batch in batches:
    result = step(state, batch)
    state = result["state"]
    curve.append(np.asarray(result["metrics"]["loss"]))
np.savez(folder / "out.npz", losses=np.stack(losses), curve=np.stack(curve), **found)
print(json.dumps(None))
