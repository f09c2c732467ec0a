"""XGBoost's random forest searched over its parameters; the other side of `bench/search.ts`.

usage: python forest_search.py ROWS.csv --target COLUMN [--categorical a,b] [--drop id] --folds 10

ROWS has one row an entity: features before any fitted preparation, the target, and a column `split` of `train` and
`test`; only training rows are read. Categories are one-hot encoded. Each line of its input is a JSON list of settings
of XGBRFClassifier, or `null` for ten that are drawn from a grid of its own; it is answered by one JSON line: seconds of
the cross-validated search, with the refit of the best, and the trees of all settings.
"""

import argparse
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from xgboost import XGBRFClassifier

warnings.filterwarnings("ignore")

THREADS = 2
TRIALS = 10
GRID = {
    "learning_rate": np.linspace(0.01, 1, 50),
    "gamma": [0, 0.5, 1],
    "min_child_weight": [1, 3, 6],
    "subsample": [0.5, 0.8, 1],
    "colsample_bytree": [0.3, 0.6, 0.9],
    "max_depth": list(range(3, 10)),
    "n_estimators": [50, 100, 200],
}


def names(text):
    return [name for name in text.split(",") if name]


def read(arguments):
    rows = pd.read_csv(arguments.rows, dtype={name: str for name in names(arguments.categorical)})
    rows = rows[rows["split"] == "train"]
    features = rows.drop(columns=[arguments.target, "split", *names(arguments.drop)])
    wide = pd.get_dummies(features, columns=names(arguments.categorical), drop_first=True)
    return wide.to_numpy(dtype=float), rows[arguments.target].to_numpy(dtype=int)


def search(x, y, settings, folds):
    model = XGBRFClassifier(random_state=42, n_jobs=THREADS)
    if settings is None:
        searched = RandomizedSearchCV(model, GRID, n_iter=TRIALS, cv=folds, random_state=42)
    else:
        points = [{name: [value] for name, value in point.items()} for point in settings]
        searched = GridSearchCV(model, points, cv=folds)
    begun = time.perf_counter()
    searched.fit(x, y)
    seconds = time.perf_counter() - begun
    trees = sum(int(point.get("n_estimators", 100)) for point in searched.cv_results_["params"])
    return {"seconds": seconds, "trials": len(searched.cv_results_["params"]), "trees": trees, "rows": len(y)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--target", required=True)
    parser.add_argument("--categorical", default="")
    parser.add_argument("--drop", default="")
    parser.add_argument("--folds", type=int, default=10)
    arguments = parser.parse_args()
    x, y = read(arguments)
    for line in sys.stdin:
        print(json.dumps(search(x, y, json.loads(line), arguments.folds)), flush=True)
