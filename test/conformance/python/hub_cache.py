"""Fetches files of a hub into its cache with huggingface_hub, or finds them there without a network."""

import hashlib
import json
import os
import sys

mode, endpoint, cache, *names = sys.argv[1:]
os.environ.update(
    HF_ENDPOINT=endpoint,
    HF_HUB_CACHE=cache,
    HF_HUB_OFFLINE="0" if mode == "fetch" else "1",
    HF_HUB_DISABLE_XET="1",
)
from huggingface_hub import hf_hub_download  # noqa: E402  (reads the environment when it is imported)

digests = {}
for name in names:
    with open(hf_hub_download("owner/name", name), "rb") as file:
        digests[name] = hashlib.sha256(file.read()).hexdigest()
print(json.dumps(digests))
