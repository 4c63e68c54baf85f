"""Checks ONNX models with onnx's own checker and shape inference, and runs them in onnxruntime.

run_onnx.py FOLDER…: each has model.onnx and inputs.npz, named as the graph's inputs; outputs go to out.npz.
Prints as JSON, for each folder, what is wrong.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def problems(folder):
    path = str(folder / "model.onnx")
    onnx.checker.check_model(path, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(onnx.load(path, load_external_data=False), strict_mode=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    with np.load(folder / "inputs.npz") as inputs:
        outputs = session.run(None, {each.name: inputs[each.name] for each in session.get_inputs()})
    names = [each.name for each in session.get_outputs()]
    np.savez(folder / "out.npz", **dict(zip(names, outputs)))
    declared = {value.name: len(value.type.tensor_type.shape.dim) for value in inferred.graph.output}
    return [
        f"{name}: {declared.get(name)} axes inferred, {output.ndim} found"
        for name, output in zip(names, outputs)
        if declared.get(name) != output.ndim
    ]


found = {}
for folder in sys.argv[1:]:
    try:
        found[folder] = problems(pathlib.Path(folder))
    except Exception as error:  # whatever it is, it is what is wrong with this model
        found[folder] = [f"{type(error).__name__}: {error}".splitlines()[0][:300]]
print(json.dumps(found))
