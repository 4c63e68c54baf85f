"""A training step's model, written down as a list of operations, with its parameters and its batch.

FOLDER has program.json, a list of [operation, number of the result, arguments], and arrays.npz; `../../withPeers/steps.ts`
writes both. An operation's arguments are numbers, lists and {"value": number of an earlier result}.
"""

import json

import numpy as np


class Program:
    def __init__(self, folder):
        known = json.loads((folder / "program.json").read_text())
        self.lines, self.output, self.loss = known["lines"], known["output"], known["loss"]
        arrays = np.load(folder / "arrays.npz")
        self.params = {name: arrays[f"param/{name}"] for name in known["params"]}
        self.constants = [arrays[f"constant/{i}"] for i in range(known["constants"])]
        self.batch = [arrays[f"input/{i}"] for i in range(known["inputs"])]

    def __call__(self, ops, param, constants, inputs):
        """The model's output: its operations by `ops`, its parameters by name."""
        values = dict(enumerate(inputs))

        def argument(x):
            if isinstance(x, dict):
                return values[x["value"]]
            return [argument(each) for each in x] if isinstance(x, list) else x

        for name, number, args in self.lines:
            if name == "param":
                values[number] = param(args[0])
            elif name == "constant":
                values[number] = constants[args[0]]
            else:
                values[number] = getattr(ops, name)(*map(argument, args))
        return values[self.output]


def steps_of(step):
    """What a contestant runs: two steps before, so that its first outputs are the losses of three."""
    losses = [float(step()), float(step())]

    def run():
        loss = step()
        return [np.array([*losses, float(loss)], np.float32)]

    return run
