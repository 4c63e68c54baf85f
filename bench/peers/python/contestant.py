"""The side of a Python engine: asked and answering in lines of JSON, as the benchmark's other engines are in messages.

An engine is a function that opens what it runs; it gives a function that runs it once and returns its outputs, all of
them computed.
"""

import json
import os
import resource
import sys
import time

import numpy as np

MOST = 4096

# What others print is no answer.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def in_status(field):
    """A field of Linux's status file, in bytes; elsewhere there is none."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(f"{field}:"))
    except OSError:
        return None


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
    except OSError:
        pass  # Elsewhere what came before counts as well.


def peak_bytes():
    return in_status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def sample_of(output):
    flat = np.ravel(np.asarray(output))
    sizes = np.abs(flat)
    return {
        "size": flat.size,
        "values": flat[:: max(1, flat.size // MOST)].astype(float).tolist(),
        "largest": float(sizes.max()),
        "isFinite": bool(np.isfinite(sizes).all()),
    }


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def prepare(engine):
    idle = in_status("VmRSS")
    forget_peak()
    run, opening = timed(engine)
    opened = peak_bytes()
    forget_peak()
    outputs, first = timed(run)
    answer = {
        "kind": "prepared",
        "samples": [sample_of(output) for output in outputs],
        "firstSeconds": first,
        "coldSeconds": opening + first,
        "idleBytes": idle,
        "openingPeakBytes": max(opened, peak_bytes()),
    }
    return run, answer


def run_for(run, at_least):
    """As many runs as it takes to fill a time, one at least."""
    runs, seconds = 0, 0.0
    while runs == 0 or seconds < at_least:
        seconds += timed(run)[1]
        runs += 1
    return {"kind": "ran", "seconds": seconds / runs, "runs": runs}


def serve(engine):
    """Answers until nothing more is asked; what an engine throws is an answer too."""
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["kind"] == "prepare":
                run, answer = prepare(engine)
            elif request["kind"] == "run":
                answer = run_for(run, request["atLeast"])
            else:
                memory = {"peakBytes": peak_bytes(), "residentBytes": in_status("VmRSS")}
                answer = {"kind": "measured", **memory, "liveBytes": None}
        except Exception as error:  # whatever it is, it is why this engine cannot
            answer = {"kind": "failed", "reason": f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]}
        print(json.dumps(answer), file=answers, flush=True)
