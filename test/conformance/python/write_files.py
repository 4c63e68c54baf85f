"""Writes checkpoints as people's programs do, in every format, and what they hold.

write_files.py FOLDER: FOLDER/expected.npz has, for each file, its arrays under FILE/MODULE/LEAF; what NumPy's files
have no type for is there as float32. Prints as JSON which files there are.
"""

import json
import pathlib
import pickle
import sys

import flax.serialization
import haiku as hk
import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import optax
import orbax.checkpoint as ocp
import safetensors.numpy
import safetensors.torch
import torch

from network import transformed

folder = pathlib.Path(sys.argv[1])
expected = {}
files = []


def widened(array):
    """As NumPy's own files can have it."""
    if isinstance(array, torch.Tensor):
        array = array.detach()
        array = (array.float() if array.dtype in (torch.float16, torch.bfloat16) else array).numpy()
    array = np.asarray(array)
    if array.dtype in (np.float16, ml_dtypes.bfloat16):
        return array.astype(np.float32)
    return np.ascontiguousarray(array).reshape(array.shape)


def expect(name, params, state=None):
    """Notes what a file holds, by module and leaf."""
    files.append(name)
    for part, tree in (("params", params), ("state", state or {})):
        for module, leaves in tree.items():
            for leaf, array in leaves.items():
                expected[f"{name}/{part}/{module}/{leaf}"] = widened(array)


def dump(name, value, protocol=pickle.DEFAULT_PROTOCOL):
    with open(folder / name, "wb") as file:
        pickle.dump(value, file, protocol=protocol)


def split(flat):
    """{'module.leaf': array} by module and leaf."""
    tree = {}
    for name, array in flat.items():
        module, leaf = name.rsplit(".", 1)
        tree.setdefault(module, {})[leaf] = array
    return tree


generator = np.random.default_rng(0)
ids = jnp.arange(8, dtype=jnp.int32).reshape(2, 4) % 11
image = jnp.asarray(generator.normal(size=(2, 6, 6, 3)), jnp.float32)
params, state = transformed.init(jax.random.PRNGKey(3), ids, image, is_training=True)
as_numpy = jax.tree_util.tree_map(np.asarray, params)

# Pickles: of JAX's arrays and of NumPy's, of every protocol; with state, with an optimizer's, in FlatMappings.
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    dump(f"jax-protocol-{protocol}.pickle", params, protocol)
    expect(f"jax-protocol-{protocol}.pickle", params)
    dump(f"numpy-protocol-{protocol}.pickle", as_numpy, protocol)
    expect(f"numpy-protocol-{protocol}.pickle", as_numpy)
dump("flat-mapping.pickle", hk.data_structures.to_immutable_dict(params))
expect("flat-mapping.pickle", params)
dump("params-and-state.pystate", {"params": params, "state": state})
expect("params-and-state.pystate", params, state)
optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.lamb(optax.cosine_decay_schedule(1e-3, 100)))
dump(
    "with-optimizer.pickle",
    {"params": params, "state": state, "opt_state": optimizer.init(params), "step": 7, "rng": jax.random.PRNGKey(1)},
)
expect("with-optimizer.pickle", params, state)

# Types and layouts.
kinds = {
    "float64": generator.normal(size=(2, 3)),
    "float32": generator.normal(size=(4,)).astype(np.float32),
    "float16": generator.normal(size=(3, 2)).astype(np.float16),
    "int64": np.array([-(2**40), 3]),
    "int32": np.array([[1, -2]], np.int32),
    "int16": np.array([5, -6], np.int16),
    "int8": np.array([-128, 127], np.int8),
    "uint8": np.array([0, 255], np.uint8),
    "bool": np.array([True, False, True]),
    "scalar": np.array(2.5, np.float32),
    "empty": np.zeros((0, 3), np.float32),
}
layouts = {
    "fortran": np.asfortranarray(generator.normal(size=(3, 4)).astype(np.float32)),
    "bigendian": generator.normal(size=(2, 2)).astype(">f4"),
    "reversed": generator.normal(size=(6,)).astype(np.float32)[::-1],
    "strided": generator.normal(size=(4, 6)).astype(np.float32)[::2, 1::2],
}
brain = {"bfloat16": generator.normal(size=(5,)).astype(ml_dtypes.bfloat16)}
typed = {"kinds": {**kinds, **brain}, "layouts": layouts}
dump("types.pickle", typed)
expect("types.pickle", typed)
in_npz = {"kinds": kinds, "layouts": layouts}
flat = {f"{module}/{leaf}": array for module, leaves in in_npz.items() for leaf, array in leaves.items()}
np.savez(folder / "types.npz", **flat)
expect("types.npz", in_npz)
np.savez_compressed(folder / "compressed.npz", **flat)
expect("compressed.npz", in_npz)

# safetensors, of NumPy's arrays and of PyTorch's.
contiguous = {
    f"{module}/{leaf}": array for module, leaves in as_numpy.items() for leaf, array in leaves.items()
}
safetensors.numpy.save_file(contiguous, folder / "haiku.safetensors", metadata={"written": "by Python"})
expect("haiku.safetensors", params)
tensors = {
    "block.0.weight": torch.randn(3, 4),
    "block.0.bias": torch.randn(3).to(torch.bfloat16),
    "block.1.weight": torch.randn(2, 2).to(torch.float16),
    "steps.count": torch.tensor(12345678901),
    "steps.done": torch.tensor([True, False]),
}
safetensors.torch.save_file(tensors, folder / "torch.safetensors")
expect("torch.safetensors", split(tensors))

# PyTorch's own: views of one storage, transposed and expanded; what modules have.
storage = torch.arange(24, dtype=torch.float32)
views = {
    "view.whole": storage.view(4, 6),
    "view.transposed": storage.view(4, 6).T,
    "view.part": storage.view(4, 6)[1:3, ::2],
    "view.expanded": torch.tensor([[1.5], [2.5]]).expand(2, 3),
    "view.scalar": torch.tensor(0.5),
    "view.empty": torch.zeros(0, 2),
    **tensors,
}
torch.save(views, folder / "views.bin")
expect("views.bin", split(views))
layers = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.LayerNorm(4))
torch.save(layers.state_dict(), folder / "modules.pt")
expect("modules.pt", split(layers.state_dict()))

# Flax: a tree of dicts as bytes.
nested = {"encoder": {"kernel": params["linear"]["w"], "bias": params["linear"]["b"]}, "types": {**kinds, **brain}}
(folder / "flax.msgpack").write_bytes(flax.serialization.to_bytes(nested))
expect("flax.msgpack", nested)

# Orbax: a folder in each of its layouts, a manager's with steps, and the three lines by which others become a pickle.
saved = {"params": {**as_numpy, "types": {"bfloat16": brain["bfloat16"]}}, "state": state, "step": np.int32(7)}
for name, options in {
    "ocdbt.orbax": {"use_ocdbt": True},
    "zarr2.orbax": {"use_ocdbt": False},
    "zarr3.orbax": {"use_ocdbt": True, "use_zarr3": True},
    "zarr3-files.orbax": {"use_ocdbt": False, "use_zarr3": True},
}.items():
    chunks = jax.tree.map(lambda array: ocp.SaveArgs(chunk_byte_size=256), saved)
    with ocp.PyTreeCheckpointer(**options) as checkpointer:
        checkpointer.save((folder / name).resolve(), saved, save_args=chunks)
    expect(name, saved["params"], state)
with ocp.StandardCheckpointer() as checkpointer:
    checkpointer.save((folder / "standard.orbax").resolve(), saved)
expect("standard.orbax", saved["params"], state)
with ocp.CheckpointManager((folder / "manager.orbax").resolve()) as manager:
    for step in (3, 11):
        manager.save(step, args=ocp.args.StandardSave(saved))
        manager.wait_until_finished()
expect("manager.orbax", saved["params"], state)
tree = ocp.StandardCheckpointer().restore((folder / "standard.orbax").resolve())
tree = jax.tree.map(np.asarray, tree)
pickle.dump(tree, open(folder / "orbax.pickle", "wb"))
expect("orbax.pickle", saved["params"], state)

np.savez(folder / "expected.npz", **expected)
np.savez(folder / "inputs.npz", ids=np.asarray(ids), image=np.asarray(image))
print(json.dumps(files))
