"""Reads configurations of models by Triton's own schema: python read_triton.py CONFIG..."""

import json
import sys
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

problems = {}
for name in sys.argv[1:]:
    try:
        config = text_format.Parse(Path(name).read_text(), model_config_pb2.ModelConfig())
        if not (config.name and config.backend == "onnxruntime" and config.input and config.output):
            problems[name] = "lacks a name, the backend, inputs or outputs"
        if (config.max_batch_size > 0) != config.HasField("dynamic_batching"):
            problems[name] = "joins requests without a batch, or has a batch and does not"
    except text_format.ParseError as error:
        problems[name] = str(error)
print(json.dumps(problems))
