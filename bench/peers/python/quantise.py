"""onnxruntime's own quantiser: quantise.py IN OUT writes the model with dynamic int8 products, by its default settings."""

import logging
import sys

from onnxruntime.quantization import quantize_dynamic

logging.disable(logging.WARNING)
source, target = sys.argv[1:]
quantize_dynamic(source, target)
