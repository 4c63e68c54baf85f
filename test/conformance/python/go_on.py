"""Trains with Haiku and optax: python go_on.py FOLDER...; each has settings.json and in.npz with the batches x0, y0, ...
A run that begins in JAX takes five steps and writes after-5.pickle; one that began elsewhere loads it. Then five more
steps; after-10.pickle is written. Prints as JSON the losses of all steps that were taken, by folder."""

import json
import pickle
import sys
from pathlib import Path

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax


def network(x, is_training):
    x = hk.BatchNorm(True, True, 0.9)(x, is_training)
    x = hk.LayerNorm(-1, create_scale=True, create_offset=True)(hk.Linear(6)(x))
    x = jax.nn.gelu(x)
    if is_training:
        x = hk.dropout(hk.next_rng_key(), 0.3, x)
    return hk.Linear(1)(x)


model = hk.transform_with_state(network)
schedule = optax.warmup_cosine_decay_schedule(0.0, 0.02, 3, 20)


def is_weight(tree):
    return jax.tree_util.tree_map_with_path(lambda path, _: path[-1].key == "w", tree)


optimizers = {
    "lamb": optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.scale_by_adam(eps=1e-6),
        optax.add_decayed_weights(0.1, mask=is_weight),
        optax.scale_by_trust_ratio(),
        optax.scale_by_learning_rate(schedule),
    ),
    "adamw": optax.adamw(schedule),
}


def jaxline_keys(key):
    """The keys of a step and of the next state on the first device of one host."""
    step, after = jax.random.split(key)
    return jax.random.fold_in(jax.random.fold_in(step, 0), 0), after


def take_step(settings):
    optimizer = optimizers[settings["optimizer"]]
    keys = jaxline_keys if settings["isJaxline"] else lambda key: tuple(jax.random.split(key))

    @jax.jit
    def step(run, x, y):
        own, after = keys(run["key"])

        def loss_of(params):
            found, state = model.apply(params, run["state"], own, x, True)
            return jnp.mean(optax.l2_loss(found, y)), state

        (loss, state), grads = jax.value_and_grad(loss_of, has_aux=True)(run["params"])
        updates, optimizer_state = optimizer.update(grads, run["optimizer"], run["params"])
        params = optax.apply_updates(run["params"], updates)
        return {"params": params, "state": state, "optimizer": optimizer_state, "key": after}, loss

    return step


def write(path, run, count, settings):
    """jaxline's arrays are NumPy's; a program of one's own has JAX's."""
    names = settings["names"]
    form = (lambda tree: jax.tree.map(np.asarray, tree)) if settings["isJaxline"] else (lambda tree: tree)
    parts = {"params": run["params"], "state": run["state"], names["optimizer"]: run["optimizer"]}
    saved = {name: form(part) for name, part in parts.items()}
    with open(path, "wb") as file:
        pickle.dump({**saved, names["step"]: count, names["key"]: form(run["key"])}, file)


def load(path, settings):
    with open(path, "rb") as file:
        saved = pickle.load(file)
    names = settings["names"]
    assert int(saved[names["step"]]) == 5, saved[names["step"]]
    return {
        "params": saved["params"],
        "state": saved["state"],
        "optimizer": saved[names["optimizer"]],
        "key": jnp.asarray(saved[names["key"]], jnp.uint32),
    }


def train(folder):
    settings = json.loads((folder / "settings.json").read_text())
    batches = np.load(folder / "in.npz")
    step, losses = take_step(settings), []

    def take(run, numbers):
        for n in numbers:
            run, loss = step(run, batches[f"x{n}"], batches[f"y{n}"])
            losses.append(float(loss))
        return run

    if settings["beginsInJax"]:
        params, state = model.init(jax.random.PRNGKey(3), batches["x0"], True)
        run = {"params": params, "state": state, "key": jax.random.PRNGKey(4)}
        run["optimizer"] = optimizers[settings["optimizer"]].init(params)
        run = take(run, range(5))
        write(folder / "after-5.pickle", run, 5, settings)
    else:
        run = load(folder / "after-5.pickle", settings)
    run = take(run, range(5, 10))
    write(folder / "after-10.pickle", run, 10, settings)
    return losses


print(json.dumps({name: train(Path(name)) for name in sys.argv[1:]}))
