"""Writes scikitLearn.json: figures of made predictions by scikit-learn, against which metrics are held.

Run with scikit-learn and NumPy: python test/data/scikitLearn.py > test/data/scikitLearn.json
"""

import json

import numpy as np
import sklearn.metrics as m

rng = np.random.default_rng(3)
n, c = 97, 5
labels = rng.integers(0, c, n)
logits = (rng.normal(size=(n, c)) + np.eye(c)[labels]).round(1)
there = rng.random((n, c)) < .3
found = logits.argmax(1)
yes, no = there[:, 0].astype(int), (logits[:, 0] > 0).astype(int)

print(json.dumps({
    'labels': labels.tolist(),
    'logits': logits.tolist(),
    'there': there.astype(int).tolist(),
    'accuracy': m.accuracy_score(labels, found),
    'top2': m.top_k_accuracy_score(labels, logits + -1e-6 * np.arange(c), k=2),
    'meanAveragePrecision': m.average_precision_score(there, logits, average='macro'),
    'matthews': m.matthews_corrcoef(labels, found),
    'matthewsOfTwo': m.matthews_corrcoef(yes, no),
    'f1': m.f1_score(yes, no),
    'pearson': float(np.corrcoef(logits[:, 0], logits[:, 1])[0, 1]),
}))
