"""Prints as JSON the versions of Python and of the packages that are named."""

import importlib.metadata
import json
import platform
import sys

print(json.dumps({"Python": platform.python_version(), **{name: importlib.metadata.version(name) for name in sys.argv[1:]}}))
