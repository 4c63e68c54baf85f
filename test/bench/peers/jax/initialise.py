"""The language model's parameters by seed, drawn by JAX on the CPU in one compiled function.

Asked and answering in lines of JSON, as the benchmark's other engines are in messages. The first argument is a file that
lists the parameters in Haiku's order: shape, kind of leaf, and which key of Haiku's sequence draws it, if any.
"""

import json
import math
import resource
import sys
import time

import jax
import jax.numpy as jnp

MOST = 4096


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def stddev(kind, shape):
    """Haiku's initialisers as the model uses them."""
    if kind == "w":
        return 1 / math.sqrt(shape[0]) / 0.87962566103423978
    return 1.0 if kind == "embeddings" else 0.02


def draw(key, kind, shape):
    if key is None:
        return jnp.full(shape, 1.0 if kind == "scale" else 0.0, jnp.float32)
    return stddev(kind, shape) * jax.random.truncated_normal(key, -2, 2, shape, jnp.float32)


def initialise(model):
    def draw_all(key):
        keys = []
        for _ in range(model["draws"]):
            key, sub = jax.random.split(key)
            keys.append(sub)
        key_of = lambda number: None if number is None else keys[number]
        return [draw(key_of(each["draw"]), each["kind"], each["shape"]) for each in model["params"]]

    return draw_all


def sample_of(array):
    flat = jnp.ravel(array)
    step = max(1, flat.size // MOST)
    return {
        "size": flat.size,
        "values": [float(value) for value in flat[::step]],
        "largest": float(jnp.max(jnp.abs(flat))),
        "isFinite": bool(jnp.all(jnp.isfinite(flat))),
    }


def main(path, compiles_each_time):
    with open(path) as file:
        model = json.load(file)
    draw_all = jax.jit(initialise(model))
    key = jax.random.key(model["seed"])
    idle = resident_bytes()

    def run():
        if compiles_each_time:
            jax.clear_caches()
        return jax.block_until_ready(draw_all(key))

    for line in sys.stdin:
        request = json.loads(line)
        if request["kind"] == "prepare":
            start = time.perf_counter()
            arrays = run()
            seconds = time.perf_counter() - start
            samples = [sample_of(array) for array in arrays]
            answer = {"kind": "prepared", "samples": samples, "firstSeconds": seconds, "idleBytes": idle}
        elif request["kind"] == "run":
            runs, seconds = 0, 0.0
            while runs == 0 or seconds < request["atLeast"]:
                start = time.perf_counter()
                run()
                seconds += time.perf_counter() - start
                runs += 1
            answer = {"kind": "ran", "seconds": seconds / runs, "runs": runs}
        else:
            answer = {"kind": "measured", "peakBytes": peak_bytes(), "liveBytes": None}
        print(json.dumps(answer), flush=True)


main(sys.argv[1], sys.argv[2:] == ["--compile-each-time"])
