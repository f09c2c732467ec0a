"""Trains scikit-learn's TF-IDF with logistic regression on exactly the reviews and the split that a benchmark of ours wrote.

usage: python reviews.py ROWS.csv

ROWS has a line a review: `title`, `text`, the index of its class as `label`, and `split` of `train` and `test`. Prints a
JSON object a peer: metrics on the test rows, F1 of each class and its fit seconds, the vectoriser's included.
"""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline, make_union

warnings.filterwarnings("ignore")


def words():
    return TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)


def characters():
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, max_features=50_000)


PEERS = {
    "scikit-learn words": words,
    "scikit-learn words and characters": lambda: make_union(words(), characters()),
}

frame = pd.read_csv(sys.argv[1], keep_default_na=False)
text = (frame.title + " . " + frame.text).to_numpy(dtype=object)
label = frame.label.to_numpy()
train = (frame.split == "train").to_numpy()

for name, vectoriser in PEERS.items():
    started = time.perf_counter()
    model = make_pipeline(vectoriser(), LogisticRegression(C=4, max_iter=500, class_weight="balanced"))
    model.fit(text[train], label[train])
    seconds = time.perf_counter() - started
    predicted = model.predict(text[~train])
    truth = label[~train]
    per_class = f1_score(truth, predicted, average=None, labels=np.unique(label))
    print(
        json.dumps(
            {
                "peer": name,
                "fitSeconds": seconds,
                "accuracy": accuracy_score(truth, predicted),
                "f1Macro": f1_score(truth, predicted, average="macro"),
                **{f"f1 of class {k}": float(value) for k, value in enumerate(per_class)},
            }
        )
    )
