"""Draws events in JAX from logits of which the likeliest few are kept.

sample.py FOLDER: FOLDER/inputs.npz has logits [B, events] and key [2]; FOLDER/cases.json a list of {topK, topP,
temperature}. Writes FOLDER/events.npz, an array [B] for each case.
"""

import json
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np

folder = pathlib.Path(sys.argv[1])
inputs = np.load(folder / "inputs.npz")
logits = jnp.asarray(inputs["logits"])
key = jax.random.wrap_key_data(jnp.asarray(inputs["key"]))
events = {}
for number, case in enumerate(json.loads((folder / "cases.json").read_text())):
    least = jax.lax.top_k(logits, case["topK"])[0][:, -1:]
    kept = jnp.where(logits >= least, logits, -1e30)
    if case["topP"] < 1:
        ascending = jnp.sort(logits, axis=-1)
        shares = jnp.cumsum(jax.nn.softmax(ascending, axis=-1), axis=-1)
        first = jnp.argmax(shares >= 1 - case["topP"], axis=-1, keepdims=True)
        kept = jnp.where(logits >= jnp.take_along_axis(ascending, first, axis=-1), kept, -1e30)
    drawn = jax.random.categorical(key, kept / case["temperature"])
    events[str(number)] = np.asarray(drawn, np.int32)
np.savez(folder / "events.npz", **events)
print(json.dumps(len(events)))
